import type { CacheEntry } from '../entry.ts'
import { isOver } from '../entry.ts'
import { defineCacheStore } from '../store.ts'
import type { CacheStoreKind } from '../store.ts'

export interface MemoryStoreOptions {
  /** Of all entries together; the ones not asked for the longest go first. */
  readonly maxBytes: number
  readonly nowMs: () => number
}

/** What an entry takes beside its texts: it lies in a map and is an object. */
const ENTRY_BYTES = 256

/** In this process: gone when it ends, seen by nobody else. */
export const memory: CacheStoreKind<MemoryStoreOptions> = defineCacheStore(
  'memory',
  ({ maxBytes, nowMs }: MemoryStoreOptions) => {
    // A map keeps the order of insertion: the first one is the one not asked for the longest.
    const entries = new Map<string, CacheEntry>()
    let bytes = 0

    const drop = (key: string): boolean => {
      const entry = entries.get(key)
      if (entry === undefined) return false
      entries.delete(key)
      bytes -= sizeOf(key, entry)
      return true
    }

    const get = (key: string): CacheEntry | undefined => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (isOver(entry, nowMs())) {
        drop(key)
        return undefined
      }
      entries.delete(key)
      entries.set(key, entry)
      return entry
    }

    return {
      get,
      getMany: (keys) => keys.map(get),
      set: (key, entry) => {
        drop(key)
        const size = sizeOf(key, entry)
        if (size > maxBytes) return
        entries.set(key, entry)
        bytes += size
        for (const oldest of entries.keys()) {
          if (bytes <= maxBytes) break
          drop(oldest)
        }
      },
      delete: (keys) => keys.filter(drop).length,
      clear: () => {
        entries.clear()
        bytes = 0
      },
      ping: () => undefined,
      close: () => {
        entries.clear()
        bytes = 0
      },
    }
  },
)

/** A text may take two bytes a character, which is what is counted. */
function sizeOf(key: string, { value }: CacheEntry): number {
  return 2 * (key.length + value.length) + ENTRY_BYTES
}
