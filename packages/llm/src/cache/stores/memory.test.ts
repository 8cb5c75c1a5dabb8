import { expect, it } from 'vitest'
import { describeCacheStore } from '../store.contract.ts'
import type { CacheStore } from '../store.ts'
import { memory } from './memory.ts'

function open(maxBytes: number, clock = { ms: 1_000 }): CacheStore {
  return memory.open({ maxBytes, nowMs: () => clock.ms }) as CacheStore
}

describeCacheStore('a memory', () => {
  const clock = { ms: 1_000 }
  return Promise.resolve({
    store: open(100_000, clock),
    pass: (ms) => {
      clock.ms += ms
    },
    nowMs: () => clock.ms,
  })
})

it('lets the ones not asked for the longest go when room is needed', async () => {
  const store = open(5_000)
  const value = 'x'.repeat(500)
  for (const key of ['a', 'b', 'c']) await store.set(key, { value, storedMs: 0 })
  expect(await store.get('a')).toBeDefined()
  await store.set('d', { value, storedMs: 0 })
  expect((await store.getMany(['a', 'b', 'c', 'd'])).map((entry) => entry !== undefined)).toEqual([
    true,
    false,
    true,
    true,
  ])
})

it('counts an entry that is replaced once, and gives back the room of one that is deleted', async () => {
  const store = open(4_000)
  const value = 'x'.repeat(800)
  for (let round = 0; round < 10; round++) await store.set('a', { value, storedMs: round })
  await store.set('b', { value, storedMs: 0 })
  expect((await store.getMany(['a', 'b'])).every((entry) => entry !== undefined)).toBe(true)
  await store.delete(['a'])
  await store.set('c', { value, storedMs: 0 })
  expect((await store.getMany(['b', 'c'])).every((entry) => entry !== undefined)).toBe(true)
})

it('does not empty itself for one that has no room at all', async () => {
  const store = open(3_000)
  await store.set('small', { value: 'x', storedMs: 0 })
  await store.set('large', { value: 'x'.repeat(5_000), storedMs: 0 })
  expect(await store.get('large')).toBeUndefined()
  expect(await store.get('small')).toBeDefined()
})
