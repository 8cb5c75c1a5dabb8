import type { Changes } from '../store/changes.ts'
import type { Database } from '../store/database.ts'
import type { AdminSettings } from './settings.ts'
import type { ReadBalances } from './spending.ts'

/** What the admin API stands on. */
export interface Admin {
  /** Left out where the gateway keeps nothing: every call is refused. */
  readonly store: { readonly database: Database; readonly changes: Changes } | undefined
  readonly balances: ReadBalances
  readonly settings: AdminSettings
  readonly nowMs: () => number
  readonly newId: () => string
  /** A virtual key that nobody has. */
  readonly newKey: () => string
}
