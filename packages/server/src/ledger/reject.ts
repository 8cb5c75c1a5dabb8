import { isSwitchyardError } from '@switchyard/llm/kit'
import type { Ingest } from './ingest.ts'
import type { Pair } from './pairing.ts'

/** SQLSTATE classes: data exception, integrity constraint. */
const POSTGRES_CLASSES = new Set(['22', '23'])
/** `SQLITE_TOOBIG`, `_CONSTRAINT`, `_MISMATCH`, `_RANGE`. */
const SQLITE_CODES = new Set([18, 19, 20, 25])

/**
 * Ingests what can be. One pair that the database does not take, whatever is wrong with it, must not keep all others
 * out: the batch is halved until that pair is alone, and `reject` keeps it. Any other failure is thrown.
 */
export function rejecting(ingest: Ingest, reject: (pair: Pair, error: unknown) => Promise<void>): Ingest {
  return async function ingestSome(pairs): Promise<void> {
    try {
      await ingest(pairs)
    } catch (error) {
      if (!isFaultOfData(error)) throw error
      const [first] = pairs
      if (first === undefined) throw error
      if (pairs.length === 1) return await reject(first, error)
      const middle = Math.ceil(pairs.length / 2)
      await ingestSome(pairs.slice(0, middle))
      await ingestSome(pairs.slice(middle))
    }
  }
}

function isFaultOfData(error: unknown): boolean {
  if (isSwitchyardError(error) || !(error instanceof Error)) return false
  // Values that a driver cannot pass on.
  if (error instanceof TypeError || error instanceof RangeError) return true
  if ('errcode' in error) return SQLITE_CODES.has(Number(error.errcode) & 0xff)
  return 'code' in error && typeof error.code === 'string' && POSTGRES_CLASSES.has(error.code.slice(0, 2))
}
