import { CompiledQuery } from 'kysely'
import type { Database, Queries } from '../database.ts'
import type { Schema } from '../schema.ts'

/** SQLite is quickest when a statement has few rows; PostgreSQL when it has one parameter for all. */
const SQLITE_ROWS = 20

/** A way to insert many rows into a table, prepared once. */
export interface BulkInsert<Row> {
  readonly table: keyof Schema
  readonly columns: readonly (keyof Row & string)[]
  /** What follows: `on conflict …`, `returning …`. */
  readonly ending: string
}

/**
 * Inserts rows many times faster than the query builder, which makes a node of every value. Characters that
 * PostgreSQL cannot hold are replaced, in both databases.
 *
 * @returns what a `returning` gives.
 */
export async function insertRows<Row extends object, Returned = never>(
  queries: Queries,
  dialect: Database['dialect'],
  insert: BulkInsert<Row>,
  rows: readonly Row[],
): Promise<Returned[]> {
  if (rows.length === 0) return []
  if (dialect === 'postgres') {
    const result = await queries.executeQuery<Returned>(
      CompiledQuery.raw(postgresText(insert), [JSON.stringify(rows, printable)]),
    )
    return result.rows
  }
  const returned: Returned[] = []
  for (let start = 0; start < rows.length; start += SQLITE_ROWS) {
    const some = rows.slice(start, start + SQLITE_ROWS)
    const values: unknown[] = []
    for (const row of some) for (const column of insert.columns) values.push(printable(column, row[column]))
    const result = await queries.executeQuery<Returned>(
      CompiledQuery.raw(sqliteText(insert, some.length), values),
    )
    returned.push(...result.rows)
  }
  return returned
}

function postgresText<Row>({ table, columns, ending }: BulkInsert<Row>): string {
  const names = columns.join(', ')
  return `insert into ${table} (${names}) select ${names} from json_populate_recordset(null::${table}, $1) ${ending}`
}

/** Texts of some kilobytes, made once for each number of rows: SQLite finds what it has prepared by them. */
const sqliteTexts = new WeakMap<object, string[]>()

function sqliteText<Row>(insert: BulkInsert<Row>, rows: number): string {
  let texts = sqliteTexts.get(insert)
  if (texts === undefined) sqliteTexts.set(insert, (texts = []))
  return (texts[rows] ??= renderSqlite(insert, rows))
}

function renderSqlite<Row>({ table, columns, ending }: BulkInsert<Row>, rows: number): string {
  const row = `(${columns.map(() => '?').join(', ')})`
  return `insert into ${table} (${columns.join(', ')}) values ${Array.from({ length: rows }, () => row).join(', ')} ${ending}`
}

function printable(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'))) return value
  return value.toWellFormed().replaceAll('\0', '\uFFFD')
}
