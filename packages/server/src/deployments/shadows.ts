/** Copies of requests that nobody waits for: few at a time, and over before the gateway is. */
export interface Shadows {
  /**
   * Begins one; `false` when as many as may are under way, or the gateway is on its way out. `stop` tells it to end
   * early. What it fails with is its own business.
   */
  readonly begin: (ask: (stop: AbortSignal) => Promise<void>) => boolean
  /** Ends those under way and waits for them; nothing begins any more. */
  readonly close: () => Promise<void>
}

/** Copies under way at once; each holds the body of its request. */
const MAX_SHADOWS = 64

export function createShadows(most: number = MAX_SHADOWS): Shadows {
  const underWay = new Map<Promise<void>, AbortController>()
  let isClosed = false
  return {
    begin: (ask) => {
      if (isClosed || underWay.size >= most) return false
      const stopping = new AbortController()
      const asking: Promise<void> = ask(stopping.signal)
        .catch(() => undefined)
        .then(() => void underWay.delete(asking))
      underWay.set(asking, stopping)
      return true
    },
    close: async () => {
      isClosed = true
      for (const stopping of underWay.values()) stopping.abort()
      await Promise.all(underWay.keys())
    },
  }
}
