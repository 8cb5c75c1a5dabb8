import { isSwitchyardError } from '../errors.ts'
import { retryDelayMs } from '../router/back-off.ts'
import type { ClientWorld } from './options.ts'

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
