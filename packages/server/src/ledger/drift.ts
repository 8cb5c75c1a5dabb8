/** A sum that is not what the entries come to. */
export interface Drift {
  readonly in: 'balances' | 'daily_spend' | 'counters'
  readonly scope: string
  /** The window, or the day as `2026-11-27`. */
  readonly period: string
  /** What the entries (for counters: the balances) come to. What a balance was begun with is left out. */
  readonly expectedPicoUsd: bigint
  readonly foundPicoUsd: bigint
  readonly expectedRequests: number
  readonly foundRequests: number
}
