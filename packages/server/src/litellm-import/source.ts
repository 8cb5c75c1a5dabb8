import { sql } from 'kysely'
import type { RawBuilder, Transaction } from 'kysely'
import type { Database } from '../store/database.ts'
import type { Schema } from '../store/schema.ts'
import { isMap } from './columns.ts'
import type { LitellmRow } from './columns.ts'

/** LiteLLM's database as it was at one moment; nothing in it is changed. */
export interface Source {
  readonly tables: ReadonlySet<string>
  /** How many rows a table has, up to `COUNTED_TO`. */
  readonly count: (table: string) => Promise<number>
  /** The rows in the order of a column that tells them apart; none where there is no such table. */
  readonly rows: (table: string, id: string) => AsyncIterable<readonly LitellmRow[]>
  readonly all: (table: string) => Promise<readonly LitellmRow[]>
  /** A table of daily sums, day by day, rows that differ in nothing that is kept here added up. */
  readonly days: (table: string, entity: string) => AsyncIterable<readonly LitellmDay[]>
}

/** What somebody used on a day. */
export interface LitellmDay {
  /** `2026-11-27` */
  readonly date: string
  /** Empty: nobody. */
  readonly entity: string
  readonly key_hash: string
  readonly model: string
  readonly model_group: string
  readonly provider: string
  readonly endpoint: string
  /** Exact decimal text. */
  readonly spend: string
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly requests: number
  readonly successful_requests: number
  readonly failed_requests: number
}

export const COUNTED_TO = 10_000

const ROWS_AT_ONCE = 500

/** Reads LiteLLM's tables for as long as `work` takes. */
export async function withSource<T>(database: Database, work: (source: Source) => Promise<T>): Promise<T> {
  return await database.kysely
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => await work(sourceOf(trx, await tablesIn(trx))))
}

async function tablesIn(trx: Transaction<Schema>): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_name like 'LiteLLM\\_%'`.execute(trx)
  return new Set(rows.map(({ name }) => name))
}

/** Rows are read as JSON, so that no column has to be known. */
function sourceOf(trx: Transaction<Schema>, tables: ReadonlySet<string>): Source {
  const read = async (query: ReturnType<typeof sql<{ row: string }>>): Promise<LitellmRow[]> => {
    const { rows } = await query.execute(trx)
    return rows.map(({ row }) => JSON.parse(row) as unknown).filter(isMap)
  }
  const source: Source = {
    tables,
    count: async (table) => {
      if (!tables.has(table)) return 0
      const { rows } = await sql<{ count: number }>`
        select count(*) as count from (select 1 from ${sql.id(table)} limit ${COUNTED_TO}) as rows`.execute(
        trx,
      )
      return rows[0]?.count ?? 0
    },
    rows: async function* (table, id) {
      if (!tables.has(table)) return
      const column = sql.id(id)
      let after = sql`true`
      for (;;) {
        const rows = await read(sql<{ row: string }>`
          select row_to_json(rows)::text as row from (
            select * from ${sql.id(table)} where ${after} order by ${column} limit ${ROWS_AT_ONCE}
          ) as rows`)
        if (rows.length > 0) yield rows
        if (rows.length < ROWS_AT_ONCE) return
        after = sql`${column} > ${rows.at(-1)?.[id]}`
      }
    },
    all: async (table) =>
      tables.has(table)
        ? await read(
            sql<{ row: string }>`select row_to_json(rows)::text as row from ${sql.id(table)} as rows`,
          )
        : [],
    days: async function* (table, entity) {
      if (tables.has(table)) yield* daysIn(trx, table, entity)
    },
  }
  return source
}

async function* daysIn(
  trx: Transaction<Schema>,
  table: string,
  entity: string,
): AsyncGenerator<readonly LitellmDay[]> {
  const dates = await sql<{ date: string }>`
    select distinct "date" as date from ${sql.id(table)} order by 1`.execute(trx)
  // As JSON a column that this release does not have is empty.
  const text = (name: string): RawBuilder<string> => sql`coalesce(row ->> ${sql.lit(name)}, '')`
  const sum = (name: string): RawBuilder<number> => sql`coalesce(sum((row ->> ${sql.lit(name)})::numeric), 0)`
  for (const { date } of dates.rows) {
    const { rows } = await sql<LitellmDay>`
      select ${date}::text as date, ${text(entity)} as entity, ${text('api_key')} as key_hash,
        ${text('model')} as model, ${text('model_group')} as model_group,
        ${text('custom_llm_provider')} as provider, ${text('endpoint')} as endpoint,
        ${sum('spend')}::text as spend,
        ${sum('prompt_tokens')}::bigint as input_tokens,
        ${sum('completion_tokens')}::bigint as output_tokens,
        ${sum('cache_read_input_tokens')}::bigint as cache_read_tokens,
        ${sum('cache_creation_input_tokens')}::bigint as cache_write_tokens,
        ${sum('api_requests')}::bigint as requests,
        ${sum('successful_requests')}::bigint as successful_requests,
        ${sum('failed_requests')}::bigint as failed_requests
      from (select to_jsonb(days) as row from ${sql.id(table)} as days where days."date" = ${date}) as rows
      group by 2, 3, 4, 5, 6, 7`.execute(trx)
    yield rows
  }
}
