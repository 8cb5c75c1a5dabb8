import type { Ledger } from './ledger/ledger.ts'
import type { Counters } from './policy/counters.ts'
import type { Windows } from './policy/windows.ts'

/** What requests are charged through. */
export interface Accounts {
  /** This process, as holds and journals name it. */
  readonly owner: string
  readonly counters: Counters
  readonly ledger: Pick<Ledger, 'open' | 'close'>
  readonly windows: Windows
  readonly rule: 'reserve' | 'postpaid'
  /** How long a hold outlives the process that made it. */
  readonly leaseMs: number
  /** Which tokens count where tokens per minute are limited. */
  readonly countedTokens: 'total' | 'input' | 'output'
  /** Requests and answers are kept in the logs. */
  readonly keepsContent: boolean
}
