import { expect, it } from 'vitest'
import { InMemoryStore } from './memory.ts'
import { storeContract } from './store.contract.ts'

storeContract('InMemoryStore', { create: (options) => new InMemoryStore(options) })

it('frees what has expired', async () => {
  let now = 0
  const store = new InMemoryStore({ nowMs: () => now })
  await store.put(['a'], 'k', {}, undefined, { ttlMs: 10 })
  await store.put(['a'], 'stays', {})
  now = 10
  expect([store.sweepExpired(), store.sweepExpired()]).toEqual([1, 0])
})

it('says which value is no data', async () => {
  const store = new InMemoryStore()
  await expect(store.put(['a'], 'k', { fn: () => 1 })).rejects.toThrow('the value of "k" is no data')
})
