import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import type { CacheSettings } from '../config/index.ts'
import { Secret } from '../config/index.ts'
import { testRedis } from '../counters/testing/redis.ts'
import type { AnswerCache } from './answer-cache.ts'
import { openCache } from './open.ts'

const endings: (() => unknown)[] = []
afterAll(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function open(store: CacheSettings['store'], more: Partial<CacheSettings> = {}): Promise<AnswerCache> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-answers-'))
  endings.push(() => rm(folder, { recursive: true, force: true }))
  const cache = await openCache({
    settings: { store, mode: 'default_on', scope: 'team', coalesces: false, maxEntryBytes: 1_000, ...more },
    dataDirectory: folder,
    env: () => undefined,
    log: pino({ level: 'silent' }),
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
  })
  endings.push(cache.close)
  return cache
}

const policy = { reads: true, writes: true }

describe('a cache in a real Redis', () => {
  const redis = testRedis()
  const url = new Secret(process.env['SWITCHYARD_TEST_REDIS_URL'] ?? '')
  const place = { kind: 'redis', url, deadlineMs: 1_000 } as const
  const key = (): string => randomBytes(8).toString('hex')

  it('is shared, and what is over goes by itself', async () => {
    const [one, other] = [await open(place), await open(place)]
    const [short, long] = [key(), key()]
    one.responses.keep(short, 'short', { ...policy, ttlMs: 60 })
    one.responses.keep(long, 'wörter', policy)
    await expect.poll(async () => (await other.responses.find(long, policy))?.value).toBe('wörter')
    await expect.poll(async () => await redis.keys(`*${short}`)).toEqual([])
    expect((await other.responses.findMany([short, long], policy)).map((entry) => entry?.value)).toEqual([
      undefined,
      'wörter',
    ])
    await one.responses.store.ping()
  })

  it('is emptied without touching what others keep there', async () => {
    const cache = await open(place)
    const mine = key()
    await redis.set(`precious-${mine}`, '1')
    endings.push(() => redis.del(`precious-${mine}`))
    await cache.responses.store.set(mine, { value: 'x', storedMs: 0 })
    await cache.responses.store.clear()
    expect(await cache.responses.find(mine, policy)).toBeUndefined()
    expect(await redis.get(`precious-${mine}`)).toBe('1')
  })

  it('that is away costs nothing but a miss', async () => {
    const cache = await open({ kind: 'redis', url: new Secret('redis://127.0.0.1:1'), deadlineMs: 50 })
    expect(await cache.responses.find('a', policy)).toBeUndefined()
    cache.responses.keep('a', 'x', policy)
    await expect(async () => cache.responses.store.ping()).rejects.toThrow()
  })

  it('that says nothing is waited for until its deadline', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    endings.push(() => silent.close())
    await new Promise((resolve) => silent.once('listening', resolve))
    const { port } = silent.address() as AddressInfo
    const opening = open({ kind: 'redis', url: new Secret(`redis://127.0.0.1:${port}`), deadlineMs: 50 })
    const cache = await opening
    const startMs = performance.now()
    expect(await cache.responses.find('a', policy)).toBeUndefined()
    expect(performance.now() - startMs).toBeLessThan(500)
  })
})

it('a file is in the data directory', async () => {
  const cache = await open({ kind: 'disk', maxBytes: 100_000 })
  cache.responses.keep('a', 'kept', policy)
  expect((await cache.responses.find('a', policy))?.value).toBe('kept')
  expect(cache.responses.store.id).toBe('disk')
})

it.each<[CacheSettings['store'], string]>([
  [{ kind: 'redis', deadlineMs: 50 }, 'no Redis is named'],
  [{ kind: 's3', bucket: 'b', prefix: '', deadlineMs: 50 }, 'the region of the bucket is not known'],
])('%j says what is missing', async (store, words) => {
  await expect(open(store)).rejects.toThrow(words)
})
