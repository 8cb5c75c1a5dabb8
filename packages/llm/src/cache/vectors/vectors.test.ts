import { describe, expect, it } from 'vitest'
import { createMemoryVectors } from './memory-vectors.ts'
import { createRedisVectors } from './redis-vectors.ts'
import type { RedisVectorClient } from './redis-vectors.ts'
import { unitVector } from './vector-index.ts'
import type { VectorIndex } from './vector-index.ts'

const of = (...numbers: number[]): Float32Array => unitVector(numbers) ?? new Float32Array()

/** As much of Redis as is used; the server's tests ask a real one. */
function fakeRedis(): RedisVectorClient {
  const lists = new Map<string, string[]>()
  return {
    lrange: (key, start, stop) => Promise.resolve((lists.get(key) ?? []).slice(start, stop + 1)),
    lpush: (key, value) => Promise.resolve(lists.set(key, [value, ...(lists.get(key) ?? [])])),
    ltrim: (key, start, stop) =>
      Promise.resolve(lists.set(key, (lists.get(key) ?? []).slice(start, stop + 1))),
    pexpire: () => Promise.resolve(1),
  }
}

const clock = { ms: 0 }
const nowMs = (): number => clock.ms

describe.each<[string, () => VectorIndex]>([
  ['in memory', () => createMemoryVectors({ nowMs, maxOfBucket: 3 })],
  ['in Redis', () => createRedisVectors({ client: fakeRedis(), prefix: 'p:', nowMs, maxOfBucket: 3 })],
])('vectors %s', (_, open) => {
  it('finds the nearest of a bucket, and how near it is', async () => {
    const index = open()
    await index.add('b', { key: 'x', vector: of(1, 0) })
    await index.add('b', { key: 'a key with spaces', vector: of(1, 1) })
    const near = await index.nearest('b', of(2, 2.1))
    expect(near?.key).toBe('a key with spaces')
    expect(near?.similarity).toBeCloseTo(0.9997, 3)
    expect(await index.nearest('other', of(1, 1))).toBeUndefined()
  })

  it('keeps the latest few', async () => {
    const index = open()
    for (const at of [0, 1, 2, 3]) await index.add('b', { key: String(at), vector: of(1, at) })
    expect((await index.nearest('b', of(1, 0)))?.key).toBe('1')
  })

  it('finds nothing that is over, or of another length', async () => {
    const index = open()
    clock.ms = 0
    await index.add('b', { key: 'short', vector: of(1, 0), expiresMs: 100 })
    await index.add('b', { key: 'long', vector: of(0, 1), expiresMs: 1_000 })
    await index.add('b', { key: 'odd', vector: of(1, 0, 0) })
    expect((await index.nearest('b', of(1, 0)))?.key).toBe('short')
    clock.ms = 500
    expect((await index.nearest('b', of(1, 0)))?.key).toBe('long')
  })
})

it('in memory, all together have a bound, too', async () => {
  const index = createMemoryVectors({ nowMs, maxOfAll: 3 })
  for (const bucket of ['a', 'b', 'c', 'd']) await index.add(bucket, { key: bucket, vector: of(1) })
  expect(await index.nearest('a', of(1))).toBeUndefined()
  expect(await index.nearest('b', of(1))).toBeDefined()
  await index.clear()
  expect(await index.nearest('d', of(1))).toBeUndefined()
})

it('a vector that points nowhere is none', () => {
  expect(unitVector([0, 0])).toBeUndefined()
  expect(unitVector([Number.NaN])).toBeUndefined()
})
