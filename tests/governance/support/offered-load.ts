const TICK_MS = 5

export interface OfferedLoad {
  /** Sends no more, and is done when all that were sent have ended. */
  end: () => Promise<{ sent: number; ms: number }>
}

/**
 * Sends so many requests a second, each at its time: whether those before it were answered changes nothing, as with
 * clients who do not know of each other.
 */
export function offerLoad(perSecond: number, send: (number: number) => Promise<void>): OfferedLoad {
  const beganMs = performance.now()
  const underWay: Promise<void>[] = []
  const sendDue = (): void => {
    const due = ((performance.now() - beganMs) * perSecond) / 1_000
    while (underWay.length < due) underWay.push(send(underWay.length))
  }
  const timer = setInterval(sendDue, TICK_MS)
  return {
    end: async () => {
      clearInterval(timer)
      const [sent, ms] = [underWay.length, performance.now() - beganMs]
      await Promise.all(underWay)
      return { sent, ms }
    },
  }
}
