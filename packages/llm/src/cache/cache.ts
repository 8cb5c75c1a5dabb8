import type { CacheEntry } from './entry.ts'
import type { Flights } from './flights.ts'
import { createFlights } from './flights.ts'
import type { Hash } from './hash.ts'
import { platformHash } from './hash.ts'
import type { CachePolicy, CacheRules } from './policy.ts'
import type { CacheStore } from './store.ts'

export interface ResponseCacheOptions {
  readonly store: CacheStore
  readonly rules: CacheRules
  /** Equal calls at the same time ask once. */
  readonly coalesces?: boolean | undefined
  readonly nowMs: () => number
  readonly hash?: Hash | undefined
}

/** Answers that were given once, to be given again. */
export interface ResponseCache {
  readonly store: CacheStore
  readonly rules: CacheRules
  readonly hash: Hash
  /** Calls under way that others may wait for; left out: everybody asks for themselves. */
  readonly flights: Flights<CacheEntry> | undefined
  /** What is kept under a key, where the policy lets it be read and it is young enough. */
  readonly find: (
    key: string,
    policy: CachePolicy,
  ) => CacheEntry | undefined | Promise<CacheEntry | undefined>
  /** In the order of the keys. */
  readonly findMany: (
    keys: readonly string[],
    policy: CachePolicy,
  ) => Promise<readonly (CacheEntry | undefined)[]>
  /** Keeps a value where the policy allows it and it is not too large. Never waited for, never fails. */
  readonly keep: (key: string, value: string, policy: CachePolicy) => CacheEntry
}

export function createResponseCache(options: ResponseCacheOptions): ResponseCache {
  const { store, rules, coalesces, nowMs, hash = platformHash() } = options

  const fresh = (entry: CacheEntry | undefined, { maxAgeMs }: CachePolicy): CacheEntry | undefined =>
    entry === undefined || (maxAgeMs !== undefined && nowMs() - entry.storedMs > maxAgeMs) ? undefined : entry

  return {
    store,
    rules,
    hash,
    flights: coalesces === true ? createFlights() : undefined,
    find: (key, policy) => {
      if (!policy.reads) return undefined
      const found = store.get(key)
      return found instanceof Promise ? found.then((entry) => fresh(entry, policy)) : fresh(found, policy)
    },
    findMany: async (keys, policy) => {
      if (!policy.reads || keys.length === 0) return keys.map(() => undefined)
      return (await store.getMany(keys)).map((entry) => fresh(entry, policy))
    },
    keep: (key, value, policy) => {
      const storedMs = nowMs()
      const { ttlMs } = policy
      const entry =
        ttlMs === undefined ? { value, storedMs } : { value, storedMs, expiresMs: storedMs + ttlMs }
      if (policy.writes && value.length <= rules.maxEntryBytes) keepQuietly(store, key, entry)
      return entry
    },
  }
}

/** An answer is not worse for not being kept. */
function keepQuietly(store: CacheStore, key: string, entry: CacheEntry): void {
  try {
    const kept = store.set(key, entry)
    if (kept instanceof Promise) kept.catch(() => undefined)
  } catch {
    // The store's guard has said so.
  }
}
