import {
  cacheStores,
  createError,
  createMemoryVectors,
  createRedisVectors,
  createResponseCache,
  createUndiciTransport,
  findAwsKeys,
  findAwsRegion,
  guardStore,
  operationOf,
} from '@switchyard/llm/kit'
import type { AuthContext, CachedOperation, CacheRules, CacheStore, VectorIndex } from '@switchyard/llm/kit'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CacheSettings } from '../config/index.ts'
import type { AnswerCache } from './answer-cache.ts'
import { connectRedis } from '../redis/connect.ts'
import type { RedisUse } from '../redis/connect.ts'

/** Where it says that its store is away, and that it is there again: any logger of pino's kind. */
export interface CacheLog {
  readonly info: (text: string) => void
  readonly warn: (fields: object, text: string) => void
}

export interface OpenCacheInput {
  readonly settings: CacheSettings
  /** What the server keeps on this machine. */
  readonly dataDirectory: string
  readonly env: (name: string) => string | undefined
  readonly log: CacheLog
  readonly nowMs: () => number
  readonly monotonicMs: () => number
}

/** Begins the names of everything that is kept in a Redis or a bucket. */
const PREFIX = 'switchyard:answers:'
/** Requests must not wait at the start for what only makes them cheaper. */
const AWAY: RedisUse = { whileAway: 'answers are not cached until it is there', startMs: 500 }
/** A file that others write at the same moment is waited for by SQLite itself. */
const DISK_DEADLINE_MS = 200

type Place<Kind extends CacheSettings['store']['kind']> = Extract<CacheSettings['store'], { kind: Kind }>

/**
 * Opens the cache that the configuration asks for. One whose store is away at the moment opens all the same, and keeps
 * nothing until it is there.
 *
 * @throws when the configuration does not say where the store is.
 */
export async function openCache(input: OpenCacheInput): Promise<AnswerCache> {
  const { settings, nowMs, monotonicMs, log } = input
  const { store, index } = await openStore(input)
  const guarded = guardStore(store, {
    deadlineMs: 'deadlineMs' in settings.store ? settings.store.deadlineMs : DISK_DEADLINE_MS,
    monotonicMs,
    onChange: (state, error) => {
      if (state === 'closed') log.info(`answers are cached in ${store.id} again`)
      else log.warn({ error }, `the cache in ${store.id} does not answer: it is left alone for a while`)
    },
  })
  const responses = createResponseCache({
    store: guarded,
    rules: rulesOf(settings),
    coalesces: settings.coalesces,
    nowMs,
  })
  const semantic = settings.semantic === undefined ? undefined : { ...settings.semantic, index }
  return { responses, scope: settings.scope, semantic, close: async () => void (await store.close()) }
}

function rulesOf({ mode, callTypes, ttlMs, namespace, maxEntryBytes }: CacheSettings): CacheRules {
  const operations =
    callTypes === undefined
      ? undefined
      : new Set(callTypes.flatMap((word): CachedOperation[] => [operationOf(word) ?? []].flat()))
  return { mode, operations, ttlMs, namespace, maxEntryBytes }
}

interface Opened {
  readonly store: CacheStore
  /** Where vectors of questions are kept beside it. */
  readonly index: VectorIndex
}

async function openStore(input: OpenCacheInput): Promise<Opened> {
  const { settings, nowMs } = input
  const place = settings.store
  const index = createMemoryVectors({ nowMs })
  switch (place.kind) {
    case 'memory':
      return {
        store: withIndex(await cacheStores.memory.open({ maxBytes: place.maxBytes, nowMs }), index),
        index,
      }
    case 'disk':
      return { store: await openDisk(place, input), index }
    case 'redis':
      return await openRedis(place, input)
    case 's3':
      return { store: await openS3(place, input), index }
  }
}

/** Whoever empties the store empties the index. */
function withIndex(store: CacheStore, index: VectorIndex): CacheStore {
  return {
    ...store,
    clear: () => {
      void index.clear()
      return store.clear()
    },
  }
}

async function openDisk(place: Place<'disk'>, { dataDirectory, nowMs }: OpenCacheInput): Promise<CacheStore> {
  const folder = place.folder ?? dataDirectory
  await mkdir(folder, { recursive: true })
  return await cacheStores.disk.open({ file: join(folder, 'answers.db'), maxBytes: place.maxBytes, nowMs })
}

async function openRedis(place: Place<'redis'>, { log, nowMs }: OpenCacheInput): Promise<Opened> {
  if (place.url === undefined)
    throw createError({
      code: 'bad_request',
      message:
        'litellm_settings.cache_params: the cache is to be in Redis, and no Redis is named. Set url, or host and port (or REDIS_URL).',
    })
  const client = await connectRedis(place.url.reveal(), AWAY, log)
  const disconnect = (): void => client.disconnect()
  const store = await cacheStores.redis.open({ client, prefix: PREFIX, nowMs, disconnect })
  return { store, index: createRedisVectors({ client, prefix: PREFIX, nowMs }) }
}

async function openS3(place: Place<'s3'>, { env, nowMs }: OpenCacheInput): Promise<CacheStore> {
  const { bucket, endpoint, accessKeyId, secretAccessKey, sessionToken } = place
  const transport = createUndiciTransport()
  const context: AuthContext = { transport, nowMs, env, readFile: (path) => readFile(path, 'utf8') }
  const options = {
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey?.reveal(),
    aws_session_token: sessionToken?.reveal(),
    aws_region_name: place.region,
  }
  const region = findAwsRegion(endpoint ?? '', { options }, context)
  if (region === undefined)
    throw createError({
      code: 'bad_request',
      message:
        'litellm_settings.cache_params: the region of the bucket is not known. Set s3_region_name (or AWS_REGION).',
    })
  return await cacheStores.s3.open({
    bucket,
    region,
    endpoint,
    prefix: place.prefix === '' ? 'switchyard-answers/' : place.prefix,
    keys: async () => {
      const keys = await findAwsKeys({ options }, context)
      if (keys === undefined)
        throw createError({
          code: 'authentication',
          message:
            'There are no AWS keys for the cache: set s3_aws_access_key_id and s3_aws_secret_access_key, or the variables of AWS.',
        })
      return keys
    },
    transport,
    timeoutMs: place.deadlineMs,
    nowMs,
  })
}
