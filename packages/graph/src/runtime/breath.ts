import type { Timing } from './execute.ts'

/** How many supersteps pass between two looks at the clock. */
const STEPS_PER_LOOK = 64
/** How long a run may keep everything else in the process waiting. */
const LONGEST_BREATH_MS = 20

/** Lets timers and signals have their turn: nodes that never wait would keep them from it. */
export class Breath {
  readonly #timing: Timing
  #drawnMs: number

  constructor(timing: Timing) {
    this.#timing = timing
    this.#drawnMs = timing.now()
  }

  /** A promise comes back when it is the turn of others. @param taken supersteps so far */
  draw(taken: number): Promise<void> | undefined {
    if (taken % STEPS_PER_LOOK !== 0) return undefined
    const now = this.#timing.now()
    if (now - this.#drawnMs < LONGEST_BREATH_MS) return undefined
    this.#drawnMs = now
    return new Promise((resolve) => {
      this.#timing.after(0, resolve)
    })
  }
}
