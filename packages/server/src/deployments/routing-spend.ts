import type { ShareSpend } from '../policy/share-spend.ts'

/** A stretch of time for which money is counted. */
export interface SpendWindow {
  readonly id: string
  /** Left out: it never ends. */
  readonly endMs?: number | undefined
}

/**
 * What was spent through deployments, by what it counts for and by window. Kept in memory, so that a choice never waits
 * for it; it outlives a change of the configuration.
 */
export interface RoutingSpend {
  /** In pico-USD; that of other instances as far as it was heard of. */
  readonly of: (name: string, window: SpendWindow) => bigint
  readonly add: (name: string, window: SpendWindow, picoUsd: bigint) => void
  /** Tells others and hears of theirs, in the background and at most once a second. */
  readonly refresh: () => void
}

export interface RoutingSpendInput {
  readonly nowMs: () => number
  readonly share?: ShareSpend | undefined
}

/** Others are asked for no more often than this. */
const SHARE_MS = 1_000

interface Counter {
  readonly endMs: number
  /** What all have spent, when they were asked last. */
  shared: bigint
  unsent: bigint
}

export function createRoutingSpend({ nowMs, share }: RoutingSpendInput): RoutingSpend {
  const counters = new Map<string, Counter>()
  let sharedMs = Number.NEGATIVE_INFINITY
  let isSharing = false

  const counterOf = (name: string, { id, endMs = 0 }: SpendWindow): Counter => {
    const key = `${name} ${id}`
    let counter = counters.get(key)
    if (counter === undefined) {
      // A window begins: those that are over count for nothing any more.
      for (const [old, { endMs: end }] of counters) if (end !== 0 && end <= nowMs()) counters.delete(old)
      counters.set(key, (counter = { endMs, shared: 0n, unsent: 0n }))
    }
    return counter
  }

  const exchange = async (tell: ShareSpend): Promise<void> => {
    const unsent = [...counters].map(([key, counter]) => ({
      key,
      endMs: counter.endMs,
      picoUsd: counter.unsent,
    }))
    const sums = await tell(unsent)
    for (const { key, picoUsd } of unsent) {
      const counter = counters.get(key)
      if (counter === undefined) continue
      counter.unsent -= picoUsd
      counter.shared = sums.get(key) ?? picoUsd
    }
  }

  return {
    of: (name, window) => {
      const { shared, unsent } = counterOf(name, window)
      return shared + unsent
    },
    add: (name, window, picoUsd) => {
      counterOf(name, window).unsent += picoUsd
    },
    refresh: () => {
      const atMs = nowMs()
      if (share === undefined || isSharing || counters.size === 0 || Math.abs(atMs - sharedMs) < SHARE_MS)
        return
      sharedMs = atMs
      isSharing = true
      exchange(share)
        // Whoever keeps it says that it is away; this instance goes on by what it knows.
        .catch(() => undefined)
        .finally(() => {
          isSharing = false
        })
    },
  }
}
