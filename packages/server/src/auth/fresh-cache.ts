import { GenerationMap } from './generation-map.ts'
import { createSlots } from './slots.ts'

/** Something that was loaded. */
export interface Loaded<Value> {
  readonly value: Value
  /** Rows it was made from, as `<kind>:<id>`: a change of one of them makes it void. */
  readonly dependsOn: ReadonlySet<string>
}

/** A place in the cache. It stays the same while its value is loaded anew. */
export interface Entry<Value> {
  readonly key: string
  readonly value: Value
  /** What is given for as long as it cannot be loaded anew. */
  readonly staleValue: Value | undefined
  readonly dependsOn: ReadonlySet<string>
  readonly loadedMs: number
  readonly dropped: boolean
}

/** Remembers for a few seconds what the database says. */
export interface FreshCache<Value> {
  /** At once when it is known and fresh, else when it is loaded; `source` is what `load` needs beside the key. */
  get: (key: string, source: string) => Value | Promise<Value>
  /** The place of a key, for who looks into it more often than a look-up is worth. */
  entryOf: (key: string) => Entry<Value> | undefined
  /** Whether a place may be used without asking `get`, so that it is loaded anew in time. */
  isYoung: (entry: Entry<Value>) => boolean
  /** Forgets what was made from a row, and what is just being loaded. */
  drop: (kind: string, id: string) => void
  /** Forgets everything: changes may have been missed. */
  clear: () => void
}

export interface FreshCacheOptions<Value> {
  /** Rejects only when the database cannot be asked. */
  readonly load: (key: string, source: string) => Promise<Loaded<Value>>
  readonly monotonicMs: () => number
  readonly capacity: number
  /** How long a value may still be used when it cannot be loaded anew. */
  readonly staleForMs: number
  /** Such values are kept apart and shortly, so that a flood of them pushes out no other. */
  readonly isMiss?: (value: Value) => boolean
  /** Marks a value that cannot be loaded anew. */
  readonly markStale?: (value: Value) => Value
  /** The error where nobody can tell the value. */
  readonly unavailable: (cause: unknown) => Error
}

/** A change that was not heard of is noticed after this time at the latest. */
const FRESH_MS = 5_000
/** From this age on it is loaded anew while it is still used, so that nobody has to wait for it. */
const RENEW_MS = 2_500
const MISS_CAPACITY = 2_000
const MISS_MS = 1_000
/**
 * What nobody asked for lately is loaded so many at a time: a flood of wrong keys delays new ones, and takes the
 * database from nobody who is known.
 */
const FIRST_LOADS = 64
const MAX_WAITING = 10_000
/** After a failure nothing is tried for so long. */
const PAUSE_MS = 1_000
/** Who is known waits no longer than this for what may be new about them. */
const PATIENCE_MS = 2_000

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

interface Loading<Value> {
  readonly result: Promise<Loaded<Value>>
  /** A change came while it was loaded: whoever asked before may have it, nobody else. */
  outdated: boolean
}

