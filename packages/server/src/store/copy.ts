import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Database } from './database.ts'
import { ensureLogPartitions } from './log-partitions.ts'
import type { Schema } from './schema.ts'

const ROWS_AT_ONCE = 500

export interface CopiedTable {
  readonly table: string
  readonly rows: number
}

/**
 * Copies every row of an embedded database into another one: all of them or, when something is wrong, none. Both have
 * the tables of this release; nobody writes to the source meanwhile.
 *
 * @throws Error when the target holds rows already.
 */
export async function copyDatabase(source: Database, target: Database): Promise<CopiedTable[]> {
  const tables = await tablesOf(source)
  const days = await source.kysely.selectFrom('request_logs').select('day').distinct().execute()
  await ensureLogPartitions(
    target,
    days.map(({ day }) => day),
  )
  return await target.transaction(async (trx) => {
    const copied: CopiedTable[] = []
    for (const table of tables) {
      await refuseWhereRowsAre(table, trx, target.place)
      copied.push({ table, rows: await copyTable(table, source, trx) })
    }
    return copied
  })
}

async function tablesOf({ kysely }: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_schema
    where type = 'table' and name <> 'schema_migrations' and name not like 'sqlite_%' order by name`.execute(
    kysely,
  )
  return rows.map(({ name }) => name)
}

async function refuseWhereRowsAre(table: string, trx: Transaction<Schema>, place: string): Promise<void> {
  const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(trx)
  if (rows.length > 0)
    throw new Error(`${place} holds rows in ${table} already. Copy into a database that nobody has used yet.`)
}

/** Page by page, in the order of the primary key, which every table has. */
async function copyTable(table: string, { kysely }: Database, trx: Transaction<Schema>): Promise<number> {
  const key = await primaryKeyOf(table, kysely)
  const columns = sql.join(key.map((column) => sql.ref(column)))
  let count = 0
  for (let rest = sql`true`; ;) {
    const { rows } = await sql<Record<string, unknown>>`
      select * from ${sql.table(table)} where ${rest} order by ${columns} limit ${ROWS_AT_ONCE}`.execute(
      kysely,
    )
    const last = rows.at(-1)
    if (last === undefined) return count
    rest = sql`(${columns}) > (${sql.join(key.map((column) => last[column]))})`
    count += rows.length
    await insert(table, rows, trx)
  }
}

async function primaryKeyOf(table: string, kysely: Database['kysely']): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from pragma_table_info(${table}) where pk > 0 order by pk`.execute(kysely)
  return rows.map(({ name }) => name)
}

async function insert(
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  trx: Transaction<Schema>,
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`)
  await sql`insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    values ${sql.join(values)}`.execute(trx)
}
