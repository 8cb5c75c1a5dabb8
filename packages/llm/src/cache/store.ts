import type { CacheEntry } from './entry.ts'

type Soon<Value> = Value | Promise<Value>

/** Where entries are kept. Those that are over are not given; the least useful ones go when room is needed. */
export interface CacheStore {
  readonly id: string
  readonly get: (key: string) => Soon<CacheEntry | undefined>
  /** In the order of the keys. */
  readonly getMany: (keys: readonly string[]) => Soon<readonly (CacheEntry | undefined)[]>
  readonly set: (key: string, entry: CacheEntry) => Soon<void>
  /** How many of them were there. */
  readonly delete: (keys: readonly string[]) => Soon<number>
  /** Forgets everything that this cache has kept, and nothing that others keep in the same place. */
  readonly clear: () => Soon<void>
  /** Rejects when entries can be neither read nor kept. */
  readonly ping: () => Soon<void>
  readonly close: () => Soon<void>
}

/** A kind of store, as a configuration names it. */
export interface CacheStoreKind<Options> {
  readonly id: string
  readonly open: (options: Options) => Soon<CacheStore>
}

export function defineCacheStore<Options>(
  id: string,
  open: (options: Options) => Soon<Omit<CacheStore, 'id'>>,
): CacheStoreKind<Options> {
  const named = (store: Omit<CacheStore, 'id'>): CacheStore => ({ id, ...store })
  return {
    id,
    open: (options) => {
      const opened = open(options)
      return opened instanceof Promise ? opened.then(named) : named(opened)
    },
  }
}
