import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InvalidNamespaceError } from './namespace.ts'
import type { BaseStore, PutOperation, StoreOptions } from './store.ts'

/** A store that the suite is run over. */
export interface StoreUnderTest {
  create: (options: StoreOptions) => Promise<BaseStore> | BaseStore
  destroy?: ((store: BaseStore) => Promise<void>) | undefined
}

const AXES = ['food', 'sport', 'music']

/** How often each of three words occurs: enough for likeness to be predictable. */
export function embedWords(texts: string[]): number[][] {
  return texts.map((text) => AXES.map((word) => text.split(word).length - 1))
}

/** What every store does, whatever it keeps its items in. */
export function storeContract(name: string, { create, destroy }: StoreUnderTest): void {
  describe(`${name}: a store`, () => {
    let store: BaseStore
    let now: number

    async function open(options: StoreOptions = {}): Promise<void> {
      now = 1_000_000
      store = await create({ nowMs: () => now, ...options })
    }
    beforeEach(() => open())
    afterEach(async () => {
      await destroy?.(store)
      await store.stop()
    })

    it('keeps, replaces and deletes', async () => {
      await store.put(['users', 'ada'], 'food', { likes: 'pizza', deep: { list: [1, null, 'x'] } })
      now += 1_000
      expect(await store.get(['users', 'ada'], 'food')).toEqual({
        value: { likes: 'pizza', deep: { list: [1, null, 'x'] } },
        key: 'food',
        namespace: ['users', 'ada'],
        createdAt: new Date(1_000_000),
        updatedAt: new Date(1_000_000),
      })
      await store.put(['users', 'ada'], 'food', { likes: 'pasta' })
      expect(await store.get(['users', 'ada'], 'food')).toMatchObject({
        value: { likes: 'pasta' },
        createdAt: new Date(1_000_000),
        updatedAt: new Date(1_001_000),
      })
      await store.delete(['users', 'ada'], 'food')
      expect(await store.get(['users', 'ada'], 'food')).toBeNull()
      expect(await store.listNamespaces()).toEqual([])
    })

    it('is not changed by who changes what was read or written', async () => {
      const value = { list: [1] }
      await store.put(['a'], 'k', value)
      value.list.push(2)
      const read = await store.get<{ list: number[] }>(['a'], 'k')
      read?.value.list.push(3)
      expect((await store.get(['a'], 'k'))?.value).toEqual({ list: [1] })
    })

    it.each<[namespace: string[], key: string]>([
      [[], 'k'],
      [[''], 'k'],
      [['a', ''], 'k'],
      [['a.b'], 'k'],
      [['langgraph'], 'k'],
      [['a\0'], 'k'],
      [['a'], ''],
      [['a'], 'k\0'],
    ])('refuses the namespace %j with the key %j', async (namespace, key) => {
      await expect(store.put(namespace, key, {})).rejects.toThrow(InvalidNamespaceError)
    })

    it('refuses a value that is no object, and names its place', async () => {
      const put: unknown = { namespace: ['a'], key: 'k', value: [1] }
      await expect(store.batch([put as PutOperation])).rejects.toThrow('"k" in ["a"] is no object')
    })

    it('keeps apart namespaces that look alike', async () => {
      const namespaces = [['a', 'b'], ['a:b'], ['a/b'], ['a', 'bc'], ['a%'], ['A', 'b'], ['é'], ['a b']]
      for (const namespace of namespaces) await store.put(namespace, 'k', { namespace })
      for (const namespace of namespaces) {
        expect((await store.get(namespace, 'k'))?.value).toEqual({ namespace })
      }
      const below = await store.search(['a'])
      expect(below.map(({ namespace }) => namespace)).toEqual([
        ['a', 'b'],
        ['a', 'bc'],
      ])
      expect(await store.search(['a%'])).toHaveLength(1)
      expect(await store.search([], { limit: 100 })).toHaveLength(namespaces.length)
    })

    it('takes texts as they are: quotes, SQL, emoji, the names of a prototype', async () => {
      const key = 'it\'s; DROP TABLE items; -- "%_\\ 🦊'
      const value = JSON.parse(
        '{"__proto__": {"x": 1}, "constructor": "c", "quote\'s": "\\u2028🦊"}',
      ) as Record<string, unknown>
      await store.put(['a'], key, value)
      expect(Object.keys((await store.get(['a'], key))?.value ?? {}).sort()).toEqual(
        Object.keys(value).sort(),
      )
      expect(await store.search(['a'], { filter: { "quote's": '\u2028🦊' } })).toHaveLength(1)
      expect(await store.search(['a'], { filter: { toString: 'x' } })).toEqual([])
    })

    describe('searching', () => {
      beforeEach(async () => {
        const values = [
          { n: 1, kind: 'a', tags: ['x'] },
          { n: 2, kind: 'b' },
          { n: 3, kind: 'a', gone: null },
          { n: 'text', kind: 'c' },
        ]
        for (const [index, value] of values.entries()) await store.put(['s'], `k${index + 1}`, value)
      })

      it.each<[filter: Record<string, unknown>, keys: string[]]>([
        [{}, ['k1', 'k2', 'k3', 'k4']],
        [{ kind: 'a' }, ['k1', 'k3']],
        [{ kind: 'a', n: 3 }, ['k3']],
        [{ n: { $gt: 1 } }, ['k2', 'k3']],
        [{ n: { $gte: 2, $lt: 3 } }, ['k2']],
        [{ n: { $lte: 1 } }, ['k1']],
        [{ kind: { $ne: 'a' } }, ['k2', 'k4']],
        [{ kind: { $eq: 'b' } }, ['k2']],
        [{ tags: ['x'] }, ['k1']],
        [{ gone: null }, ['k3']],
        [{ missing: 1 }, []],
        [{ n: '1' }, []],
      ])('by %j', async (filter, keys) => {
        const items = await store.search(['s'], { filter })
        expect(items.map(({ key }) => key)).toEqual(keys)
      })

      it('refuses an operator that there is not', async () => {
        await expect(store.search(['s'], { filter: { n: { $regex: '.*' } } })).rejects.toThrow('$regex')
      })

      it('in pages, ten at a time when nothing is said', async () => {
        for (let index = 5; index <= 15; index += 1) await store.put(['s'], `k${index}`, { kind: 'z' })
        const keys = async (options: { limit?: number; offset?: number }): Promise<string[]> =>
          (await store.search(['s'], options)).map(({ key }) => key)
        expect(await keys({})).toHaveLength(10)
        expect(await keys({ limit: 2, offset: 3 })).toEqual(['k4', 'k5'])
        expect(await keys({ limit: 100, offset: 14 })).toEqual(['k15'])
      })

      it('by a text does nothing without an index', async () => {
        const items = await store.search(['s'], { query: 'food' })
        expect(items.map(({ key, score }) => [key, score])).toEqual([
          ['k1', undefined],
          ['k2', undefined],
          ['k3', undefined],
          ['k4', undefined],
        ])
      })
    })

    it('lists namespaces by prefix, suffix, depth and page', async () => {
      const namespaces = [
        ['docs', 'ada', 'private'],
        ['docs', 'bob', 'public'],
        ['docs', 'bob', 'private', 'old'],
        ['users', 'ada'],
      ]
      for (const namespace of namespaces) await store.put(namespace, 'k', {})
      expect(await store.listNamespaces({ prefix: ['docs'], maxDepth: 2 })).toEqual([
        ['docs', 'ada'],
        ['docs', 'bob'],
      ])
      expect(await store.listNamespaces({ suffix: ['private'] })).toEqual([['docs', 'ada', 'private']])
      expect(await store.listNamespaces({ prefix: ['docs', '*', 'private'] })).toEqual([
        ['docs', 'ada', 'private'],
        ['docs', 'bob', 'private', 'old'],
      ])
      expect(await store.listNamespaces({ limit: 1, offset: 3 })).toEqual([['users', 'ada']])
    })

    it('in a batch, reads see what was before and the last write of a key counts', async () => {
      await store.put(['a'], 'k', { v: 1 })
      const [put, get, search, again] = await store.batch([
        { namespace: ['a'], key: 'k', value: { v: 2 } },
        { namespace: ['a'], key: 'k' },
        { namespacePrefix: ['a'] },
        { namespace: ['a'], key: 'k', value: { v: 3 } },
      ])
      expect([put, again]).toEqual([undefined, undefined])
      expect(get?.value).toEqual({ v: 1 })
      expect(search.map(({ value }) => value)).toEqual([{ v: 1 }])
      expect((await store.get(['a'], 'k'))?.value).toEqual({ v: 3 })
    })

    it('a batch with one bad operation does nothing', async () => {
      const bad = { namespace: ['a.b'], key: 'k', value: {} }
      await expect(store.batch([{ namespace: ['a'], key: 'k', value: {} }, bad])).rejects.toThrow()
      expect(await store.get(['a'], 'k')).toBeNull()
    })

    it('many at once do not disturb one another', async () => {
      const keys = Array.from({ length: 50 }, (_, index) => `k${index}`)
      await Promise.all(keys.map((key) => store.put(['a'], key, { key })))
      const read = await Promise.all(keys.map((key) => store.get(['a'], key)))
      expect(read.map((item) => item?.value['key'])).toEqual(keys)
    })

    describe('time to live', () => {
      it('ends, and begins anew at each reading', async () => {
        await store.put(['a'], 'short', {}, undefined, { ttlMs: 1_000 })
        await store.put(['a'], 'long', {})
        now += 900
        expect(await store.get(['a'], 'short')).not.toBeNull()
        now += 900
        expect(await store.search(['a'])).toHaveLength(2)
        now += 1_000
        expect(await store.get(['a'], 'short')).toBeNull()
        expect((await store.search(['a'])).map(({ key }) => key)).toEqual(['long'])
        await store.put(['a'], 'short', {})
        expect((await store.get(['a'], 'short'))?.createdAt).toEqual(new Date(now))
      })

      it('of the store, and of an item that is to stay', async () => {
        await destroy?.(store)
        await store.stop()
        await open({ ttl: { defaultTtlMs: 1_000, refreshOnRead: false } })
        await store.put(['a'], 'k', {})
        await store.put(['b'], 'stays', {}, undefined, { ttlMs: null })
        now += 900
        expect(await store.get(['a'], 'k')).not.toBeNull()
        now += 200
        expect(await store.get(['a'], 'k')).toBeNull()
        expect(await store.listNamespaces()).toEqual([['b']])
      })

      it.each([0, -1, Number.NaN])('refuses %d', async (ttlMs) => {
        await expect(store.put(['a'], 'k', {}, undefined, { ttlMs })).rejects.toThrow('above 0')
      })
    })

    describe('likeness', () => {
      const embedded: string[] = []
      const index = {
        dims: 3,
        fields: ['text'],
        embed: (texts: string[]) => {
          embedded.push(...texts)
          return embedWords(texts)
        },
      }
      beforeEach(async () => {
        await destroy?.(store)
        await store.stop()
        await open({ index })
        await store.put(['m'], 'pizza', { text: 'food', who: 'ada' })
        await store.put(['m'], 'run', { text: 'sport', who: 'bob' })
        await store.put(['m'], 'both', { text: 'food and sport', who: 'ada' })
        await store.put(['m'], 'none', { other: 'food' })
        await store.put(['m'], 'silent', { text: 'food' }, false)
        embedded.length = 0
      })

      it('the most alike first, those without a text last', async () => {
        const items = await store.search(['m'], { query: 'food' })
        expect(items.map(({ key }) => key)).toEqual(['pizza', 'both', 'run', 'none', 'silent'])
        expect(items[0]?.score).toBeCloseTo(1, 5)
        expect(items[1]?.score).toBeCloseTo(Math.SQRT1_2, 5)
        expect(items[3]?.score).toBeUndefined()
        expect(embedded).toEqual(['food'])
      })

      it('together with a filter and pages', async () => {
        const items = await store.search(['m'], { query: 'sport', filter: { who: 'ada' } })
        expect(items.map(({ key }) => key)).toEqual(['both', 'pizza'])
        const page = await store.search(['m'], { query: 'food', limit: 1, offset: 1 })
        expect(page.map(({ key }) => key)).toEqual(['both'])
      })

      it('a new value has new vectors, a deleted one none', async () => {
        await store.put(['m'], 'pizza', { text: 'music' })
        await store.delete(['m'], 'both')
        const items = await store.search(['m'], { query: 'music', limit: 2 })
        expect(items[0]).toMatchObject({ key: 'pizza', value: { text: 'music' } })
        expect(
          (await store.search(['m'], { query: 'food', limit: 100 })).map(({ key }) => key),
        ).not.toContain('both')
      })

      it('an item may name its own texts, several of them', async () => {
        await store.put(['m'], 'list', { parts: [{ t: 'sport' }, { t: 'music' }] }, ['parts[*].t'])
        const [best] = await store.search(['m'], { query: 'music' })
        expect(best?.key).toBe('list')
        expect(best?.score).toBeCloseTo(1, 5)
      })

      it('LangChain’s embeddings do as well', async () => {
        await destroy?.(store)
        await store.stop()
        const embeddings = {
          embedDocuments: async (texts: string[]) => embedWords(texts),
          embedQuery: async (text: string) => embedWords([text])[0] ?? [],
        }
        await open({ index: { dims: 3, embeddings } })
        await store.put(['m'], 'a', { anything: 'music' })
        await store.put(['m'], 'b', { anything: 'food' })
        expect((await store.search(['m'], { query: 'food' })).map(({ key }) => key)).toEqual(['b', 'a'])
      })

      it('vectors of another length are refused, and nothing is kept', async () => {
        await destroy?.(store)
        await store.stop()
        await open({ index: { dims: 2, embed: embedWords } })
        await expect(store.put(['m'], 'a', { text: 'food' })).rejects.toThrow('dims')
        expect(await store.get(['m'], 'a')).toBeNull()
      })
    })
  })
}
