/**
 * Adds to what all instances have spent and gives the sums.
 *
 * @throws when nobody can be told; what was to be added is told later.
 */
export type ShareSpend = (unsent: readonly Unsent[]) => Promise<ReadonlyMap<string, bigint>>

export interface Unsent {
  readonly key: string
  /** Unix time; 0: the window never ends. */
  readonly endMs: number
  readonly picoUsd: bigint
}
