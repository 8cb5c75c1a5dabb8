import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'

const CONNECT_MS = 2_000
const RECONNECT_MS = 1_000

export interface RedisUse {
  /** Ends "Redis cannot be reached; …": what it means that it is away. Said once each time it goes. */
  readonly whileAway: string
  /** How long the start waits for it; one that takes longer is taken up when it is there. */
  readonly startMs?: number
}

/**
 * Connects, and goes on by itself when the connection is lost: while there is none a call fails at once instead of
 * waiting for one, and is not repeated. A Redis that is away at the start is looked for as one that goes away later.
 */
export async function connectRedis(
  url: string,
  { whileAway, startMs = CONNECT_MS }: RedisUse,
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
    if (!isSaid) log.warn({ error }, `Redis cannot be reached; ${whileAway}`)
    isSaid = true
  })
  redis.on('connect', () => {
    isSaid = false
  })
  await Promise.race([redis.connect().catch(() => undefined), sleep(startMs, undefined, { ref: false })])
  return redis
}
