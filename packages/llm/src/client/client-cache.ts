import { createResponseCache } from '../cache/cache.ts'
import type { ResponseCache } from '../cache/cache.ts'
import { guardStore } from '../cache/guarded.ts'
import { operationOf } from '../cache/policy.ts'
import type { CacheRules } from '../cache/policy.ts'
import type { CacheStore } from '../cache/store.ts'
import { disk, memory, redis } from '../cache/stores/index.ts'
import type { RedisClient } from '../cache/stores/redis.ts'

/** Where answers are kept and for how long, in LiteLLM's names. */
export interface CacheOptions {
  /** `local` (default): in this process. `disk`: in a SQLite file (Node). `redis`: by a client of yours. */
  type?: 'local' | 'disk' | 'redis' | undefined
  /** Seconds for which an answer is good. Left out: 60 in memory, else until its room is needed. */
  ttl?: number | undefined
  /** `default_off`: only calls with `caching: true` or `cache: { 'use-cache': true }`. */
  mode?: 'default_on' | 'default_off' | undefined
  namespace?: string | undefined
  /** Kinds of calls that are cached: `completion`, `embedding` … Left out: all. */
  supported_call_types?: readonly string[] | undefined
  /** Equal calls at the same time ask once. */
  coalesce?: boolean | undefined
  /** Of all answers together, in memory (100) or on disk (1024). */
  max_size_mb?: number | undefined
  /** Larger answers are not kept (2). */
  max_entry_size_mb?: number | undefined
  /** The file of `disk` (`switchyard-answers.db`). */
  disk_cache_file?: string | undefined
  /** Of `redis`: an `ioredis` client, or one with the same commands. It stays yours to close. */
  redis_client?: RedisClient | undefined
  /** Seconds that a call waits for the store at most (0.05 for Redis, 0.2 for a file). */
  socket_timeout?: number | undefined
  nowMs?: (() => number) | undefined
}

/** Answers that several clients may share. */
export interface ClientCache {
  /** Opened when it is first needed. */
  readonly open: () => ResponseCache | Promise<ResponseCache>
  /** Forgets every answer that it has kept. */
  readonly clear: () => Promise<void>
  readonly close: () => Promise<void>
}

const BYTES_PER_MEGABYTE = 1024 * 1024
const MEMORY_TTL_S = 60

/**
 * A cache for `createClient({ cache })` or `configure({ cache })`.
 *
 * @example configure({ cache: createCache({ type: 'local', ttl: 300 }) })
 */
export function createCache(options: CacheOptions = {}): ClientCache {
  const { type = 'local', nowMs = Date.now } = options
  let opened: ResponseCache | Promise<ResponseCache> | undefined

  const wrap = (store: CacheStore): ResponseCache =>
    createResponseCache({
      store: guardStore(store, {
        deadlineMs: (options.socket_timeout ?? (type === 'redis' ? 0.05 : 0.2)) * 1000,
        monotonicMs: () => performance.now(),
        onChange: () => undefined,
      }),
      rules: rulesOf(options, type),
      coalesces: options.coalesce,
      nowMs,
    })

  const open = (): ResponseCache | Promise<ResponseCache> => {
    if (opened !== undefined) return opened
    const store = openStore(options, type, nowMs)
    opened = store instanceof Promise ? store.then(wrap) : wrap(store)
    return opened
  }
  return {
    open,
    clear: async () => await (await open()).store.clear(),
    close: async () => {
      await (await opened)?.store.close()
      opened = undefined
    },
  }
}

function rulesOf(options: CacheOptions, type: string): CacheRules {
  const { supported_call_types: words, max_entry_size_mb: megabytes = 2 } = options
  const seconds = options.ttl ?? (type === 'local' ? MEMORY_TTL_S : undefined)
  return {
    mode: options.mode ?? 'default_on',
    operations: words === undefined ? undefined : new Set(words.flatMap((word) => operationOf(word) ?? [])),
    ttlMs: seconds === undefined ? undefined : seconds * 1000,
    namespace: options.namespace,
    maxEntryBytes: megabytes * BYTES_PER_MEGABYTE,
  }
}

function openStore(
  options: CacheOptions,
  type: CacheOptions['type'],
  nowMs: () => number,
): CacheStore | Promise<CacheStore> {
  const bytes = (megabytes: number): number => (options.max_size_mb ?? megabytes) * BYTES_PER_MEGABYTE
  if (type === 'disk')
    return disk.open({
      file: options.disk_cache_file ?? 'switchyard-answers.db',
      maxBytes: bytes(1_024),
      nowMs,
    })
  if (type === 'redis') {
    if (options.redis_client === undefined)
      throw new TypeError(
        "createCache({ type: 'redis' }) needs a redis_client: new Redis(url) of ioredis, for example",
      )
    return redis.open({ client: options.redis_client, prefix: 'switchyard:sdk:', nowMs })
  }
  return memory.open({ maxBytes: bytes(100), nowMs })
}
