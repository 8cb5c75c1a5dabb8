import { createError, isSwitchyardError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'

/** What can be wrong with the store, as `error.reason`. */
export type StoreReason =
  /** It cannot be reached, or does not take connections. */
  | 'db_unavailable'
  /** It is there and too slow: a queue is full, a statement took too long. */
  | 'db_overloaded'
  /** No room on its disk. Reads go on; writes do again when there is room. */
  | 'storage_full'
  /** The journal's folder takes no records, and not for want of room. */
  | 'journal_unwritable'
  /** A journal is of a newer release. */
  | 'journal_version_mismatch'
  /** A row with this key is there already. */
  | 'already_exists'
  /** Somebody else changed the row since it was read. */
  | 'changed_meanwhile'
  /** Other transactions were in the way five times. */
  | 'transaction_conflict'
  /** The tables are of a newer release. */
  | 'schema_version_mismatch'
  /** What was sealed cannot be opened: no key, or another one. */
  | 'sealed'

interface Kind {
  readonly code: SwitchyardError['code']
  readonly status: number
  /** LiteLLM's word, where it has one. */
  readonly type?: string
  readonly retryAfterMs?: number
}

const kinds: Readonly<Record<StoreReason, Kind>> = {
  db_unavailable: { code: 'service_unavailable', status: 503, type: 'no_db_connection', retryAfterMs: 1000 },
  db_overloaded: { code: 'service_unavailable', status: 503, retryAfterMs: 1000 },
  storage_full: { code: 'service_unavailable', status: 507 },
  journal_unwritable: { code: 'service_unavailable', status: 503 },
  journal_version_mismatch: { code: 'internal', status: 503 },
  already_exists: { code: 'bad_request', status: 409 },
  changed_meanwhile: { code: 'bad_request', status: 409 },
  transaction_conflict: { code: 'service_unavailable', status: 503, retryAfterMs: 1000 },
  schema_version_mismatch: { code: 'internal', status: 503 },
  sealed: { code: 'internal', status: 500 },
}

export function storeError(reason: StoreReason, message: string, cause?: unknown): SwitchyardError {
  return createError({ ...kinds[reason], reason, message, cause })
}

export function isStoreError(error: unknown, ...reasons: readonly StoreReason[]): error is SwitchyardError {
  return isSwitchyardError(error) && reasons.some((reason) => reason === error.reason)
}
