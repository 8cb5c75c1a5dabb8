import type { Counters } from '../policy/counters.ts'

/** Counters that other instances use too. */
export interface SharedCounters extends Counters {
  /** How many there were when the lease was last renewed, this one included. */
  readonly instances: () => number
}
