import { CountersUnavailable } from '../policy/counters.ts'

/** After so many failures in a row nobody is asked any more. */
const FAILURES = 5
/** Then one call tries whether it works again, after a time of this to twice this; twice as long after each that fails. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/** A call that waits behind others which are answered may take so many deadlines. */
const LONGEST = 10

export interface BreakerOptions {
  /** How long the store may be silent. A crowd that waits for each other does not make it look dead. */
  readonly deadlineMs: number
  /** A clock that never jumps. */
  readonly monotonicMs: () => number
  readonly random: () => number
  /** Told when it opens and when it closes, not of each failure. */
  readonly onChange: (state: 'open' | 'closed', cause: unknown) => void
}

/** Keeps a store that is dead or slow from slowing down everything else. */
export interface Breaker {
  /** @throws `CountersUnavailable` at the deadline, for every failure, and at once while it is open. */
  readonly run: <Value>(work: () => Promise<Value>) => Promise<Value>
}

export function createBreaker({ deadlineMs, monotonicMs, random, onChange }: BreakerOptions): Breaker {
  let failures = 0
  let isOpen = false
  let probeAtMs = 0
  let pauseMs = FIRST_PAUSE_MS
  let answeredMs = Number.NEGATIVE_INFINITY

  function succeed(): void {
    failures = 0
    answeredMs = monotonicMs()
    if (!isOpen) return
    isOpen = false
    pauseMs = FIRST_PAUSE_MS
    onChange('closed', undefined)
  }

  function fail(cause: unknown): void {
    failures++
    if (isOpen || failures < FAILURES) return
    isOpen = true
    probeAtMs = nextProbeMs()
    onChange('open', cause)
  }

  function nextProbeMs(): number {
    const ms = monotonicMs() + pauseMs * (1 + random())
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    return ms
  }

  async function within<Value>(work: () => Promise<Value>): Promise<Value> {
    const askedMs = monotonicMs()
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    const late = new Promise<never>((_, reject) => {
      const look = (): void => {
        if (isOver) return
        const nowMs = monotonicMs()
        const endMs = Math.min(Math.max(askedMs, answeredMs) + deadlineMs, askedMs + LONGEST * deadlineMs)
        if (nowMs >= endMs) reject(new Error(`no answer within ${deadlineMs} ms`))
        else timer = setTimeout(wake, endMs - nowMs)
      }
      // Where it was this process that had no time, the answer is here already and is read before this runs.
      const wake = (): void => void setImmediate(look)
      timer = setTimeout(wake, deadlineMs)
    })
    try {
      return await Promise.race([work(), late])
    } finally {
      isOver = true
      clearTimeout(timer)
    }
  }

  return {
    run: async (work) => {
      if (isOpen) {
        if (monotonicMs() < probeAtMs) throw unavailable('it did not answer before', { wasAsked: false })
        // Whoever comes next waits for the next probe, not for this one.
        probeAtMs = nextProbeMs()
      }
      try {
        const value = await within(work)
        succeed()
        return value
      } catch (error) {
        fail(error)
        throw unavailable(error instanceof Error ? error.message : String(error), {
          wasAsked: true,
          cause: error,
        })
      }
    },
  }
}

function unavailable(why: string, options: { wasAsked: boolean; cause?: unknown }): CountersUnavailable {
  return new CountersUnavailable(`The shared counters are away: ${why}.`, options)
}
