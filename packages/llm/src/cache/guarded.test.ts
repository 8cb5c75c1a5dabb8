import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CacheEntry } from './entry.ts'
import { guardStore } from './guarded.ts'
import type { CacheStore } from './store.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const entry: CacheEntry = { value: 'x', storedMs: 0 }

function place(answer: () => Promise<CacheEntry | undefined>): {
  store: CacheStore
  asked: () => number
  changes: string[]
  clock: { ms: number }
} {
  let asked = 0
  const changes: string[] = []
  const clock = { ms: 0 }
  const count = <Value>(value: Promise<Value>): Promise<Value> => {
    asked++
    return value
  }
  const inner: CacheStore = {
    id: 'test',
    get: () => count(answer()),
    getMany: (keys) => count(Promise.all(keys.map(answer))),
    set: () => count(answer().then(() => undefined)),
    delete: () => answer().then(() => 1),
    clear: () => answer().then(() => undefined),
    ping: () => answer().then(() => undefined),
    close: () => undefined,
  }
  const store = guardStore(inner, {
    deadlineMs: 50,
    monotonicMs: () => clock.ms,
    onChange: (state) => changes.push(state),
  })
  return { store, asked: () => asked, changes, clock }
}

const broken = (): Promise<never> => Promise.reject(new Error('gone'))

describe('a store that is slow', () => {
  it('is waited for until its deadline and no longer', async () => {
    const { store } = place(() => new Promise(() => undefined))
    const found = store.get('a')
    await vi.advanceTimersByTimeAsync(49)
    expect(await Promise.race([found, 'waiting'])).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1)
    expect(await found).toBeUndefined()
  })
  it('finds none of many', async () => {
    const { store } = place(() => new Promise(() => undefined))
    const found = store.getMany(['a', 'b'])
    await vi.advanceTimersByTimeAsync(50)
    expect(await found).toEqual([undefined, undefined])
  })
})

describe('a store that fails', () => {
  it('counts as empty, is left alone after some failures, and is tried again later', async () => {
    let isBroken = true
    const { store, asked, changes, clock } = place(() => (isBroken ? broken() : Promise.resolve(entry)))
    for (let call = 0; call < 5; call++) expect(await store.get('a')).toBeUndefined()
    expect([asked(), changes]).toEqual([5, ['open']])
    for (let call = 0; call < 100; call++) expect(await store.get('a')).toBeUndefined()
    await store.set('a', entry)
    expect(asked()).toBe(5)
    clock.ms = 1_000
    await Promise.all([store.get('a'), store.get('b'), store.get('c')])
    expect(asked()).toBe(6)
    clock.ms = 2_900
    await store.get('a')
    expect(asked()).toBe(6)
    isBroken = false
    clock.ms = 3_100
    expect(await store.get('a')).toBe(entry)
    expect(await store.get('a')).toBe(entry)
    expect([asked(), changes]).toEqual([8, ['open', 'closed']])
  })
  it('says so to whoever administers it', async () => {
    const { store } = place(broken)
    await expect(async () => store.ping()).rejects.toThrow('gone')
    await expect(async () => store.delete(['a'])).rejects.toThrow('gone')
    await expect(async () => store.clear()).rejects.toThrow('gone')
  })
  it('fails no call when it throws at once', () => {
    const { store } = place(() => {
      throw new Error('locked')
    })
    expect(store.get('a')).toBeUndefined()
    expect(store.set('a', entry)).toBeUndefined()
  })
})
