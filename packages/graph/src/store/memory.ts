import { createBatch } from './batch.ts'
import type { PreparedPut, PreparedSearch, Shelf } from './batch.ts'
import { bestLikeness, byLikeness } from './embedding.ts'
import { meetsFilter } from './filter.ts'
import { encodeNamespace, selectNamespaces } from './namespace.ts'
import { BaseStore } from './store.ts'
import type { Item, Operation, OperationResults, SearchItem, StoreOptions, StoreValue } from './store.ts'

interface Entry {
  readonly item: Item
  readonly vectors: ReadonlyMap<string, Float32Array>
  readonly ttlMs: number | undefined
  expiresAtMs: number
}

type Shelves = Map<string, Map<string, Entry>>

/** A copy, so that nobody changes what is kept by changing what was read. */
function copied(value: StoreValue, key: string): StoreValue {
  try {
    return structuredClone(value)
  } catch (error) {
    throw new TypeError(
      `store.put: the value of "${key}" is no data: ${String(error)}. Keep plain data only.`,
      { cause: error },
    )
  }
}

function readable(item: Item): Item {
  return { ...item, namespace: [...item.namespace], value: structuredClone(item.value) }
}

function createShelf(refresh: boolean): Shelf & { sweep: (nowMs: number) => number } {
  const shelves: Shelves = new Map()

  function remove(namespace: string, key: string): void {
    const shelf = shelves.get(namespace)
    shelf?.delete(key)
    if (shelf?.size === 0) shelves.delete(namespace)
  }

  function write({ namespace, key, value, vectors, expiresAtMs, ttlMs }: PreparedPut, nowMs: number): void {
    const place = encodeNamespace(namespace)
    if (value === null) {
      remove(place, key)
      return
    }
    const shelf = shelves.get(place) ?? new Map<string, Entry>()
    shelves.set(place, shelf)
    const before = shelf.get(key)
    const known = before !== undefined && before.expiresAtMs > nowMs
    if (before !== undefined && !known) shelf.delete(key)
    const now = new Date(nowMs)
    const item = {
      value,
      key,
      namespace: [...namespace],
      createdAt: known ? before.item.createdAt : now,
      updatedAt: now,
    }
    shelf.set(key, { item, vectors, ttlMs, expiresAtMs: expiresAtMs ?? Infinity })
  }

  function touch(entry: Entry, nowMs: number): void {
    if (refresh && entry.ttlMs !== undefined) entry.expiresAtMs = nowMs + entry.ttlMs
  }

  function search(search: PreparedSearch, nowMs: number): SearchItem[] {
    const { namespacePrefix, filter, limit, offset, vector } = search
    const prefix = encodeNamespace(namespacePrefix)
    const found: { entry: Entry; score: number | undefined }[] = []
    for (const [namespace, shelf] of shelves) {
      if (!namespace.startsWith(prefix)) continue
      for (const entry of shelf.values()) {
        if (entry.expiresAtMs <= nowMs || !meetsFilter(entry.item.value, filter)) continue
        const score = vector === undefined ? undefined : bestLikeness(vector, entry.vectors.values())
        found.push({ entry, score })
      }
    }
    const ordered = vector === undefined ? found : found.sort(byLikeness)
    return ordered.slice(offset, offset + limit).map(({ entry, score }) => {
      touch(entry, nowMs)
      return { ...readable(entry.item), ...(score === undefined ? {} : { score }) }
    })
  }

  return {
    get({ namespace, key }, nowMs) {
      const entry = shelves.get(encodeNamespace(namespace))?.get(key)
      if (entry === undefined || entry.expiresAtMs <= nowMs) return null
      touch(entry, nowMs)
      return readable(entry.item)
    },
    search,
    listNamespaces(operation, nowMs) {
      const held = [...shelves]
        .filter(([, shelf]) => [...shelf.values()].some(({ expiresAtMs }) => expiresAtMs > nowMs))
        .map(([namespace]) => namespace)
      return selectNamespaces(held, operation)
    },
    write(puts, nowMs) {
      const copies = puts.map((put) => ({
        ...put,
        value: put.value === null ? null : copied(put.value, put.key),
      }))
      for (const put of copies) write(put, nowMs)
    },
    sweep(nowMs) {
      const gone = [...shelves].flatMap(([namespace, shelf]) =>
        [...shelf]
          .filter(([, { expiresAtMs }]) => expiresAtMs <= nowMs)
          .map(([key]) => [namespace, key] as const),
      )
      for (const [namespace, key] of gone) remove(namespace, key)
      return gone.length
    },
  }
}

/**
 * A store in this process's memory, gone with it.
 *
 * @example
 * const store = new InMemoryStore({ index: { dims: 1536, embed } })
 * await store.put(['users', 'ada'], 'food', { text: 'She likes pizza' })
 */
export class InMemoryStore extends BaseStore {
  readonly #batch: ReturnType<typeof createBatch>
  readonly #sweep: () => number

  constructor(options: StoreOptions = {}) {
    super()
    const shelf = createShelf(options.ttl?.refreshOnRead ?? true)
    this.#batch = createBatch(shelf, options)
    this.#sweep = () => shelf.sweep((options.nowMs ?? Date.now)())
  }

  batch<const Operations extends readonly Operation[]>(
    operations: Operations,
  ): Promise<OperationResults<Operations>> {
    return this.#batch(operations)
  }

  /** Frees the memory of items whose time is over, and says how many there were. They are never answered anyway. */
  sweepExpired(): number {
    return this.#sweep()
  }
}
