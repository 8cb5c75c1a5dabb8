import { describe, expect, it } from 'vitest'
import type { CacheStore } from './store.ts'

/** An empty store, and a clock that only moves when it is told to. */
export interface StorePlace {
  readonly store: CacheStore
  /** Time goes on; for stores that watch a clock of their own it has to be waited for. */
  readonly pass: (ms: number) => void | Promise<void>
  readonly nowMs: () => number
  /** Another store over the same place, where there can be one. */
  readonly reopen?: (() => Promise<CacheStore>) | undefined
}

/** What every store does. */
export function describeCacheStore(name: string, open: () => Promise<StorePlace>): void {
  describe(name, () => {
    it('gives back what was kept, to the letter', async () => {
      const { store, nowMs } = await open()
      const value = '{"text":"zwölf\\n\u2028 \u{1F680} \\u0000"}\nsecond line'
      await store.set('ns:a/b', { value, storedMs: nowMs() })
      expect(await store.get('ns:a/b')).toEqual({ value, storedMs: nowMs() })
      expect(await store.get('ns:a')).toBeUndefined()
    })

    it('gives the later one of two', async () => {
      const { store, nowMs } = await open()
      await store.set('a', { value: 'one', storedMs: nowMs() })
      await store.set('a', { value: 'two', storedMs: nowMs(), expiresMs: nowMs() + 60_000 })
      expect((await store.get('a'))?.value).toBe('two')
    })

    it('gives nothing that is over', async () => {
      const { store, pass, nowMs } = await open()
      await store.set('short', { value: 's', storedMs: nowMs(), expiresMs: nowMs() + 100 })
      await store.set('long', { value: 'l', storedMs: nowMs(), expiresMs: nowMs() + 60_000 })
      expect((await store.get('short'))?.value).toBe('s')
      await pass(150)
      expect(await store.get('short')).toBeUndefined()
      expect((await store.getMany(['short', 'long'])).map((entry) => entry?.value)).toEqual([undefined, 'l'])
    })

    it('finds many in the order of their keys', async () => {
      const { store, nowMs } = await open()
      for (const key of ['a', 'b', 'c']) await store.set(key, { value: key, storedMs: nowMs() })
      const found = await store.getMany(['c', 'x', 'a', 'c'])
      expect(found.map((entry) => entry?.value)).toEqual(['c', undefined, 'a', 'c'])
      expect(await store.getMany([])).toEqual([])
    })

    it('deletes what it is told to, and counts it', async () => {
      const { store, nowMs } = await open()
      for (const key of ['a', 'b', 'c']) await store.set(key, { value: key, storedMs: nowMs() })
      expect(await store.delete(['a', 'c', 'x'])).toBe(2)
      expect((await store.getMany(['a', 'b', 'c'])).map((entry) => entry?.value)).toEqual([
        undefined,
        'b',
        undefined,
      ])
      expect(await store.delete([])).toBe(0)
    })

    it('forgets everything', async () => {
      const { store, nowMs } = await open()
      for (let index = 0; index < 40; index++)
        await store.set(`key-${index}`, { value: 'x', storedMs: nowMs() })
      await store.clear()
      expect((await store.getMany(['key-0', 'key-39'])).every((entry) => entry === undefined)).toBe(true)
      await store.set('after', { value: 'kept', storedMs: nowMs() })
      expect((await store.get('after'))?.value).toBe('kept')
    })

    it('answers a ping, and another one finds what was kept where it is shared', async () => {
      const { store, nowMs, reopen } = await open()
      await store.ping()
      if (reopen === undefined) return
      await store.set('a', { value: 'kept', storedMs: nowMs() })
      expect((await (await reopen()).get('a'))?.value).toBe('kept')
    })
  })
}
