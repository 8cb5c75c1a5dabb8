import type { Principal } from '../auth/principal.ts'
import type { Queries } from '../store/database.ts'
import type { Change } from '../store/changes.ts'
import { insertAudit } from '../store/tables/audit.ts'
import { resourceTable } from '../store/tables/resources.ts'
import type { Resource, ResourceTableName } from '../store/tables/resources.ts'
import { auditRow } from './audit.ts'
import type { AuditAction } from './audit.ts'

/** The columns of one table alone, its id and its data. */
export type Own<T extends ResourceTableName> = Omit<
  Resource<T>,
  'created_ms' | 'created_by' | 'updated_ms' | 'updated_by' | 'version'
>

/** One request's changes: all of them happen or none, and each is written down with who made it. */
export interface Work {
  readonly db: Queries
  readonly principal: Principal
  readonly nowMs: number
  readonly newId: () => string
  /** `origin`: when and by whom it was made, for what only takes another id. @throws `already_exists` */
  insert: <T extends ResourceTableName>(table: T, row: Own<T>, origin?: Origin) => Promise<Resource<T>>
  /** Makes a user unless somebody else did at the same moment. Undefined: the id or the address is taken. */
  insertUser: (row: Own<'users'>) => Promise<Resource<'users'> | undefined>
  /** @throws 409 `version_conflict` when it was changed since `before` was read. */
  update: <T extends ResourceTableName>(
    table: T,
    before: Resource<T>,
    change: Partial<Own<T>>,
    action?: AuditAction,
  ) => Promise<Resource<T>>
  remove: <T extends ResourceTableName>(table: T, rows: readonly Resource<T>[]) => Promise<void>
  /** Writes down a change of what hangs on a row without being in it, such as the members of a team. */
  note: (table: ResourceTableName, id: string, before: unknown, after: unknown) => Promise<void>
  /** Lets the rest of the gateway hear, when all is done, that it is different now. */
  touch: (table: ResourceTableName, id: string) => void
}

export interface Origin {
  readonly created_ms: number
  readonly created_by: string | null
}

export interface WorkInput {
  readonly db: Queries
  readonly principal: Principal
  readonly nowMs: number
  readonly newId: () => string
  readonly requestId: string
  readonly changedBy?: string | undefined
  readonly tell: (change: Change) => void
}

export function createWork(input: WorkInput): Work {
  const { db, principal, nowMs, newId } = input
  const touch = (table: ResourceTableName, id: string): void => input.tell({ kind: kindOf(table), id })
  const actor = principal.userId ?? principal.keyHash
  const madeNow = { created_ms: nowMs, created_by: actor, updated_ms: nowMs, updated_by: actor, version: 1 }

  const record = async (
    table: ResourceTableName,
    id: string,
    action: AuditAction,
    before: unknown,
    after: unknown,
  ): Promise<void> => {
    touch(table, id)
    const row = auditRow(
      { kind: kindOf(table), id, action, before, after },
      { ...input, id: newId(), atMs: nowMs },
    )
    await insertAudit(db, [row])
  }

  return {
    db,
    principal,
    nowMs,
    newId,
    touch,
    insert: async <T extends ResourceTableName>(table: T, row: Own<T>, origin?: Origin) => {
      const resource = {
        ...row,
        ...madeNow,
        ...origin,
        data: withoutNulls(row.data),
      } as unknown as Resource<T>
      await resourceTable(table).insert(db, resource)
      await record(table, resource.id, 'created', undefined, resource)
      return resource
    },
    insertUser: async (row) => {
      const user = { ...row, ...madeNow, data: withoutNulls(row.data) }
      const { numInsertedOrUpdatedRows: inserted } = await db
        .insertInto('users')
        .values({ ...user, data: JSON.stringify(user.data) })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (inserted !== 1n) return undefined
      await record('users', user.id, 'created', undefined, user)
      return user
    },
    update: async (table, before, change, action = 'updated') => {
      const changed = { ...before, ...change, updated_ms: nowMs, updated_by: actor }
      const after = await resourceTable(table).update(db, { ...changed, data: withoutNulls(changed.data) })
      await record(table, before.id, action, before, after)
      return after
    },
    remove: async (table, rows) => {
      await resourceTable(table).delete(
        db,
        rows.map(({ id }) => id),
      )
      for (const row of rows) await record(table, row.id, 'deleted', row, undefined)
    },
    note: async (table, id, before, after) => await record(table, id, 'updated', before, after),
  }
}

/** A field that is null sets nothing: it need not be kept. */
function withoutNulls<Data extends object>(data: Data): Data {
  const kept = Object.entries(data).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(kept) as Data
}

/** `key` for a row of `keys`: so changes and audits name it. */
function kindOf(table: ResourceTableName): string {
  return table.slice(0, -1)
}
