import { setTimeout as sleep } from 'node:timers/promises'
import { isStoreError } from './store-error.ts'

const ATTEMPTS = 5
const FIRST_PAUSE_MS = 10

/**
 * Repeats what was rolled back because other transactions were in its way, up to five times in all. What may be done
 * twice is also repeated once when the connection broke and nobody knows how it ended.
 */
export async function retried<T>(
  work: () => Promise<T>,
  { idempotent, random }: { idempotent: boolean; random: () => number },
): Promise<T> {
  let reconnected = false
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const lost: boolean = idempotent && !reconnected && isStoreError(error, 'db_unavailable')
      reconnected ||= lost
      if (attempt === ATTEMPTS || !(lost || isStoreError(error, 'transaction_conflict'))) throw error
      await sleep(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + random() / 2))
    }
  }
}
