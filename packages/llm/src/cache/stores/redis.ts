import { decodeEntry, encodeEntry, isOver } from '../entry.ts'
import type { CacheEntry } from '../entry.ts'
import { defineCacheStore } from '../store.ts'
import type { CacheStoreKind } from '../store.ts'

/** The part of a Redis client that is used: that of `ioredis`. */
export interface RedisClient {
  readonly mget: (...keys: string[]) => Promise<(string | null)[]>
  readonly set: (key: string, value: string) => Promise<unknown>
  readonly psetex: (key: string, lifeMs: number, value: string) => Promise<unknown>
  readonly unlink: (...keys: string[]) => Promise<number>
  readonly scan: (
    cursor: string,
    match: 'MATCH',
    pattern: string,
    count: 'COUNT',
    howMany: number,
  ) => Promise<[cursor: string, keys: string[]]>
  readonly ping: () => Promise<unknown>
}

export interface RedisStoreOptions {
  readonly client: RedisClient
  /** Begins every key, so that nothing else in the same Redis is touched. */
  readonly prefix: string
  readonly nowMs: () => number
  /** Ends the connection, where it is this store's own. */
  readonly disconnect?: (() => void) | undefined
}

const SCAN_AT_ONCE = 1_000

/** Shared by all that ask the same Redis or Valkey; what is over goes by itself. */
export const redis: CacheStoreKind<RedisStoreOptions> = defineCacheStore(
  'redis',
  ({ client, prefix, nowMs, disconnect }: RedisStoreOptions) => {
    const nameOf = (key: string): string => prefix + key

    const read = (text: string | null | undefined): CacheEntry | undefined => {
      const entry = typeof text === 'string' ? decodeEntry(text) : undefined
      return entry === undefined || isOver(entry, nowMs()) ? undefined : entry
    }

    const getMany = async (keys: readonly string[]): Promise<readonly (CacheEntry | undefined)[]> =>
      keys.length === 0 ? [] : (await client.mget(...keys.map(nameOf))).map(read)

    return {
      get: async (key) => (await getMany([key]))[0],
      getMany,
      set: async (key, entry) => {
        const { expiresMs } = entry
        const text = encodeEntry(entry)
        if (expiresMs === undefined) return void (await client.set(nameOf(key), text))
        const leftMs = Math.ceil(expiresMs - nowMs())
        if (leftMs > 0) await client.psetex(nameOf(key), leftMs, text)
      },
      delete: async (keys) => (keys.length === 0 ? 0 : await client.unlink(...keys.map(nameOf))),
      clear: async () => {
        let cursor = '0'
        do {
          const [next, names] = await client.scan(
            cursor,
            'MATCH',
            `${escapeGlob(prefix)}*`,
            'COUNT',
            SCAN_AT_ONCE,
          )
          cursor = next
          if (names.length > 0) await client.unlink(...names)
        } while (cursor !== '0')
      },
      ping: async () => void (await client.ping()),
      close: () => disconnect?.(),
    }
  },
)

function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)
}
