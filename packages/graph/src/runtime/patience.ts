import type { Awaitable, Checkpointer } from '../checkpoint/checkpointer.ts'
import { BaseLangGraphError } from '../errors.ts'
import type { RunControl } from '../node/run-control.ts'
import type { Timing } from './execute.ts'

/** What a run asks of its saver while it goes on. */
export type Keeper = Pick<Checkpointer, 'commit' | 'addWrites'>

/** Milliseconds before the second attempt; each wait is twice the one before, up to the longest. */
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5_000

/**
 * Waits for storage that fails, and tries again: until it works, the time is up or the run is given up. What a saver
 * refuses under a code of its own is final.
 */
export class Patience {
  readonly #limitMs: number
  readonly #timing: Timing
  readonly #control: RunControl
  readonly #waits = new Set<(reason: unknown) => void>()
  #givenUp: { readonly reason: unknown } | undefined

  /** @param limitMs how long storage may fail; 0 for not at all */
  constructor(limitMs: number, timing: Timing, control: RunControl) {
    this.#limitMs = limitMs
    this.#timing = timing
    this.#control = control
  }

  /** A saver that is tried again. */
  over(saver: Keeper): Keeper {
    if (this.#limitMs === 0) return saver
    return {
      commit: (commit) => this.attempt(() => saver.commit(commit)),
      addWrites: (place, checkpointId, tasks) =>
        this.attempt(() => saver.addWrites(place, checkpointId, tasks)),
    }
  }

  /**
   * Does something that may have to be done again. A promise comes back only where it takes time.
   * @throws {BaseLangGraphError} `storage_unavailable` when the time is up
   */
  attempt<Result>(work: () => Awaitable<Result>): Awaitable<Result> {
    if (this.#limitMs === 0) return work()
    try {
      const result = work()
      return result instanceof Promise ? result.catch((error: unknown) => this.#again(work, error)) : result
    } catch (error) {
      return this.#again(work, error)
    }
  }

  /** Ends all waiting: the run is over. */
  giveUp(reason: unknown): void {
    this.#givenUp ??= { reason }
    for (const wake of this.#waits) wake(reason)
  }

  async #again<Result>(work: () => Awaitable<Result>, first: unknown): Promise<Result> {
    const sinceMs = this.#timing.now()
    let error = first
    try {
      for (let attempts = 1; ; attempts += 1) {
        if (error instanceof BaseLangGraphError) throw error
        const left = sinceMs + this.#limitMs - this.#timing.now()
        if (left <= 0) throw unavailable(this.#limitMs, attempts, error)
        this.#control.storageWait = { sinceMs, attempts, error }
        await this.#pause(Math.min(left, waitMs(attempts, this.#timing.random())))
        try {
          return await work()
        } catch (again) {
          error = again
        }
      }
    } finally {
      this.#control.storageWait = undefined
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#givenUp !== undefined) {
        reject(this.#givenUp.reason)
        return
      }
      const wake = (reason: unknown): void => {
        cancel()
        this.#waits.delete(wake)
        reject(reason)
      }
      const cancel = this.#timing.after(delayMs, () => {
        this.#waits.delete(wake)
        resolve()
      })
      this.#waits.add(wake)
    })
  }
}

/** Half of the wait is left to chance, so that many runs do not come back at once. */
function waitMs(attempts: number, random: number): number {
  const grown = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1))
  return Math.floor((grown * (1 + random)) / 2)
}

function unavailable(limitMs: number, attempts: number, cause: unknown): BaseLangGraphError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new BaseLangGraphError(
    `Storage failed for ${limitMs} ms, ${attempts} times; the last time with: ${message}`,
    { lc_error_code: 'storage_unavailable', cause },
  )
}
