import type { BudgetState } from './counters.ts'
import type { PlannedBudget } from './lines.ts'
import type { Scope } from './scope.ts'
import { scopeName } from './scope.ts'

/** Finds soft budgets that are passed: they refuse nothing. */
export interface SoftBudgets {
  /**
   * Called when a request is over, with what each of its budgets had spent before it. Each budget is told of once for
   * each of its windows by this process.
   */
  readonly note: (
    budgets: readonly PlannedBudget[],
    before: readonly BudgetState[],
    costPicoUsd: bigint,
  ) => void
}

export interface PassedSoftBudget {
  readonly scope: Scope
  readonly spentPicoUsd: bigint
  readonly softPicoUsd: bigint
  /** Left out: it does not reset by itself. */
  readonly resetMs: number | undefined
}

/** Budgets whose window is remembered; one that is forgotten is told of once more. */
const MAX_TOLD = 10_000

export function createSoftBudgets(onPassed: (passed: PassedSoftBudget) => void): SoftBudgets {
  /** By the scope, the window that was told of. */
  const told = new Map<string, string>()

  return {
    note: (budgets, before, costPicoUsd) => {
      for (const [index, { scope, windowId, window, limit }] of budgets.entries()) {
        const { softPicoUsd } = limit
        if (softPicoUsd === undefined) continue
        const spentPicoUsd = (before[index]?.settledPicoUsd ?? 0n) + costPicoUsd
        const name = scopeName(scope)
        if (spentPicoUsd < softPicoUsd || told.get(name) === windowId) continue
        told.delete(name)
        told.set(name, windowId)
        const [oldest] = told.keys()
        if (told.size > MAX_TOLD && oldest !== undefined) told.delete(oldest)
        onPassed({ scope, spentPicoUsd, softPicoUsd, resetMs: window.endMs })
      }
    },
  }
}
