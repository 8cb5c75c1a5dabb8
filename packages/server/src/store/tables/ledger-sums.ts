import type { Selectable } from 'kysely'
import type { Database, Queries } from '../database.ts'
import type { BalanceRow, DailySpendRow } from '../schema.ts'
import { insertRows } from './bulk.ts'
import type { BulkInsert } from './bulk.ts'
import { DAILY_SUMS } from './daily-totals.ts'

const dailyKey = [
  'scope_kind',
  'scope_id',
  'day',
  'key_hash',
  'model',
  'model_group',
  'provider',
  'endpoint',
] as const
const balanceKey = ['scope_kind', 'scope_id', 'window_id'] as const

/** What is added to a balance, and when. */
export type BalanceSums = Omit<BalanceRow, 'started_pico_usd'>

const daily: BulkInsert<DailySpendRow> = {
  table: 'daily_spend',
  columns: [...dailyKey, ...DAILY_SUMS],
  ending: `on conflict (${dailyKey.join(', ')}) do update set ${DAILY_SUMS.map(plus('daily_spend')).join(', ')}`,
}

/**
 * How the endpoint of a day's row begins that another gateway has summed up: no entry stands behind it, and what that
 * gateway says later takes its place.
 */
export const FOREIGN_ENDPOINT = 'litellm:'

const foreignDaily: BulkInsert<DailySpendRow> = {
  ...daily,
  ending: `on conflict (${dailyKey.join(', ')}) do update set ${DAILY_SUMS.map(
    (column) => `${column} = excluded.${column}`,
  ).join(', ')}`,
}

const balances: BulkInsert<BalanceSums> = {
  table: 'balances',
  columns: [...balanceKey, 'settled_pico_usd', 'requests', 'tokens', 'updated_ms'],
  ending: `on conflict (${balanceKey.join(', ')}) do update set ${['settled_pico_usd', 'requests', 'tokens']
    .map(plus('balances'))
    .join(', ')}, updated_ms = excluded.updated_ms`,
}

/** What a balance begins with, and since when that is known. */
export type BalanceStart = Pick<
  Selectable<BalanceRow>,
  'scope_kind' | 'scope_id' | 'window_id' | 'started_pico_usd' | 'updated_ms'
>

const starts: BulkInsert<Selectable<BalanceRow>> = {
  table: 'balances',
  columns: [...balanceKey, 'settled_pico_usd', 'started_pico_usd', 'requests', 'tokens', 'updated_ms'],
  ending: `on conflict (${balanceKey.join(', ')}) do update set
    settled_pico_usd = balances.settled_pico_usd - balances.started_pico_usd + excluded.started_pico_usd,
    started_pico_usd = excluded.started_pico_usd, updated_ms = excluded.updated_ms`,
}

function plus(table: string): (column: string) => string {
  return (column) => `${column} = ${table}.${column} + excluded.${column}`
}

/**
 * Adds to the sums of days. Rows are unique and in one order for all who write (`byKey`), so that two who add to
 * the same sums wait for each other and never in a circle.
 */
export async function addToDailySpend(
  queries: Queries,
  dialect: Database['dialect'],
  rows: readonly DailySpendRow[],
): Promise<void> {
  await insertRows(queries, dialect, daily, rows.toSorted(byKey(dailyKey)))
}

/** Writes sums of days that another gateway has made, over what it said before. Rows are unique. */
export async function writeForeignDays(
  queries: Queries,
  dialect: Database['dialect'],
  rows: readonly DailySpendRow[],
): Promise<void> {
  const marked = rows.map((row) => ({ ...row, endpoint: `${FOREIGN_ENDPOINT}${row.endpoint}` }))
  await insertRows(queries, dialect, foreignDaily, marked.toSorted(byKey(dailyKey)))
}

/** Adds to balances; as for the sums of days. */
export async function addToBalances(
  queries: Queries,
  dialect: Database['dialect'],
  rows: readonly BalanceSums[],
): Promise<void> {
  await insertRows(queries, dialect, balances, rows.toSorted(byKey(balanceKey)))
}

/**
 * Lets balances begin with an amount, in place of what they began with before. Counters that have read a balance
 * already do not hear of it.
 */
export async function startBalances(
  queries: Queries,
  dialect: Database['dialect'],
  rows: readonly BalanceStart[],
): Promise<void> {
  const begun = rows.map((row) => ({
    ...row,
    settled_pico_usd: row.started_pico_usd,
    requests: 0,
    tokens: 0,
  }))
  await insertRows(queries, dialect, starts, begun.toSorted(byKey(balanceKey)))
}

function byKey<Row>(columns: readonly (keyof Row)[]): (one: Row, other: Row) => number {
  return (one, other) => {
    for (const column of columns) {
      if (one[column] < other[column]) return -1
      if (one[column] > other[column]) return 1
    }
    return 0
  }
}
