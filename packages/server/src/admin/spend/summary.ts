import { usdFromPicoUsd } from '@switchyard/llm/kit'
import type { DailySum } from '../../ledger/reports/daily.ts'
import { dayText } from './period.ts'
import type { Period } from './period.ts'

/** Exact until it is rendered. */
type Amounts = Map<string, bigint>

interface Day {
  spend: bigint
  readonly keys: Amounts
  readonly users: Amounts
  readonly models: Amounts
}

/**
 * What LiteLLM's `/spend/logs` gives for a period: a row for each day that something was spent on, and for the days
 * from the last of them to the end, with the spend of each key under its hash.
 */
export function summarizeDays(
  rows: readonly DailySum<'day' | 'scope_id' | 'key_hash' | 'model'>[],
  isByUser: boolean,
  { toDay }: Period,
): Record<string, unknown>[] {
  const days = new Map<number, Day>()
  for (const row of rows) {
    const day = days.get(row.day) ?? noSpend()
    days.set(row.day, day)
    day.spend += row.cost_pico_usd
    add(day.keys, row.key_hash, row.cost_pico_usd)
    if (isByUser) add(day.users, row.scope_id, row.cost_pico_usd)
    add(day.models, row.model, row.cost_pico_usd)
  }
  const last = Math.max(...days.keys())
  for (let day = last + 1; day <= toDay && days.size > 0; day++) days.set(day, noSpend())
  return [...days]
    .sort(([one], [other]) => one - other)
    .map(([number, day]) => ({
      ...inUsd(day.keys),
      startTime: dayText(number),
      spend: usdFromPicoUsd(day.spend),
      users: inUsd(day.users),
      models: inUsd(day.models),
    }))
}

function noSpend(): Day {
  return { spend: 0n, keys: new Map(), users: new Map(), models: new Map() }
}

function add(amounts: Amounts, name: string, costPicoUsd: bigint): void {
  amounts.set(name, (amounts.get(name) ?? 0n) + costPicoUsd)
}

function inUsd(amounts: Amounts): Record<string, number> {
  return Object.fromEntries([...amounts].map(([name, costPicoUsd]) => [name, usdFromPicoUsd(costPicoUsd)]))
}
