import { isSwitchyardError } from '@switchyard/llm/kit'
import { storeError } from '../store-error.ts'
import type { StoreReason } from '../store-error.ts'

const BUSY = 5

/** SQLite's result codes; the lower byte of what it gives is the family. */
const families: Readonly<Record<number, StoreReason>> = {
  [BUSY]: 'db_overloaded',
  6: 'db_overloaded',
  8: 'db_unavailable',
  10: 'db_unavailable',
  11: 'db_unavailable',
  13: 'storage_full',
  14: 'db_unavailable',
  26: 'db_unavailable',
}
const uniqueConstraints: ReadonlySet<number> = new Set([1555, 2067, 2579])

/** Another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return familyOf(error) === BUSY
}

/** The same failure in our words; what is a mistake in a query stays as it is. */
export function sqliteError(error: unknown, file: string): unknown {
  if (isSwitchyardError(error)) return error
  const code = resultCode(error)
  if (code === undefined) return error
  const reason = uniqueConstraints.has(code) ? 'already_exists' : families[code & 0xff]
  if (reason === undefined) return error
  const said = error instanceof Error ? error.message : String(error)
  return storeError(reason, messages[reason]?.(file, said) ?? said, error)
}

const messages: Partial<Record<StoreReason, (file: string, said: string) => string>> = {
  db_unavailable: (file, said) => `The database ${file} cannot be used: ${said}.`,
  db_overloaded: (file) =>
    `Another process keeps the database ${file} locked. Stop it, or use PostgreSQL for several processes.`,
  storage_full: (file) =>
    `There is no room on the disk for the database ${file}. Make room; nothing was written.`,
  already_exists: (_, said) => `There is such a row already: ${said}.`,
}

function familyOf(error: unknown): number | undefined {
  const code = resultCode(error)
  return code === undefined ? undefined : code & 0xff
}

function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined
}
