import { isSwitchyardError } from '@switchyard/llm/kit'
import { storeError } from '../store-error.ts'
import type { StoreReason } from '../store-error.ts'

/** What `pg` says when no answer came within `query_timeout`. */
export const READ_TIMEOUT = 'Query read timeout'

/** SQLSTATEs, whole or by their class (the first two characters). */
const reasons: Readonly<Record<string, StoreReason>> = {
  '08': 'db_unavailable',
  '28': 'db_unavailable',
  '3D': 'db_unavailable',
  '57P01': 'db_unavailable',
  '57P02': 'db_unavailable',
  '57P03': 'db_unavailable',
  '58': 'db_unavailable',
  // A standby after a failover.
  '25006': 'db_unavailable',
  '53300': 'db_overloaded',
  '53200': 'db_overloaded',
  '57014': 'db_overloaded',
  '55P03': 'db_overloaded',
  '53100': 'storage_full',
  '23505': 'already_exists',
  '40001': 'transaction_conflict',
  '40P01': 'transaction_conflict',
}

/** The same failure in our words; what is a mistake in a query stays as it is. */
export function postgresError(error: unknown): unknown {
  if (isSwitchyardError(error) || !(error instanceof Error)) return error
  const state = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  // What has no SQLSTATE comes from the connection: from the system, or from the driver.
  const isState = state !== undefined && /^[\dA-Z]{5}$/.test(state)
  const reason = isState ? (reasons[state] ?? reasons[state.slice(0, 2)]) : connectionReason(error, state)
  if (reason === undefined) return error
  return storeError(reason, messages[reason]?.(error.message) ?? error.message, error)
}

function connectionReason(error: Error, systemCode: string | undefined): StoreReason | undefined {
  if (systemCode !== undefined) return systemCode.startsWith('E') ? 'db_unavailable' : undefined
  return /connect|timeout|terminated|not queryable/i.test(error.message) ? 'db_unavailable' : undefined
}

const messages: Partial<Record<StoreReason, (said: string) => string>> = {
  db_unavailable: (said) => `The database cannot be reached: ${said}. Try again later.`,
  db_overloaded: (said) => `The database is overloaded: ${said}. Try again later.`,
  storage_full: (said) => `The database's disk is full: ${said}. Make room; nothing was written.`,
  already_exists: (said) => `There is such a row already: ${said}.`,
  transaction_conflict: (said) => `Other transactions were in the way: ${said}. Try again.`,
}
