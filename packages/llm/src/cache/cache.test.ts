import { describe, expect, it } from 'vitest'
import { createResponseCache } from './cache.ts'
import type { ResponseCache } from './cache.ts'
import type { CachePolicy } from './policy.ts'
import { memory } from './stores/memory.ts'
import type { CacheStore } from './store.ts'

function place(): { cache: ResponseCache; clock: { ms: number } } {
  const clock = { ms: 10_000 }
  const nowMs = (): number => clock.ms
  const store = memory.open({ maxBytes: 100_000, nowMs }) as CacheStore
  return {
    clock,
    cache: createResponseCache({ store, rules: { mode: 'default_on', maxEntryBytes: 20 }, nowMs }),
  }
}

const both: CachePolicy = { reads: true, writes: true }

describe('a response cache', () => {
  it('finds what was kept until it is over', async () => {
    const { cache, clock } = place()
    cache.keep('a', 'answer', { ...both, ttlMs: 1_000 })
    expect((await cache.find('a', both))?.value).toBe('answer')
    clock.ms += 1_000
    expect(await cache.find('a', both)).toBeUndefined()
  })
  it('finds nothing that is older than is wanted', async () => {
    const { cache, clock } = place()
    cache.keep('a', 'answer', both)
    clock.ms += 500
    expect(await cache.find('a', { ...both, maxAgeMs: 500 })).toBeDefined()
    expect(await cache.find('a', { ...both, maxAgeMs: 499 })).toBeUndefined()
    expect(await cache.findMany(['a', 'b'], { ...both, maxAgeMs: 499 })).toEqual([undefined, undefined])
  })
  it('does not look, and does not keep, where the policy says no', async () => {
    const { cache } = place()
    cache.keep('a', 'answer', { ...both, writes: false })
    expect(await cache.find('a', both)).toBeUndefined()
    cache.keep('a', 'answer', both)
    expect(await cache.find('a', { ...both, reads: false })).toBeUndefined()
    expect(await cache.findMany(['a'], { ...both, reads: false })).toEqual([undefined])
  })
  it('keeps nothing that is too large', async () => {
    const { cache } = place()
    cache.keep('a', 'x'.repeat(21), both)
    expect(await cache.find('a', both)).toBeUndefined()
  })
  it('is not hurt by a store that takes nothing', () => {
    const store = {
      ...place().cache.store,
      set: () => Promise.reject(new Error('full')),
    }
    const cache = createResponseCache({
      store,
      rules: { mode: 'default_on', maxEntryBytes: 20 },
      nowMs: () => 5,
    })
    expect(cache.keep('a', 'answer', both)).toEqual({ value: 'answer', storedMs: 5 })
  })
})
