import { describe, expect, it } from 'vitest'
import { loadConfig } from './load.ts'
import type { LoadResult } from './load.ts'

async function load(
  params: object | undefined,
  more: { sections?: object; env?: Record<string, string>; models?: object[] } = {},
): Promise<LoadResult> {
  const text = JSON.stringify({
    model_list: more.models ?? [{ model_name: 'demo', litellm_params: { model: 'demo/echo' } }],
    ...more.sections,
    litellm_settings: { cache: true, ...(params === undefined ? {} : { cache_params: params }) },
  })
  return await loadConfig({
    path: 'config.yaml',
    readFile: () => Promise.resolve(text),
    env: more.env ?? {},
  })
}

async function cacheOf(...input: Parameters<typeof load>): Promise<unknown> {
  const loaded = await load(...input)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
  return loaded.config.cache
}

async function urlOf(...input: Parameters<typeof load>): Promise<string | undefined> {
  const loaded = await load(...input)
  const store = loaded.ok ? loaded.config.cache?.store : undefined
  return store?.kind === 'redis' ? store.url?.reveal() : undefined
}

const usual = {
  mode: 'default_on',
  namespace: undefined,
  callTypes: undefined,
  scope: 'team',
  coalesces: false,
  maxEntryBytes: 2 * 1024 * 1024,
  semantic: undefined,
}

describe('where answers are kept', () => {
  it('in memory where nothing else is said', async () => {
    expect(await cacheOf(undefined)).toEqual({
      ...usual,
      store: { kind: 'memory', maxBytes: 100 * 1024 * 1024 },
      ttlMs: 60_000,
    })
  })

  it('in the Redis that is there for other things, too', async () => {
    expect(await urlOf(undefined, { env: { REDIS_URL: 'redis://shared:1' } })).toBe('redis://shared:1')
    const sections = { router_settings: { redis_host: 'routers' } }
    expect(await urlOf(undefined, { sections })).toBe('redis://routers:6379/0')
    expect(await cacheOf({ type: 'local' }, { sections })).toMatchObject({ store: { kind: 'memory' } })
  })

  it('in its own Redis, whole or in LiteLLM’s parts', async () => {
    const parts = { type: 'redis', host: 'redis', port: 6380, password: 'p@ss', db: 2, ssl: true, ttl: 3600 }
    expect(await urlOf(parts)).toBe('rediss://:p%40ss@redis:6380/2')
    expect(await urlOf({ url: 'redis://u:p@host:1/3' })).toBe('redis://u:p@host:1/3')
    expect(await cacheOf(parts)).toMatchObject({ ttlMs: 3_600_000, store: { deadlineMs: 50 } })
    expect(await cacheOf({ ...parts, socket_timeout: 0.2 })).toMatchObject({ store: { deadlineMs: 200 } })
  })

  it('in S3 and on disk', async () => {
    expect(
      await cacheOf({ type: 's3', s3_bucket_name: 'b', s3_region_name: 'r', s3_path: '/answers/' }),
    ).toMatchObject({ ttlMs: undefined, store: { kind: 's3', bucket: 'b', region: 'r', prefix: 'answers/' } })
    expect(await cacheOf({ type: 'disk', disk_cache_dir: '/var/cache', max_size_mb: 2 })).toMatchObject({
      ttlMs: undefined,
      store: { kind: 'disk', folder: '/var/cache', maxBytes: 2 * 1024 * 1024 },
    })
  })

  it('nowhere, without `cache: true`', async () => {
    const loaded = await load({ type: 'redis' }, {})
    expect(loaded.ok && loaded.config.cache).toBeTruthy()
    const off = await loadConfig({
      path: 'config.yaml',
      readFile: () =>
        Promise.resolve('litellm_settings: {cache: false, cache_params: {type: qdrant-semantic}}'),
      env: {},
    })
    expect(off.ok && off.config.cache).toBe(undefined)
  })

  it('shows no password', async () => {
    const shown = JSON.stringify(await cacheOf({ type: 'redis', host: 'h', password: 'precious' }))
    expect(shown).not.toContain('precious')
  })
})

describe('how long they are good', () => {
  it.each<[object, number | undefined]>([
    [{ type: 'local', ttl: 5 }, 5_000],
    [{ type: 'local', default_in_memory_ttl: 7 }, 7_000],
    [{ type: 'redis', host: 'h', default_in_redis_ttl: 9, default_in_memory_ttl: 7 }, 9_000],
    [{ type: 'redis', host: 'h' }, undefined],
  ])('%j: %s', async (params, ttlMs) => {
    expect(await cacheOf(params)).toMatchObject({ ttlMs })
  })
})

describe('a cache that cannot be', () => {
  it.each<[object, string]>([
    [{ type: 'qdrant-semantic' }, "'qdrant-semantic' is a store that this gateway does not have"],
    [{ type: 'memcached' }, 'expected one of local, redis'],
    [{ type: 'redis', redis_startup_nodes: [{ host: 'a' }] }, 'a Redis of several nodes is not offered'],
    [{ type: 's3' }, 's3_bucket_name: is required'],
    [{ type: 'redis-semantic' }, 'embedding_model: is required'],
    [{ type: 'redis-semantic', embedding_model: 'none' }, "no entry of model_list serves 'none'"],
    [{ type: 'local-semantic', embedding_model: 'demo', similarity_threshold: 2 }, 'from 0 to 1'],
    [{ namespace: 'a b' }, 'namespace: expected up to 128'],
    [{ ttl: -1 }, 'ttl: expected a number, at least 0'],
    [{ scope: 'world' }, 'scope: expected one of'],
  ])('%j is refused', async (params, words) => {
    const loaded = await load(params)
    expect(loaded.ok).toBe(false)
    expect(loaded.findings.map(({ path, message }) => `${path}: ${message}`).join('\n')).toContain(words)
  })

  it('says what may be meant, and what is not there yet', async () => {
    const loaded = await load({
      typ: 'local',
      redis_flush_size: 100,
      supported_call_types: ['acompletion', 'speech'],
    })
    expect(loaded.findings.map(({ level, path, fix }) => [level, path, fix])).toEqual(
      expect.arrayContaining([
        ['warning', 'litellm_settings.cache_params.typ', 'did you mean type?'],
        ['info', 'litellm_settings.cache_params.redis_flush_size', undefined],
        ['warning', 'litellm_settings.cache_params.supported_call_types[1]', undefined],
      ]),
    )
  })
})
