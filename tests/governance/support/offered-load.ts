const TICK_MS = 5

export interface OfferedLoad {
  /** Sends no more, and is done when all that were sent have ended. */
  end: () => Promise<{ sent: number; ms: number }>
}

/**
 * Sends so many requests a second, each at its time: whether those before it were answered changes nothing, as with
 * clients who do not know of each other. Where a second's worth waits already, more would only wait with it, and less is
 * sent.
 *
 * @param send must not fail
 */
export function offerLoad(perSecond: number, send: (number: number) => Promise<void>): OfferedLoad {
  const beganMs = performance.now()
  const underWay = new Set<Promise<void>>()
  let due = 0
  let sent = 0
  const sendDue = (): void => {
    for (; due < ((performance.now() - beganMs) * perSecond) / 1_000; due++) {
      if (underWay.size >= perSecond) continue
      const sending = send(sent++).finally(() => underWay.delete(sending))
      underWay.add(sending)
    }
  }
  const timer = setInterval(sendDue, TICK_MS)
  return {
    end: async () => {
      clearInterval(timer)
      const offered = { sent, ms: performance.now() - beganMs }
      await Promise.all(underWay)
      return offered
    },
  }
}
