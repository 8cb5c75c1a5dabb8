import type { BudgetKey, Counters } from '../policy/counters.ts'

/** Counters that other instances may use too. */
export interface SharedCounters extends Counters {
  /** How many there are, this one included, as far as it knows. */
  readonly instances: () => number
  /**
   * Counts what a request has spent while nobody could be told. Budgets that are not counted yet begin from the
   * ledger, which has it. Idempotent.
   */
  readonly addSpent: (spent: Spent) => void | Promise<void>
}

export interface Spent {
  readonly requestId: string
  readonly nowMs: number
  readonly keys: readonly BudgetKey[]
  readonly costPicoUsd: bigint
}
