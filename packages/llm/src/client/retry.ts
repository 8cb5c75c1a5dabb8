import { isSwitchyardError } from '../errors.ts'
import type { ClientWorld } from './options.ts'

/** LiteLLM's figures. */
const INITIAL_DELAY_MS = 500
const MAX_DELAY_MS = 8_000
const JITTER_MS = 750
/** A longer wait than this is not worth making a caller wait for. */
const MAX_RETRY_AFTER_MS = 60_000

/** How long to wait before the attempt after `attempt` (counted from 0), in ms. */
export function retryDelayMs(attempt: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs !== undefined && retryAfterMs > 0 && retryAfterMs <= MAX_RETRY_AFTER_MS)
    return retryAfterMs
  return Math.min(INITIAL_DELAY_MS * 2 ** attempt, MAX_DELAY_MS) + random * JITTER_MS
}

/** Runs an attempt up to `1 + retries` times, as long as it fails with errors that may pass. */
export async function withRetries<Result>(
  attempt: (number: number) => Promise<Result>,
  retries: number,
  world: Pick<ClientWorld, 'sleep' | 'random'>,
  signal?: AbortSignal,
): Promise<Result> {
  for (let number = 0; ; number++) {
    try {
      return await attempt(number)
    } catch (error) {
      if (number >= retries || !isSwitchyardError(error) || !error.retryable) throw error
      await world.sleep(retryDelayMs(number, error.retryAfterMs, world.random()), signal)
    }
  }
}
