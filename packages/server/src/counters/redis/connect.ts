import type { Logger } from 'pino'
import type { Redis } from 'ioredis'

/** How long connecting may take at the start, before requests come. */
const CONNECT_MS = 2_000
const RECONNECT_MS = 1_000

/**
 * Connects for counters: while there is no connection a call fails at once instead of waiting for one, and is not
 * repeated. A Redis that is away at the start is looked for as one that goes away later.
 */
export async function connectRedis(url: string, log: Pick<Logger, 'warn'>): Promise<Redis> {
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
    if (!isSaid) log.warn({ error }, 'Redis cannot be reached; counters of this instance go on alone')
    isSaid = true
  })
  redis.on('connect', () => {
    isSaid = false
  })
  await redis.connect().catch(() => undefined)
  return redis
}
