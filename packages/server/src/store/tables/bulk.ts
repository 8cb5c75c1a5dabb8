import { CompiledQuery } from 'kysely'
import type { Database, Queries } from '../database.ts'
import { manyRowsQuery } from '../dialects/many-rows.ts'
import type { Schema } from '../schema.ts'

/** A way to insert many rows into a table, prepared once. */
export interface BulkInsert<Row> {
  readonly table: keyof Schema
  readonly columns: readonly (keyof Row & string)[]
  /** What follows: `on conflict …`. */
  readonly ending: string
}

/**
 * Inserts rows many times faster than the query builder, which makes a node of every value. Characters that
 * PostgreSQL cannot hold are replaced, in both databases.
 */
export async function insertRows<Row extends object>(
  queries: Queries,
  dialect: Database['dialect'],
  insert: BulkInsert<Row>,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  if (dialect === 'sqlite') await insertIntoSqlite(queries, insert, rows)
  else await queries.executeQuery(CompiledQuery.raw(postgresText(insert), [jsonOf(rows)]))
}

/** As `insertRows`, and gives what the rows that were not there before hold in one of their columns. */
export async function insertNewRows<Row extends object, Column extends keyof Row & string>(
  queries: Queries,
  dialect: Database['dialect'],
  insert: BulkInsert<Row>,
  rows: readonly Row[],
  column: Column,
): Promise<Set<Row[Column]>> {
  const added = new Set<Row[Column]>()
  if (rows.length === 0) return added
  if (dialect === 'sqlite') {
    for (const place of await insertIntoSqlite(queries, insert, rows)) {
      const row = rows[place]
      if (row !== undefined) added.add(row[column])
    }
    return added
  }
  const text = `${postgresText(insert)} returning ${column}`
  const result = await queries.executeQuery<Pick<Row, Column>>(CompiledQuery.raw(text, [jsonOf(rows)]))
  for (const row of result.rows) added.add(row[column])
  return added
}

/** One parameter for all rows is what PostgreSQL is quickest with. */
function postgresText<Row>({ table, columns, ending }: BulkInsert<Row>): string {
  const names = columns.join(', ')
  return `insert into ${table} (${names}) select ${names} from json_populate_recordset(null::${table}, $1) ${ending}`
}

function jsonOf(rows: readonly object[]): string {
  return JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : printable(value),
  )
}

async function insertIntoSqlite<Row extends object>(
  queries: Queries,
  insert: BulkInsert<Row>,
  rows: readonly Row[],
): Promise<number[]> {
  const { columns } = insert
  const values = rows.map((row) => columns.map((column) => printable(row[column])))
  const { rows: changed } = await queries.executeQuery<number>(manyRowsQuery(sqliteText(insert), values))
  return changed
}

/** SQLite finds what it has prepared by its text. */
const sqliteTexts = new WeakMap<object, string>()

function sqliteText<Row>(insert: BulkInsert<Row>): string {
  const known = sqliteTexts.get(insert)
  if (known !== undefined) return known
  const { table, columns, ending } = insert
  const text = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')}) ${ending}`
  sqliteTexts.set(insert, text)
  return text
}

function printable(value: unknown): unknown {
  if (typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'))) return value
  return value.toWellFormed().replaceAll('\0', '\uFFFD')
}
