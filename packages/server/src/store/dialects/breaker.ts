/** Spares everybody the wait for a database that just did not answer. */
export interface Breaker {
  /** The failure to repeat at once; nothing when it may be asked. After a pause one may ask, then all. */
  refusal: () => unknown
  failed: (error: unknown) => void
  worked: () => void
}

export function createBreaker({ pauseMs, nowMs }: { pauseMs: number; nowMs: () => number }): Breaker {
  let failure: unknown
  let askAgainMs = 0
  return {
    refusal: () => {
      if (failure === undefined) return undefined
      if (nowMs() < askAgainMs) return failure
      askAgainMs = nowMs() + pauseMs
      return undefined
    },
    failed: (error) => {
      failure = error
      askAgainMs = nowMs() + pauseMs
    },
    worked: () => {
      failure = undefined
    },
  }
}
