import { describe, expect, it } from 'vitest'
import { describeCacheStore } from '../store.contract.ts'
import type { CacheStore } from '../store.ts'
import { redis } from './redis.ts'
import type { RedisClient } from './redis.ts'

/** As much of Redis as is used, by a clock of the test's; the server's tests ask a real one. */
function fakeRedis(
  nowMs: () => number,
): RedisClient & { readonly data: Map<string, { text: string; endMs: number }> } {
  const data = new Map<string, { text: string; endMs: number }>()
  const read = (key: string): string | null => {
    const found = data.get(key)
    return found === undefined || found.endMs <= nowMs() ? null : found.text
  }
  return {
    data,
    mget: (...keys) => Promise.resolve(keys.map(read)),
    set: (key, text) => {
      data.set(key, { text, endMs: Number.POSITIVE_INFINITY })
      return Promise.resolve('OK')
    },
    psetex: (key, lifeMs, text) => {
      data.set(key, { text, endMs: nowMs() + lifeMs })
      return Promise.resolve('OK')
    },
    unlink: (...keys) => Promise.resolve(keys.filter((key) => data.delete(key)).length),
    scan: (cursor, _match, pattern, _count, howMany) => {
      const prefix = pattern.slice(0, -1).replaceAll('\\', '')
      const names = [...data.keys()].filter((key) => key.startsWith(prefix))
      const isLast = names.length <= 10
      expect([cursor, howMany]).toEqual([expect.stringMatching(/^\d+$/), 1_000])
      return Promise.resolve([isLast ? '0' : String(Number(cursor) + 1), names.slice(0, 10)])
    },
    ping: () => Promise.resolve('PONG'),
  }
}

describeCacheStore('a Redis', () => {
  const clock = { ms: 1_000 }
  const client = fakeRedis(() => clock.ms)
  const open = (): Promise<CacheStore> =>
    Promise.resolve(redis.open({ client, prefix: 'cache[*]:', nowMs: () => clock.ms }))
  return open().then((store) => ({
    store,
    pass: (ms) => {
      clock.ms += ms
    },
    nowMs: () => clock.ms,
    reopen: open,
  }))
})

describe('a Redis that others use too', () => {
  it('touches nothing but its own', async () => {
    const client = fakeRedis(() => 0)
    await client.set('counters', 'precious')
    const store = await redis.open({ client, prefix: 'cache:', nowMs: () => 0 })
    await store.set('a', { value: '1', storedMs: 0 })
    expect(await store.delete(['counters'])).toBe(0)
    await store.clear()
    expect([...client.data.keys()]).toEqual(['counters'])
  })

  it('reads nothing that is no entry of its form', async () => {
    const client = fakeRedis(() => 0)
    const store = await redis.open({ client, prefix: '', nowMs: () => 0 })
    for (const text of ['', 'v1', 'v1 1 -', 'v2 1 -\nvalue', 'v1 x -\nvalue', '{"response":"LiteLLM\'s"}']) {
      await client.set('a', text)
      expect(await store.get('a')).toBeUndefined()
    }
  })
})
