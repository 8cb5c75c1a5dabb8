import type { Timeouts } from '../types/transport.ts'

export type DeadlineKind = 'connect_timeout' | 'first_byte_timeout' | 'idle_timeout' | 'total_timeout'
type PhaseKind = Exclude<DeadlineKind, 'total_timeout'>

/** The clocks of one exchange: the total runs from the start, and one phase at a time beside it. */
export interface Deadlines {
  /** Starts the clock of a phase; the one before is stopped. */
  enter(phase: PhaseKind): void
  /** Something came: the clock of the phase starts again. Costs no timer. */
  touch(): void
  /** Stops the clock of the phase, as nobody waits for the upstream now. */
  suspend(): void
  stop(): void
}

/** Timers take at most this; a longer wait is as good as none. */
const longestTimerMs = 2 ** 31 - 1

export function createDeadlines(timeouts: Timeouts, onExpire: (kind: DeadlineKind) => void): Deadlines {
  const limits: Readonly<Record<PhaseKind, number>> = {
    connect_timeout: timeouts.connectMs,
    first_byte_timeout: timeouts.firstByteMs,
    idle_timeout: timeouts.idleMs,
  }
  let phase: ReturnType<typeof setTimeout> | undefined
  let sinceMs = 0

  const arm = (kind: PhaseKind, waitMs: number): void => {
    clearTimeout(phase)
    phase = setTimeout(check, waitMs, kind)
  }

  /**
   * Sockets are read after timers are run, so what came while the event loop was busy is not yet seen when the time
   * is up: the upstream is only called silent when it still is after the sockets have had their turn.
   */
  const check = (kind: PhaseKind, isSecondLook = false): void => {
    const leftMs = sinceMs + limits[kind] - performance.now()
    if (leftMs >= 1) arm(kind, leftMs)
    else if (isSecondLook) onExpire(kind)
    else phase = setTimeout(check, 0, kind, true)
  }

  const total =
    timeouts.totalMs <= longestTimerMs ? setTimeout(onExpire, timeouts.totalMs, 'total_timeout') : undefined
  // A body that nobody reads must not keep a finished program alive.
  total?.unref?.()

  return {
    enter(kind) {
      clearTimeout(phase)
      sinceMs = performance.now()
      if (limits[kind] <= longestTimerMs) arm(kind, limits[kind])
    },
    touch() {
      sinceMs = performance.now()
    },
    suspend() {
      clearTimeout(phase)
    },
    stop() {
      clearTimeout(phase)
      clearTimeout(total)
    },
  }
}
