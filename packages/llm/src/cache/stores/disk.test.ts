import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { describeCacheStore } from '../store.contract.ts'
import type { CacheStore } from '../store.ts'
import { disk } from './disk.ts'

const folders: string[] = []
const stores: CacheStore[] = []
afterAll(async () => {
  for (const store of stores) await store.close()
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function place(
  maxBytes = 1_000_000,
): Promise<{ clock: { ms: number }; open: () => Promise<CacheStore> }> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-cache-'))
  folders.push(folder)
  const clock = { ms: 1_700_000_000_000 }
  return {
    clock,
    open: async () => {
      const store = await disk.open({ file: join(folder, 'cache.db'), maxBytes, nowMs: () => clock.ms })
      stores.push(store)
      return store
    },
  }
}

describeCacheStore('a file', async () => {
  const { clock, open } = await place()
  return {
    store: await open(),
    pass: (ms) => {
      clock.ms += ms
    },
    nowMs: () => clock.ms,
    reopen: open,
  }
})

it('keeps within its bytes: what is over goes first, then what was not asked for the longest', async () => {
  const { clock, open } = await place(10_000)
  const store = await open()
  const value = 'x'.repeat(2_500)
  await store.set('over', { value, storedMs: clock.ms, expiresMs: clock.ms + 10 })
  for (const key of ['a', 'b', 'c']) {
    clock.ms += 1_000
    await store.set(key, { value, storedMs: clock.ms })
  }
  expect((await store.getMany(['a', 'b', 'c'])).every((entry) => entry !== undefined)).toBe(true)
  clock.ms += 120_000
  expect(await store.get('a')).toBeDefined()
  await store.set('d', { value, storedMs: clock.ms })
  expect((await store.getMany(['a', 'b', 'c', 'd'])).map((entry) => entry !== undefined)).toEqual([
    true,
    false,
    true,
    true,
  ])
})

it('does not keep one that has no room at all', async () => {
  const { clock, open } = await place(1_000)
  const store = await open()
  await store.set('a', { value: 'x', storedMs: clock.ms })
  await store.set('a', { value: 'x'.repeat(2_000), storedMs: clock.ms })
  expect(await store.get('a')).toBeUndefined()
})
