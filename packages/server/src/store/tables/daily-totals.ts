import type { DailySpendRow } from '../schema.ts'

/** What tells one row of a day from another. */
type DailyKey =
  | 'scope_kind'
  | 'scope_id'
  | 'day'
  | 'key_hash'
  | 'model'
  | 'model_group'
  | 'provider'
  | 'endpoint'

/** What is summed of a day. */
export type DailyTotals = Omit<DailySpendRow, DailyKey>

/** Its columns. */
export const DAILY_SUMS: readonly (keyof DailyTotals)[] = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cost_pico_usd',
  'requests',
  'successful_requests',
  'failed_requests',
  'rate_limited_requests',
  'cached_requests',
  'cached_output_tokens',
]

/** Nothing yet. */
export const NO_TOTALS: DailyTotals = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_pico_usd: 0n,
  requests: 0,
  successful_requests: 0,
  failed_requests: 0,
  rate_limited_requests: 0,
  cached_requests: 0,
  cached_output_tokens: 0,
}
