import type { Store } from '../services.ts'
import type { AdminSettings } from './settings.ts'
import type { ReadBalances } from './spending.ts'

/** What the admin API stands on. */
export interface Admin {
  /** Left out where the gateway keeps nothing: every call is refused. */
  readonly store: Store | undefined
  readonly balances: ReadBalances
  readonly settings: AdminSettings
  readonly nowMs: () => number
  readonly newId: () => string
  /** A virtual key that nobody has. */
  readonly newKey: () => string
}