/** Who asks at the same time for what has to be loaded shares one load. */
export function createFreshCache<Value>(options: FreshCacheOptions<Value>): FreshCache<Value> {
  const { load, monotonicMs, staleForMs, isMiss, markStale, unavailable } = options
  // Whoever keeps a place that had to make room would not hear of changes any more.
  const entries = new GenerationMap<Mutable<Entry<Value>>>(options.capacity, (entry) => {
    entry.dropped = true
  })
  const misses = new GenerationMap<Entry<Value>>(MISS_CAPACITY)
  const loading = new Map<string, Loading<Value>>()
  const firstLoads = createSlots(FIRST_LOADS, MAX_WAITING, () =>
    unavailable(new Error('too many wait for it')),
  )
  let pausedUntilMs = -Infinity
  /** Since the last load that succeeded. */
  let lastFailure: { readonly cause: unknown } | undefined

  function forget(entry: Mutable<Entry<Value>>): void {
    entry.dropped = true
    entries.delete(entry.key)
  }

  function keep(key: string, { value, dependsOn }: Loaded<Value>): void {
    const known = entries.get(key)
    const fresh = { key, value, staleValue: undefined, dependsOn, loadedMs: monotonicMs(), dropped: false }
    if (isMiss?.(value) === true) {
      if (known !== undefined) forget(known)
      misses.set(key, fresh)
      return
    }
    misses.delete(key)
    if (known === undefined) entries.set(key, fresh)
    else Object.assign(known, fresh)
  }

  function fail(cause: unknown): void {
    lastFailure = { cause }
    pausedUntilMs = monotonicMs() + PAUSE_MS
  }

  function startLoad(key: string, source: string, isKnown: boolean): Promise<Loaded<Value>> {
    const ask = async (): Promise<Loaded<Value>> => {
      try {
        const loaded = await load(key, source)
        lastFailure = undefined
        return loaded
      } catch (error) {
        fail(error)
        throw error
      }
    }
    const run = async (): Promise<Loaded<Value>> => {
      try {
        const loaded = await (isKnown ? ask() : firstLoads.run(ask))
        if (!own.outdated) keep(key, loaded)
        return loaded
      } finally {
        if (loading.get(key) === own) loading.delete(key)
      }
    }
    const own: Loading<Value> = { outdated: false, result: Promise.resolve().then(run) }
    loading.set(key, own)
    return own.result
  }

  /** While the value is still used; a failure is met again by whoever comes when it is too old. */
  function renew(key: string, source: string): void {
    if (loading.has(key) || monotonicMs() < pausedUntilMs) return
    startLoad(key, source, true).catch(() => undefined)
  }

  function useStale(entry: Mutable<Entry<Value>>, cause: unknown): Value {
    if (entry.dropped || monotonicMs() - entry.loadedMs > staleForMs) throw unavailable(cause)
    return markStale === undefined ? entry.value : (entry.staleValue ??= markStale(entry.value))
  }

  async function waitForFirst(key: string, source: string): Promise<Value> {
    try {
      return (await (loading.get(key)?.result ?? startLoad(key, source, false))).value
    } catch (error) {
      throw unavailable(error)
    }
  }

  async function waitForNew(entry: Mutable<Entry<Value>>, source: string): Promise<Value> {
    const { key } = entry
    const result = loading.get(key)?.result ?? startLoad(key, source, true)
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing came for ${PATIENCE_MS} ms`)), PATIENCE_MS)
    })
    try {
      return (await Promise.race([result, tooLong])).value
    } catch (error) {
      fail(error)
      return useStale(entry, error)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Nobody knows yet what those under way depend on. */
  function outdateLoads(): void {
    for (const one of loading.values()) one.outdated = true
    loading.clear()
  }

  return {
    get: (key, source) => {
      const entry = entries.get(key)
      const now = monotonicMs()
      if (entry === undefined) {
        const miss = misses.get(key)
        if (miss !== undefined && now - miss.loadedMs < MISS_MS) return miss.value
        if (now < pausedUntilMs) throw unavailable(lastFailure?.cause)
        return waitForFirst(key, source)
      }
      const ageMs = now - entry.loadedMs
      if (ageMs >= RENEW_MS) renew(key, source)
      if (ageMs < FRESH_MS) return entry.value
      // While nothing can be loaded nobody waits to be told so once more.
      if (lastFailure !== undefined && (ageMs <= staleForMs || now < pausedUntilMs))
        return useStale(entry, lastFailure.cause)
      return waitForNew(entry, source)
    },
    entryOf: (key) => entries.get(key),
    isYoung: (entry) => !entry.dropped && monotonicMs() - entry.loadedMs < RENEW_MS,
    drop: (kind, id) => {
      const name = `${kind}:${id}`
      for (const entry of entries.values()) if (entry.dependsOn.has(name)) forget(entry)
      for (const miss of misses.values()) if (miss.dependsOn.has(name)) misses.delete(miss.key)
      outdateLoads()
    },
    clear: () => {
      for (const entry of entries.values()) forget(entry)
      misses.clear()
      outdateLoads()
    },
  }
}
