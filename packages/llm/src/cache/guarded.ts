import type { CacheStore } from './store.ts'

export interface GuardOptions {
  /** How long the store may take to find something. A call never waits longer for it. */
  readonly deadlineMs: number
  /** A clock that never jumps. */
  readonly monotonicMs: () => number
  /** Told when the store is left alone and when it is asked again, not of each failure. */
  readonly onChange: (state: 'open' | 'closed', cause: unknown) => void
}

/** After so many failures in a row the store is left alone. */
const FAILURES = 5
/** Then one call tries whether it works again; the pause doubles after each that fails. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** Keeping an answer keeps nobody waiting, so that it may take longer than finding one. */
const WRITE_DEADLINES = 20

/**
 * A store that may be slow or gone, made safe to ask: what it does not tell in time counts as not there, what it does
 * not take is not kept, and while it is away nobody waits for it. Deleting, emptying and `ping` still fail aloud:
 * whoever asks for these wants to know.
 */
export function guardStore(store: CacheStore, options: GuardOptions): CacheStore {
  const { deadlineMs, monotonicMs, onChange } = options
  let failures = 0
  let isOpen = false
  let probeAtMs = 0
  let pauseMs = FIRST_PAUSE_MS

  const mayAsk = (): boolean => {
    if (!isOpen) return true
    if (monotonicMs() < probeAtMs) return false
    // Whoever comes next waits for the next probe, not for this one.
    probeAtMs = monotonicMs() + pauseMs
    return true
  }

  const succeed = (): void => {
    failures = 0
    if (!isOpen) return
    isOpen = false
    pauseMs = FIRST_PAUSE_MS
    onChange('closed', undefined)
  }

  const fail = (cause: unknown): void => {
    failures++
    if (isOpen) pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    else if (failures < FAILURES) return
    else onChange('open', cause)
    isOpen = true
    probeAtMs = monotonicMs() + pauseMs
  }

  /** Never fails: what cannot be told is `otherwise`. */
  const ask = <Value>(
    work: () => Value | Promise<Value>,
    otherwise: Value,
    limitMs: number,
  ): Value | Promise<Value> => {
    if (!mayAsk()) return otherwise
    let found: Value | Promise<Value>
    try {
      found = work()
    } catch (error) {
      fail(error)
      return otherwise
    }
    if (!(found instanceof Promise)) {
      succeed()
      return found
    }
    return within(found, limitMs).then(
      (value) => {
        succeed()
        return value
      },
      (error: unknown) => {
        fail(error)
        return otherwise
      },
    )
  }

  return {
    ...store,
    get: (key) => ask(() => store.get(key), undefined, deadlineMs),
    getMany: (keys) =>
      ask(
        () => store.getMany(keys),
        keys.map(() => undefined),
        deadlineMs,
      ),
    set: (key, entry) => ask<void>(() => store.set(key, entry), undefined, WRITE_DEADLINES * deadlineMs),
  }
}

async function within<Value>(work: Promise<Value>, limitMs: number): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
