import { CountersUnavailable } from '../policy/counters.ts'

/** After so many failures in a row nobody is asked any more. */
const FAILURES = 5
/** Then one call tries whether it works again, after a time of this to twice this. */
const PAUSE_MS = 30_000

export interface BreakerOptions {
  /** How long a call may take. */
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

  function succeed(): void {
    failures = 0
    if (!isOpen) return
    isOpen = false
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
    return monotonicMs() + PAUSE_MS * (1 + random())
  }

  return {
    run: async (work) => {
      if (isOpen) {
        if (monotonicMs() < probeAtMs) throw unavailable('it did not answer before', { wasAsked: false })
        // Whoever comes next waits for the next probe, not for this one.
        probeAtMs = nextProbeMs()
      }
      try {
        const value = await within(deadlineMs, work)
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

async function within<Value>(deadlineMs: number, work: () => Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}

function unavailable(why: string, options: { wasAsked: boolean; cause?: unknown }): CountersUnavailable {
  return new CountersUnavailable(`The shared counters are away: ${why}.`, options)
}
