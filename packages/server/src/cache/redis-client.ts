import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'

const CONNECT_MS = 2_000
/** One that takes longer is taken up when it is there. */
const START_MS = 500
const RECONNECT_MS = 1_000

/**
 * Connects for the cache, and goes on without waiting for it: while there is no connection a call fails at once, and is
 * not repeated.
 */
export async function connectCacheRedis(
  url: string,
  log: { readonly warn: (fields: object, text: string) => void },
): Promise<Redis> {
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: CONNECT_MS,
    retryStrategy: () => RECONNECT_MS,
    enableReadyCheck: false,
  })
  let isSaid = false
  redis.on('error', (error) => {
    if (!isSaid) log.warn({ error }, 'Redis cannot be reached; answers are not cached until it is there')
    isSaid = true
  })
  redis.on('connect', () => {
    isSaid = false
  })
  await Promise.race([redis.connect().catch(() => undefined), sleep(START_MS, undefined, { ref: false })])
  return redis
}
