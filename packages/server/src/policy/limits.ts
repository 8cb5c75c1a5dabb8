import type { Scope } from './scope.ts'

/** What one scope may spend and ask for. Left out: no limit. */
export interface ScopeLimits {
  readonly scope: Scope
  /** The most money, once for each of its windows: every one must have room. */
  readonly budgets: readonly BudgetLimit[]
  /** Requests per minute. */
  readonly rpm?: number | undefined
  /** Tokens per minute. */
  readonly tpm?: number | undefined
  /** Requests under way at once. */
  readonly maxParallelRequests?: number | undefined
}

export interface BudgetLimit {
  /** Left out: it is counted, and nothing is refused. */
  readonly maxPicoUsd?: bigint | undefined
  /** Passing it is told, not refused. */
  readonly softPicoUsd?: bigint | undefined
  /** As the administrator wrote it, `30d`; left out: for ever. */
  readonly duration?: string | undefined
  /** Unix time from which it counts: when it was made, or when its spend was last reset. */
  readonly sinceMs?: number | undefined
}
