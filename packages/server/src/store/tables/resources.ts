import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type {
  BudgetData,
  CustomerData,
  KeyData,
  OrganizationData,
  TagData,
  TeamData,
  UserData,
} from '../data.ts'
import type { Queries } from '../database.ts'
import type { ResourceRow, Schema } from '../schema.ts'
import { storeError } from '../store-error.ts'
import { matching } from './filter.ts'
import type { Filter } from './filter.ts'

/** What `data` holds, by table. */
interface ResourceData {
  keys: KeyData
  teams: TeamData
  users: UserData
  organizations: OrganizationData
  customers: CustomerData
  budgets: BudgetData
  tags: TagData
  models: Readonly<Record<string, unknown>>
  credentials: Readonly<Record<string, unknown>>
}

export type ResourceTableName = keyof ResourceData

/** A row with its `data` read. */
export type Resource<T extends ResourceTableName> = Omit<Schema[T], 'data'> & { data: ResourceData[T] }

type Column<T extends ResourceTableName> = Exclude<keyof Schema[T] & string, 'data'>

export interface ListQuery<T extends ResourceTableName> {
  /** All conditions of one filter; of a list, any of the filters. Left out: every row. */
  readonly where?: Filter<Omit<Schema[T], 'data'>> | readonly Filter<Omit<Schema[T], 'data'>>[] | undefined
  /** The newest first when left out. Rows alike are ordered by id. */
  readonly orderBy?: Column<T> | undefined
  readonly direction?: 'asc' | 'desc' | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** Every query runs in what it is given: `database.kysely`, or a transaction. */
export interface ResourceTable<T extends ResourceTableName> {
  readonly name: T
  /** @throws `already_exists` */
  insert: (queries: Queries, resource: Resource<T>) => Promise<void>
  get: (queries: Queries, id: string) => Promise<Resource<T> | undefined>
  /** Those that are there, by id. */
  getMany: (queries: Queries, ids: readonly string[]) => Promise<Map<string, Resource<T>>>
  /**
   * Writes the whole row over the version that was read, and gives it with its new version.
   *
   * @throws `changed_meanwhile` when that version is no longer there; `already_exists`.
   */
  update: (queries: Queries, resource: Resource<T>) => Promise<Resource<T>>
  /** How many were there. */
  delete: (queries: Queries, ids: readonly string[]) => Promise<number>
  list: (queries: Queries, query?: ListQuery<T>) => Promise<Resource<T>[]>
  count: (queries: Queries, where?: ListQuery<T>['where']) => Promise<number>
}

/** SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const IDS_AT_ONCE = 1000

export function resourceTable<T extends ResourceTableName>(name: T): ResourceTable<T> {
  const table = name as typeof anyTable
  const read = (row: ResourceRow): Resource<T> =>
    ({ ...row, data: JSON.parse(row.data) as unknown }) as Resource<T>
  const write = (resource: Resource<T>): ResourceRow =>
    ({ ...resource, data: JSON.stringify(resource.data) }) as ResourceRow

  return {
    name,
    insert: async (queries, resource) => {
      await common(queries).insertInto(table).values(write(resource)).execute()
    },
    get: async (queries, id) => {
      const row = await common(queries).selectFrom(table).selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? undefined : read(row)
    },
    getMany: async (queries, ids) => {
      const found = new Map<string, Resource<T>>()
      for (const some of chunks(ids)) {
        const rows = await common(queries).selectFrom(table).selectAll().where('id', 'in', some).execute()
        for (const row of rows) found.set(row.id, read(row))
      }
      return found
    },
    update: async (queries, resource) => {
      const { id, version } = resource
      const next = { ...resource, version: version + 1 }
      const { numUpdatedRows } = await common(queries)
        .updateTable(table)
        .set(write(next))
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirst()
      if (numUpdatedRows === 0n)
        throw storeError(
          'changed_meanwhile',
          `Somebody changed or deleted ${id} of ${name} meanwhile. Read it again.`,
        )
      return next
    },
    delete: async (queries, ids) => {
      let deleted = 0
      for (const some of chunks(ids)) {
        const { numDeletedRows } = await common(queries)
          .deleteFrom(table)
          .where('id', 'in', some)
          .executeTakeFirst()
        deleted += Number(numDeletedRows)
      }
      return deleted
    },
    list: async (queries, { where, orderBy = 'created_ms', direction = 'desc', limit, offset } = {}) => {
      let query = common(queries)
        .selectFrom(table)
        .selectAll()
        .where(matching(where))
        .orderBy(sql.ref(orderBy), (order) => (direction === 'asc' ? order.asc() : order.desc()).nullsLast())
        .orderBy('id', direction)
      if (limit !== undefined) query = query.limit(limit)
      if (offset !== undefined) query = query.offset(offset)
      return (await query.execute()).map(read)
    },
    count: async (queries, where) => {
      const { count } = await common(queries)
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where(matching(where))
        .executeTakeFirstOrThrow()
      return count
    },
  }
}

/** The types of queries see one table, with the columns that all have. */
const anyTable = 'keys'
function common(queries: Queries): Kysely<{ [anyTable]: ResourceRow }> {
  return queries as Kysely<{ [anyTable]: ResourceRow }>
}

function* chunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) yield ids.slice(from, from + IDS_AT_ONCE)
}
