/** A namespace and a key in it. */
export type CacheKey = readonly [namespace: readonly string[], key: string]

/** Keeps results of nodes and tasks. The interface of LangGraph's caches. */
export interface BaseCache<Value = unknown> {
  /** What there is of the keys; those that are unknown or too old are left out. */
  get(keys: readonly CacheKey[]): Promise<{ readonly key: CacheKey; readonly value: Value }[]>
  /** @param pairs `ttl` in seconds; for ever when left out. */
  set(
    pairs: readonly { readonly key: CacheKey; readonly value: Value; readonly ttl?: number | undefined }[],
  ): Promise<void>
  /** Forgets the given namespaces, or everything. */
  clear(namespaces?: readonly (readonly string[])[]): Promise<void>
}

/** A cache in memory. The results used longest ago go first when it is full. */
export class InMemoryCache<Value = unknown> implements BaseCache<Value> {
  private readonly entries: Map<string, { readonly value: Value; readonly expiresMs: number }> = new Map()
  private readonly maxEntries: number
  private readonly now: () => number

  /** @param options `maxEntries`, 10,000 unless given */
  constructor(options: { readonly maxEntries?: number; readonly now?: () => number } = {}) {
    this.maxEntries = options.maxEntries ?? 10_000
    this.now = options.now ?? Date.now
  }

  async get(keys: readonly CacheKey[]): Promise<{ key: CacheKey; value: Value }[]> {
    return keys.flatMap((key) => {
      const id = idOf(key)
      const entry = this.entries.get(id)
      if (entry === undefined) return []
      this.entries.delete(id)
      if (entry.expiresMs <= this.now()) return []
      this.entries.set(id, entry)
      return [{ key, value: entry.value }]
    })
  }

  async set(
    pairs: readonly { readonly key: CacheKey; readonly value: Value; readonly ttl?: number | undefined }[],
  ): Promise<void> {
    for (const { key, value, ttl } of pairs) {
      const id = idOf(key)
      this.entries.delete(id)
      this.entries.set(id, { value, expiresMs: ttl === undefined ? Infinity : this.now() + ttl * 1000 })
    }
    for (const id of this.entries.keys()) {
      if (this.entries.size <= this.maxEntries) break
      this.entries.delete(id)
    }
  }

  async clear(namespaces?: readonly (readonly string[])[]): Promise<void> {
    if (namespaces === undefined || namespaces.length === 0) return this.entries.clear()
    const prefixes = namespaces.map((namespace) => JSON.stringify(namespace))
    for (const id of this.entries.keys()) {
      if (prefixes.some((prefix) => id.startsWith(`[${prefix},`))) this.entries.delete(id)
    }
  }
}

const idOf = ([namespace, key]: CacheKey): string => JSON.stringify([namespace, key])
