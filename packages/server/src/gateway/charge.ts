import type { OpeningRecord } from '../ledger/entry.ts'
import type { Decision } from '../policy/admission.ts'
import type { Admitted } from '../policy/counters.ts'

/** What is held for a request until its end is known. */
export interface Charge {
  readonly opening: OpeningRecord
  readonly plan: Decision['plan']
  readonly admitted: Admitted
  /** The most output the provider is asked for, where the budget and not the client set it. */
  readonly boundTokens?: number | undefined
}
