/** What ends at a time, unless it is over before. */
export interface Expiring {
  /** By the clock of `Deadlines`. */
  readonly dueMs: number
  expire: () => void
}

/** Ends things at their time with one timer for all: most are over long before, and a timer of its own costs more than that. */
export interface Deadlines {
  nowMs: () => number
  add: (expiring: Expiring) => void
  remove: (expiring: Expiring) => void
}

/** A timer that is set to more fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** @param nowMs never jumps. */
export function createDeadlines(nowMs: () => number): Deadlines {
  const pending = new Set<Expiring>()
  let timer: NodeJS.Timeout | undefined
  let wakesAtMs = Number.POSITIVE_INFINITY

  const wakeAt = (dueMs: number): void => {
    clearTimeout(timer)
    wakesAtMs = dueMs
    const waitMs = Math.max(1, Math.ceil(dueMs - nowMs()))
    // Whoever is waited for has a connection, which keeps the process alive.
    timer = setTimeout(endDue, Math.min(waitMs, MAX_TIMER_MS)).unref()
  }

  const endDue = (): void => {
    wakesAtMs = Number.POSITIVE_INFINITY
    const now = nowMs()
    let next = Number.POSITIVE_INFINITY
    for (const expiring of pending) {
      if (expiring.dueMs > now) next = Math.min(next, expiring.dueMs)
      else {
        pending.delete(expiring)
        expiring.expire()
      }
    }
    if (next < wakesAtMs) wakeAt(next)
  }

  return {
    nowMs,
    add: (expiring) => {
      pending.add(expiring)
      if (expiring.dueMs < wakesAtMs) wakeAt(expiring.dueMs)
    },
    remove: (expiring) => {
      pending.delete(expiring)
    },
  }
}
