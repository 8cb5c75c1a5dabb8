import { picoUsdFromUsd, usdFromPicoUsd } from '@switchyard/llm/kit'
import type { BudgetKey } from '../policy/counters.ts'
import type { ScopeLimits } from '../policy/limits.ts'
import { windowAt } from '../policy/windows.ts'
import type { Window } from '../policy/windows.ts'
import type { LimitData } from '../store/data.ts'
import type { Queries } from '../store/database.ts'

/** What scopes have spent in windows, in their order. */
export type ReadBalances = (db: Queries, keys: readonly BudgetKey[]) => Promise<readonly bigint[]>

/** What is shown of a scope: LiteLLM's `spend` and `budget_reset_at`. */
export interface Spending {
  readonly spend: number
  readonly budget_reset_at: string | null
}

/** When it is, and where midnight is. */
export interface Clock {
  readonly nowMs: number
  readonly timezone: string | undefined
}

/** The window that a scope's first budget counts in. */
function windowOf({ budgets }: ScopeLimits, { nowMs, timezone }: Clock): Window {
  const [main] = budgets
  return windowAt(main?.duration, nowMs, { timezone, sinceMs: main?.sinceMs })
}

/** The spend of each in its current window, in their order. */
export async function readSpending(
  db: Queries,
  spenders: readonly ScopeLimits[],
  balances: ReadBalances,
  clock: Clock,
): Promise<readonly Spending[]> {
  if (spenders.length === 0) return []
  const windows = spenders.map((limits) => windowOf(limits, clock))
  const keys = spenders.map(({ scope }, index) => ({ scope, windowId: windows[index]?.id ?? '' }))
  const spent = await balances(db, keys)
  return windows.map(({ endMs }, index) => ({
    spend: usdFromPicoUsd(spent[index] ?? 0n),
    budget_reset_at: endMs === undefined ? null : new Date(endMs).toISOString(),
  }))
}

/** The moment from which spend counts anew: later than the last time, so that the window gets a name of its own. */
export function newStartMs(
  { data, created_ms }: { readonly data: LimitData; readonly created_ms: number },
  nowMs: number,
): number {
  return Math.max(nowMs, (data.budget_since_ms ?? created_ms) + 1)
}

/**
 * Lets the spend of a new window begin with an amount that is not 0, where an administrator says so: a key that
 * moved here, or a correction. Counters start from this balance.
 */
export async function startSpending(
  db: Queries,
  limits: ScopeLimits,
  spendUsd: number,
  clock: Clock,
): Promise<void> {
  if (spendUsd === 0) return
  await db
    .insertInto('balances')
    .values({
      scope_kind: limits.scope.kind,
      scope_id: limits.scope.id,
      window_id: windowOf(limits, clock).id,
      settled_pico_usd: picoUsdFromUsd(spendUsd),
      // No entry stands for it.
      started_pico_usd: picoUsdFromUsd(spendUsd),
      requests: 0,
      tokens: 0,
      updated_ms: clock.nowMs,
    })
    .execute()
}
