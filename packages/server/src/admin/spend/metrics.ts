import { usdFromPicoUsd } from '@switchyard/llm/kit'
import { addTotals } from '../../ledger/reports/daily.ts'
import type { DailyTotals } from '../../store/tables/daily-totals.ts'

/** LiteLLM's `SpendMetrics`: US dollars and counts. */
export interface SpendMetrics {
  readonly spend: number
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly cache_read_input_tokens: number
  readonly cache_creation_input_tokens: number
  readonly total_tokens: number
  readonly successful_requests: number
  readonly failed_requests: number
  readonly api_requests: number
}

export function renderMetrics(totals: DailyTotals): SpendMetrics {
  return {
    spend: usdFromPicoUsd(totals.cost_pico_usd),
    prompt_tokens: totals.input_tokens,
    completion_tokens: totals.output_tokens,
    cache_read_input_tokens: totals.cache_read_tokens,
    cache_creation_input_tokens: totals.cache_write_tokens,
    total_tokens: totals.input_tokens + totals.output_tokens,
    successful_requests: totals.successful_requests,
    failed_requests: totals.failed_requests,
    api_requests: totals.requests,
  }
}

/** Totals by name, exact until they are rendered. */
export type Tally = Map<string, DailyTotals>

export function tally(into: Tally, name: string, totals: DailyTotals): void {
  const before = into.get(name)
  into.set(name, before === undefined ? totals : addTotals([before, totals]))
}
