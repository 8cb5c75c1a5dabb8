import { expect, it } from 'vitest'
import { createTokenCache } from './token-cache.ts'

it('gives a kept value at once, without a promise', async () => {
  const cache = createTokenCache<string>()
  const fetchValue = async () => ({ value: 'a', expiresAtMs: 3_600_000 })
  expect(await cache.get('key', () => 0, fetchValue)).toBe('a')
  expect(cache.get('key', () => 0, fetchValue)).toBe('a')
})

it('keeps the values of different keys apart', async () => {
  const cache = createTokenCache<string>()
  const get = (key: string) =>
    cache.get(
      key,
      () => 0,
      async () => ({ value: key, expiresAtMs: 3_600_000 }),
    )
  expect(await Promise.all([get('a'), get('b'), get('a')])).toEqual(['a', 'b', 'a'])
})

it('uses a short-lived value for half its life', async () => {
  const cache = createTokenCache<number>()
  let nowMs = 0
  let fetches = 0
  const get = () =>
    cache.get(
      'key',
      () => nowMs,
      async () => ({ value: ++fetches, expiresAtMs: nowMs + 30_000 }),
    )
  await get()
  nowMs = 14_000
  expect(await get()).toBe(1)
  nowMs = 16_000
  expect(await get()).toBe(2)
})

it('forgets the oldest when it holds too many', async () => {
  const cache = createTokenCache<number>()
  let fetches = 0
  const get = (key: number) =>
    cache.get(
      String(key),
      () => 0,
      async () => ({ value: ++fetches, expiresAtMs: 3_600_000 }),
    )
  for (let key = 0; key <= 1000; key += 1) await get(key)
  expect(await get(1000)).toBe(1001)
  expect(await get(0)).toBe(1002)
})
