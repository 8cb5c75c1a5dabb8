import assert from 'node:assert/strict'
import { newCheckpointId } from '../checkpoint/checkpoint-id.ts'
import type {
  ChannelChange,
  Checkpointer,
  Commit,
  ListQuery,
  Place,
  SavedCheckpoint,
  TaskWrites,
} from '../checkpoint/checkpointer.ts'
import { listDelta } from '../checkpoint/list-delta.ts'

/** The two functions of a test runner that suites are written with: those of vitest, jest, node:test and others fit. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

/** A saver under test. */
export interface SaverUnderTest {
  /** Makes an empty saver. */
  create(): Checkpointer | Promise<Checkpointer>
  /** Another saver on the same storage, as another process has it; left out where there is no such thing. */
  reopen?(saver: Checkpointer): Checkpointer | Promise<Checkpointer>
  destroy?(saver: Checkpointer): void | Promise<void>
}

type Step = Partial<Commit> & { values?: Record<string, unknown>; list?: Record<string, [unknown[], number]> }

const ROOT: Place = { thread: 'thread', namespace: '' }

/** Makes commits of one place, each on top of the last one. */
function writer(saver: Checkpointer, place: Place = ROOT) {
  let head: string | null = null
  let step = -2
  return {
    get head(): string {
      return head ?? ''
    },
    async commit({ values = {}, list = {}, changes = [], ...rest }: Step = {}): Promise<string> {
      const id: string = newCheckpointId(head)
      step += 1
      const all: ChannelChange[] = [
        ...Object.entries(values).map(([channel, value]) => ({ type: 'value', channel, value }) as const),
        ...Object.entries(list).map(
          ([channel, [value, keep]]) => ({ type: 'list', channel, value, keep }) as const,
        ),
        ...changes,
      ]
      await saver.commit({
        ...place,
        checkpoint: {
          id,
          ts: new Date(1_700_000_000_000 + step).toISOString(),
          channelVersions: Object.fromEntries(all.map(({ channel }) => [channel, step + 3])),
          versionsSeen: { node: { 'branch:to:node': step + 2 } },
        },
        metadata: { source: step < 0 ? 'input' : 'loop', step, parents: {} },
        expectedHead: head,
        parentId: head ?? undefined,
        changes: all,
        ...rest,
      })
      head = id
      return id
    },
  }
}

async function read(saver: Checkpointer, id?: string, place: Place = ROOT): Promise<SavedCheckpoint> {
  const saved = await saver.load(place, id)
  assert.ok(saved, `checkpoint ${id ?? '(head)'} is there`)
  return saved
}

async function all(saver: Checkpointer, query?: ListQuery): Promise<SavedCheckpoint[]> {
  const found: SavedCheckpoint[] = []
  for await (const saved of saver.history(query)) found.push(saved)
  return found
}

async function refusal(attempt: () => unknown): Promise<{ code?: string; message: string }> {
  try {
    await attempt()
  } catch (error) {
    return error as { code?: string; message: string }
  }
  assert.fail('it should have been refused')
}

/** Everything that state may hold, as it comes back. */
const SAMPLE_VALUES: Readonly<Record<string, unknown>> = {
  text: 'a "quoted" line\n\u0000 \u2028 \ud83d\ude80 lone \ud800',
  number: -1.5e-300,
  negativeZero: -0,
  notANumber: Number.NaN,
  infinite: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  yes: true,
  nothing: null,
  missing: [undefined, { inside: undefined }],
  big: 2n ** 80n,
  date: new Date(1_700_000_000_123),
  map: new Map<unknown, unknown>([
    ['key', new Set([1, 'two'])],
    [{ structured: true }, undefined],
  ]),
  bytes: new Uint8Array([0, 1, 254, 255]),
  floats: new Float64Array([0.1, -0]),
  pattern: /a+\/b/giu,
  address: new URL('https://example.com/path?q=1#part'),
  looksLikeATag: { $type: 'date', value: 0 },
  looksLikeAnEscape: { $type: 'escaped', value: { $type: 'map' } },
  constructorKey: { constructor: { prototype: 1 }, prototype: [], toString: 'text', hasOwnProperty: 0 },
  nested: { list: [[[{ deep: [] }]]], empty: {} },
}

/**
 * What every checkpointer must do, as tests.
 *
 * @example
 * import { describe, it } from 'vitest'
 * checkpointerSuite({ describe, it }, 'my saver', { create: () => new MySaver() })
 */
export function checkpointerSuite(
  { describe, it }: TestRunner,
  name: string,
  { create, reopen, destroy }: SaverUnderTest,
): void {
  const test = (title: string, body: (saver: Checkpointer) => Promise<void>): unknown =>
    it(title, async () => {
      const saver = await create()
      try {
        await body(saver)
      } finally {
        await destroy?.(saver)
      }
    })

  describe(`${name} keeps checkpoints`, () => {
    test('nothing is found where nothing was stored', async (saver) => {
      assert.equal(await saver.load(ROOT), undefined)
      assert.equal(await saver.load(ROOT, newCheckpointId()), undefined)
      assert.deepEqual(await all(saver), [])
      assert.deepEqual(await saver.listThreads(), [])
      assert.deepEqual(await saver.sizeOf('thread'), { checkpoints: 0, bytes: 0 })
    })

    test('a checkpoint comes back as it was stored', async (saver) => {
      const id = newCheckpointId()
      const checkpoint = {
        id,
        ts: '2026-01-02T03:04:05.678Z',
        channelVersions: { a: 1, b: 2 },
        versionsSeen: { node: { a: 1 }, __interrupt__: {} },
        updatedChannels: ['a'],
      }
      const metadata = { source: 'loop', step: 3, parents: { '': 'p' }, user: { tags: ['x', null] } } as const
      await saver.commit({
        ...ROOT,
        checkpoint,
        metadata,
        expectedHead: null,
        changes: [{ type: 'value', channel: 'a', value: { deep: [1, 2] } }],
      })
      const saved = await read(saver)
      assert.deepEqual({ ...saved.checkpoint, format: undefined }, { ...checkpoint, format: undefined })
      assert.deepEqual(saved.metadata, metadata)
      assert.deepEqual(saved.values, { a: { deep: [1, 2] } })
      assert.deepEqual(saved.pendingWrites, [])
      assert.equal(saved.parentId, undefined)
      assert.equal(saved.head, id)
      assert.deepEqual([saved.thread, saved.namespace], ['thread', ''])
    })

    test('values that did not change are inherited, cleared ones are gone', async (saver) => {
      const write = writer(saver)
      await write.commit({ values: { a: 1, b: 'two', c: [3] } })
      await write.commit({ values: { b: 'three' } })
      await write.commit({
        changes: [
          { type: 'cleared', channel: 'a' },
          { type: 'cleared', channel: 'never' },
        ],
      })
      assert.deepEqual((await read(saver)).values, { b: 'three', c: [3] })
    })

    test('every earlier checkpoint keeps its own values', async (saver) => {
      const write = writer(saver)
      const ids: string[] = []
      const items: unknown[] = []
      for (let index = 0; index < 40; index += 1) {
        items.push({ index, text: 'x'.repeat(index) })
        ids.push(await write.commit({ values: { n: index }, list: { items: [[...items], index] } }))
      }
      for (const [index, id] of ids.entries()) {
        const { values, parentId, head } = await read(saver, id)
        assert.deepEqual(values, { n: index, items: items.slice(0, index + 1) })
        assert.equal(parentId, ids[index - 1])
        assert.equal(head, ids.at(-1))
      }
    })

    test('values of every kind come back equal', async (saver) => {
      await writer(saver).commit({ values: SAMPLE_VALUES })
      assert.deepStrictEqual((await read(saver)).values, SAMPLE_VALUES)
    })

    test('an error comes back as an error with its name, message, cause and fields', async (saver) => {
      const error = Object.assign(new RangeError('too far', { cause: { at: 9 } }), { status: 400 })
      await writer(saver).commit({ values: { error } })
      const { error: found } = (await read(saver)).values as { error: RangeError & { status: number } }
      assert.ok(found instanceof Error)
      assert.deepEqual(
        [found.name, found.message, found.cause, found.status],
        ['RangeError', 'too far', { at: 9 }, 400],
      )
    })

    test('neither the writer nor the reader can change what is stored', async (saver) => {
      const state = { message: { text: 'before' }, list: [{ text: 'before' }] }
      const write = writer(saver)
      const stored = write.commit({ values: { message: state.message }, list: { list: [state.list, 0] } })
      state.message.text = 'after'
      state.list[0] = { text: 'after' }
      await stored
      const first = (await read(saver)).values as typeof state
      assert.deepEqual(first, { message: { text: 'before' }, list: [{ text: 'before' }] })
      first.message.text = 'after'
      for (const item of first.list) item.text = 'after'
      first.list.push({ text: 'new' })
      assert.deepEqual((await read(saver)).values, {
        message: { text: 'before' },
        list: [{ text: 'before' }],
      })
      await write.commit({ list: { list: [[{ text: 'before' }, { text: 'next' }], 1] } })
      assert.deepEqual((await read(saver)).values['list'], [{ text: 'before' }, { text: 'next' }])
    })

    test('places are apart: threads, namespaces, and names that try to look like others', async (saver) => {
      const names = [
        '',
        'child',
        'child|inner:1',
        "'; DROP TABLE checkpoints; --",
        '%',
        '_',
        '*',
        'a:b',
        'a\u0001b',
      ]
      for (const namespace of names)
        for (const thread of ['one', 'one:', '*', '__proto__', "x' OR '1'='1"])
          await writer(saver, { thread, namespace }).commit({ values: { at: `${thread}/${namespace}` } })
      for (const namespace of names)
        for (const thread of ['one', 'one:', '*', '__proto__', "x' OR '1'='1"]) {
          const saved = await read(saver, undefined, { thread, namespace })
          assert.deepEqual(saved.values, { at: `${thread}/${namespace}` })
        }
      assert.equal((await all(saver, { thread: '*' })).length, names.length)
      assert.equal((await all(saver, { thread: 'one', namespace: '%' })).length, 1)
      await saver.deleteThread('*')
      assert.equal((await all(saver)).length, names.length * 4)
      assert.equal(({} as Record<string, unknown>)['at'], undefined)
    })
  })

  describe(`${name} keeps lists by what was added`, () => {
    test('any sequence of edits reads as if it had been stored whole', async (saver) => {
      const write = writer(saver)
      const delta = listDelta()
      const seen: [string, unknown[]][] = []
      let items: { n: number }[] = []
      const edits: ((list: { n: number }[], n: number) => { n: number }[])[] = [
        (list, n) => [...list, { n }],
        (list, n) => [...list, { n }, { n: -n }],
        (list) => list.slice(0, -1),
        (list, n) => list.map((item, index) => (index === list.length - 1 ? { n } : item)),
        (list) => list.toReversed(),
        (list) => list,
        (list, n) => [...list.slice(0, 2), { n }],
        () => [],
      ]
      for (let n = 0; n < 120; n += 1) {
        const edit = edits[(n * n + n) % (n % 13 === 0 ? edits.length : 4)]
        items = edit?.(items, n) ?? items
        seen.push([await write.commit({ changes: [delta.change('items', items)] }), structuredClone(items)])
      }
      for (const [id, expected] of seen) assert.deepEqual((await read(saver, id)).values['items'], expected)
    })

    test('branches from one checkpoint do not see each other', async (saver) => {
      const write = writer(saver)
      const base = await write.commit({ list: { items: [['a'], 0] } })
      const left = await write.commit({ list: { items: [['a', 'left'], 1] } })
      const right = await write.commit({ parentId: base, list: { items: [['a', 'right'], 1] } })
      const leftAgain = await write.commit({ parentId: left, list: { items: [['a', 'left', 'more'], 2] } })
      const rightAgain = await write.commit({ parentId: right, list: { items: [['a', 'right', 'more'], 2] } })
      for (const [id, expected] of [
        [base, ['a']],
        [left, ['a', 'left']],
        [right, ['a', 'right']],
        [leftAgain, ['a', 'left', 'more']],
        [rightAgain, ['a', 'right', 'more']],
      ] as const)
        assert.deepEqual((await read(saver, id)).values['items'], expected)
    })

    test('a long thread takes what its content takes', async (saver) => {
      const write = writer(saver)
      const items: unknown[] = []
      for (let index = 0; index < 200; index += 1) {
        items.push({ id: `m${index}`, role: 'user', content: 'x'.repeat(500) })
        await write.commit({ list: { items: [[...items], index] } })
      }
      const { bytes } = await saver.sizeOf('thread')
      assert.ok(bytes < 200 * 500 * 4, `${bytes} bytes for ${200 * 500} bytes of text`)
      assert.deepEqual((await read(saver)).values['items'], items)
    })
  })

  describe(`${name} commits a superstep whole or not at all`, () => {
    test('writes of finished tasks are kept with the parent', async (saver) => {
      const write = writer(saver)
      const parent = await write.commit({ values: { n: 1 } })
      const writes: TaskWrites[] = [
        {
          taskId: 'b',
          writes: [
            ['n', 2],
            ['branch:to:x', null],
          ],
        },
        { taskId: 'a', writes: [['list', [{ deep: true }]]] },
      ]
      await write.commit({ values: { n: 2 }, writes })
      assert.deepEqual((await read(saver, parent)).pendingWrites, [
        { taskId: 'a', channel: 'list', value: [{ deep: true }] },
        { taskId: 'b', channel: 'n', value: 2 },
        { taskId: 'b', channel: 'branch:to:x', value: null },
      ])
      assert.deepEqual((await read(saver)).pendingWrites, [])
    })

    test('the second of two runs on one head is refused and leaves nothing', async (saver) => {
      const write = writer(saver)
      const base = await write.commit({ values: { n: 1 } })
      await write.commit({ values: { n: 2 } })
      const error = await refusal(() =>
        write.commit({
          expectedHead: base,
          parentId: base,
          values: { n: 99 },
          writes: [{ taskId: 'late', writes: [['n', 99]] }],
        }),
      )
      assert.equal(error.code, 'thread_conflict')
      assert.match(error.message, /thread "thread"/)
      assert.deepEqual((await read(saver)).values, { n: 2 })
      assert.deepEqual((await read(saver, base)).pendingWrites, [])
      assert.equal((await all(saver)).length, 2)
    })

    test('of two first runs on one thread one is refused', async (saver) => {
      await writer(saver).commit({ values: { n: 1 } })
      const error = await refusal(() => writer(saver).commit({ values: { n: 2 } }))
      assert.equal(error.code, 'thread_conflict')
    })

    test('of many at the same time exactly one wins', async (saver) => {
      const other = (await reopen?.(saver)) ?? saver
      const head = await writer(saver).commit({ values: { n: 0 } })
      const tries = Array.from({ length: 12 }, async (_, n) => {
        const by = n % 2 === 0 ? saver : other
        await by.commit({
          ...ROOT,
          checkpoint: { id: newCheckpointId(head), ts: '', channelVersions: {}, versionsSeen: {} },
          metadata: {},
          parentId: head,
          expectedHead: head,
          changes: [{ type: 'value', channel: 'n', value: n }],
        })
        return n
      })
      const results = await Promise.allSettled(tries)
      const won = results.filter(({ status }) => status === 'fulfilled')
      assert.equal(won.length, 1)
      for (const result of results)
        if (result.status === 'rejected')
          assert.equal((result.reason as { code?: string }).code, 'thread_conflict')
      assert.deepEqual((await read(saver)).values, { n: (won[0] as PromiseFulfilledResult<number>).value })
      if (other !== saver) await destroy?.(other)
    })

    test('a commit whose answer was lost can be repeated', async (saver) => {
      const write = writer(saver)
      const base = await write.commit({ values: { n: 1 }, list: { items: [['a'], 0] } })
      const commit: Commit = {
        ...ROOT,
        checkpoint: { id: newCheckpointId(base), ts: 't', channelVersions: {}, versionsSeen: {} },
        metadata: {},
        parentId: base,
        expectedHead: base,
        changes: [{ type: 'list', channel: 'items', value: ['a', 'b'], keep: 1 }],
        writes: [{ taskId: 't', writes: [['items', ['b']]] }],
      }
      await saver.commit(commit)
      await saver.commit(commit)
      assert.deepEqual((await read(saver)).values, { n: 1, items: ['a', 'b'] })
      assert.equal((await read(saver, base)).pendingWrites.length, 1)
      assert.equal((await all(saver)).length, 2)
    })

    test('an id that sorts before the head it follows is refused', async (saver) => {
      const early = newCheckpointId()
      const write = writer(saver)
      const head = await write.commit()
      const error = await refusal(() =>
        saver.commit({
          ...ROOT,
          checkpoint: { id: early, ts: '', channelVersions: {}, versionsSeen: {} },
          metadata: {},
          parentId: head,
          expectedHead: head,
          changes: [],
        }),
      )
      assert.equal(error.code, 'invalid_id')
    })

    test('a parent that is gone is refused, since its values would be lost', async (saver) => {
      const write = writer(saver)
      await write.commit({ values: { n: 1 } })
      const error = await refusal(() => write.commit({ parentId: newCheckpointId(), values: { m: 2 } }))
      assert.equal(error.code, 'checkpoint_not_found')
      assert.equal((await all(saver)).length, 1)
    })

    for (const [what, value, path] of [
      ['a function', { tools: [{ run: () => 1 }] }, 'state.tools[0].run'],
      ['a symbol', [Symbol('s')], 'state[0]'],
      [
        'a class with methods',
        {
          at: new (class Robot {
            walk() {}
          })(),
        },
        'state.at',
      ],
      ['a promise', { 'not ready': Promise.resolve(1) }, 'state["not ready"]'],
      ['a weak map', new Map([['key', new WeakMap()]]), 'state.get("key")'],
      ['a cycle', cycle(), 'state.self.back'],
      ['too deep a nest', nest(2000), 'state[0][0]'],
    ] as const)
      test(`${what} is refused with its path, and nothing is stored`, async (saver) => {
        const write = writer(saver)
        await write.commit({ values: { n: 1 } })
        const error = await refusal(() => write.commit({ values: { n: 2, state: value } }))
        assert.equal(error.code, 'state_not_serializable')
        assert.ok(error.message.includes(path), error.message)
        const inWrites = await refusal(() =>
          saver.addWrites(ROOT, write.head, [
            {
              taskId: 't',
              writes: [
                ['n', 3],
                ['state', value],
              ],
            },
          ]),
        )
        assert.equal(inWrites.code, 'state_not_serializable')
        const saved = await read(saver)
        assert.deepEqual([saved.values, saved.pendingWrites], [{ n: 1 }, []])
      })

    test('keys that would change a prototype are refused', async (saver) => {
      const write = writer(saver)
      await write.commit()
      const polluting: unknown = JSON.parse('{"deep":{"__proto__":{"polluted":true}}}')
      for (const attempt of [
        () => write.commit({ values: { state: polluting } }),
        () => write.commit({ changes: [{ type: 'value', channel: '__proto__', value: { polluted: true } }] }),
        () => saver.addWrites(ROOT, write.head, [{ taskId: 't', writes: [['state', polluting]] }]),
      ])
        assert.equal((await refusal(attempt)).code, 'invalid_state_key')
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
    })

    test('ids that are none are refused', async (saver) => {
      for (const thread of ['', undefined, null, 7, { $ne: null }] as unknown as string[]) {
        const error = await refusal(() => writer(saver, { thread, namespace: '' }).commit())
        assert.equal(error.code, 'invalid_id')
        assert.equal((await refusal(() => saver.load({ thread, namespace: '' }))).code, 'invalid_id')
      }
    })
  })

  describe(`${name} keeps writes of a superstep in progress`, () => {
    test('by task and index, and once', async (saver) => {
      const write = writer(saver)
      await write.commit()
      const add = (taskId: string, writes: TaskWrites['writes'], firstIndex?: number): unknown =>
        saver.addWrites(ROOT, write.head, [{ taskId, writes, firstIndex }])
      await add('b', [
        ['x', 1],
        ['y', { z: 2 }],
      ])
      await add('b', [
        ['x', 'again'],
        ['y', 'again'],
      ])
      await add('a', [['x', 3]])
      await add('b', [['x', 'further']], 2)
      assert.deepEqual((await read(saver)).pendingWrites, [
        { taskId: 'a', channel: 'x', value: 3 },
        { taskId: 'b', channel: 'x', value: 1 },
        { taskId: 'b', channel: 'y', value: { z: 2 } },
        { taskId: 'b', channel: 'x', value: 'further' },
      ])
    })

    test('errors, interrupts and answers have one place each, and the latest counts', async (saver) => {
      const write = writer(saver)
      await write.commit()
      const add = (...writes: [string, unknown][]): unknown =>
        saver.addWrites(ROOT, write.head, [{ taskId: 't', writes }])
      await add(['__interrupt__', [{ id: 'i', value: 'first?' }]], ['x', 1])
      await add(['__interrupt__', [{ id: 'i', value: 'second?' }]])
      await add(['__resume__', ['one']])
      await add(['__resume__', ['one', 'two']])
      await add(['__error__', { message: 'broke' }])
      const found = (await read(saver)).pendingWrites.map(({ channel, value }) => [channel, value])
      assert.deepEqual(found, [
        ['__resume__', ['one', 'two']],
        ['__interrupt__', [{ id: 'i', value: 'second?' }]],
        ['__error__', { message: 'broke' }],
        ['x', 1],
      ])
    })

    test('they are listed with their checkpoint and go with their thread', async (saver) => {
      const write = writer(saver)
      const first = await write.commit()
      await saver.addWrites(ROOT, first, [{ taskId: 't', writes: [['x', 1]] }])
      await write.commit()
      const [newest, oldest] = await all(saver, { thread: 'thread' })
      assert.deepEqual(newest?.pendingWrites, [])
      assert.deepEqual(oldest?.pendingWrites, [{ taskId: 't', channel: 'x', value: 1 }])
      await saver.deleteThread('thread')
      assert.equal(await saver.load(ROOT, first), undefined)
    })
  })

  describe(`${name} lists`, () => {
    async function filled(saver: Checkpointer): Promise<string[]> {
      const write = writer(saver)
      const ids: string[] = []
      for (let n = 0; n < 10; n += 1)
        ids.push(
          await write.commit({
            values: { n },
            metadata: { step: n, source: n % 2 ? 'loop' : 'update', user: { n: [n] } },
          }),
        )
      await writer(saver, { thread: 'thread', namespace: 'child' }).commit({ values: { n: 'child' } })
      await writer(saver, { thread: 'other', namespace: '' }).commit({ values: { n: 'other' } })
      return ids
    }
    const steps = (found: readonly SavedCheckpoint[]): unknown[] => found.map(({ values }) => values['n'])

    test('newest first, by thread, namespace, id, age, metadata and number', async (saver) => {
      const ids = await filled(saver)
      for (const [query, expected] of [
        [{}, ['other', 'child', 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
        [{ thread: 'other' }, ['other']],
        [{ thread: 'thread', namespace: '' }, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
        [{ namespace: 'child' }, ['child']],
        [{ thread: 'thread', namespace: '', limit: 2 }, [9, 8]],
        [{ thread: 'thread', limit: 0 }, []],
        [{ thread: 'thread', namespace: '', before: ids[2] }, [1, 0]],
        [{ thread: 'thread', namespace: '', before: ids[9], limit: 2 }, [8, 7]],
        [{ thread: 'thread', checkpointId: ids[4] }, [4]],
        [{ thread: 'thread', filter: { source: 'loop' } }, ['child', 9, 7, 5, 3, 1].slice(1)],
        [{ filter: { source: 'loop' }, limit: 2 }, [9, 7]],
        [{ filter: { user: { n: [3] } } }, [3]],
        [{ filter: { source: 'loop', step: 3 } }, [3]],
        [{ filter: { step: '3' } }, []],
        [{ filter: { "step' OR 1=1 --": 1 } }, []],
        [{ filter: { 'user.n': [3] } }, []],
        [{ filter: { step: { $gt: 0 } } }, []],
        [{ thread: 'none' }, []],
      ] as const)
        assert.deepEqual(steps(await all(saver, query)), expected, JSON.stringify(query))
    })

    test('it can be left before its end', async (saver) => {
      await filled(saver)
      for await (const saved of saver.history({ thread: 'thread', namespace: '' })) {
        assert.equal(saved.values['n'], 9)
        break
      }
      assert.equal((await all(saver, { thread: 'thread', namespace: '' })).length, 10)
    })

    test('threads, most recently written first', async (saver) => {
      await filled(saver)
      await writer(saver, { thread: 'thread', namespace: 'late' }).commit()
      const threads = await saver.listThreads()
      assert.deepEqual(threads.map(({ thread }) => thread).toSorted(), ['other', 'thread'])
      for (const { updatedAt } of threads) assert.equal(new Date(updatedAt).toISOString(), updatedAt)
      assert.equal((await saver.listThreads({ limit: 1 })).length, 1)
      assert.equal((await saver.listThreads({ limit: 5, offset: 1 })).length, 1)
    })
  })

  describe(`${name} looks after threads`, () => {
    async function conversation(
      saver: Checkpointer,
      turns = 20,
    ): Promise<{ ids: string[]; items: string[] }> {
      const write = writer(saver)
      const ids: string[] = []
      const items: string[] = []
      for (let turn = 0; turn < turns; turn += 1) {
        items.push(`turn ${turn} ${'.'.repeat(100)}`)
        const writes: TaskWrites[] = [{ taskId: `t${turn}`, writes: [['items', items.slice(-1)]] }]
        ids.push(await write.commit({ values: { turn }, list: { items: [[...items], turn] }, writes }))
      }
      return { ids, items }
    }

    test('a deleted thread can be begun again', async (saver) => {
      await conversation(saver)
      await saver.deleteThread('thread')
      await saver.deleteThread('thread')
      assert.deepEqual(await saver.sizeOf('thread'), { checkpoints: 0, bytes: 0 })
      assert.deepEqual(await saver.listThreads(), [])
      await writer(saver).commit({ list: { items: [['new'], 0] } })
      assert.deepEqual((await read(saver)).values, { items: ['new'] })
    })

    test('a copy has the whole history and goes its own way', async (saver) => {
      const { ids, items } = await conversation(saver)
      const child = { thread: 'thread', namespace: 'child:1' }
      await writer(saver, child).commit({ values: { deep: true } })
      await saver.copyThread('thread', 'copy')
      const copied = { thread: 'copy', namespace: '' }
      const [mine, yours] = [await all(saver, { thread: 'thread' }), await all(saver, { thread: 'copy' })]
      assert.deepEqual(
        yours,
        mine.map((saved) => ({ ...saved, thread: 'copy' })),
      )
      const grow = (place: Place, item: string): unknown => {
        const id = newCheckpointId()
        return saver.commit({
          ...place,
          checkpoint: { id, ts: '', channelVersions: {}, versionsSeen: {} },
          metadata: {},
          parentId: ids.at(-1),
          expectedHead: ids.at(-1),
          changes: [{ type: 'list', channel: 'items', value: [...items, item], keep: items.length }],
        })
      }
      await grow(ROOT, 'original')
      await grow(copied, 'copy')
      assert.equal(((await read(saver)).values['items'] as string[]).at(-1), 'original')
      assert.equal(((await read(saver, undefined, copied)).values['items'] as string[]).at(-1), 'copy')
      await saver.deleteThread('thread')
      assert.deepEqual((await read(saver, undefined, copied)).values['items'], [...items, 'copy'])
      assert.equal((await read(saver, undefined, { ...child, thread: 'copy' })).values['deep'], true)
    })

    test('a thread is not copied over another one, nor from nowhere', async (saver) => {
      await conversation(saver, 1)
      await writer(saver, { thread: 'other', namespace: '' }).commit()
      assert.equal((await refusal(() => saver.copyThread('thread', 'other'))).code, 'thread_conflict')
      assert.equal((await refusal(() => saver.copyThread('none', 'new'))).code, 'thread_not_found')
    })

    test('pruning keeps the newest checkpoints and all that they need', async (saver) => {
      const { ids, items } = await conversation(saver)
      await writer(saver, { thread: 'other', namespace: '' }).commit({ values: { n: 1 } })
      const before = await saver.sizeOf('thread')
      assert.equal(await saver.prune({ thread: 'thread', keepLast: 3 }), 17)
      const kept = await all(saver, { thread: 'thread' })
      assert.deepEqual(
        kept.map(({ checkpoint }) => checkpoint.id),
        ids.slice(-3).toReversed(),
      )
      assert.deepEqual(kept[2]?.values, { turn: 17, items: items.slice(0, 18) })
      const after = await saver.sizeOf('thread')
      assert.ok(after.bytes < before.bytes / 1.5, `${before.bytes} → ${after.bytes}`)
      assert.equal(after.checkpoints, 3)
      assert.equal(await saver.prune({ thread: 'thread', keepLast: 3 }), 0)
      assert.equal(await saver.prune({ keepLast: 0 }), 2)
      assert.deepEqual((await read(saver)).values, { turn: 19, items })
      assert.equal((await all(saver, { thread: 'other' })).length, 1)
    })

    test('a branch outlives the pruning of what it grew from', async (saver) => {
      const write = writer(saver)
      const base = await write.commit({ list: { items: [['a', 'b'], 0] } })
      await write.commit({ list: { items: [['a', 'b', 'left'], 2] } })
      await write.commit({ parentId: base, list: { items: [['a', 'right'], 1] } })
      await saver.prune({ thread: 'thread', keepLast: 1 })
      assert.deepEqual((await read(saver)).values, { items: ['a', 'right'] })
      await write.commit({ list: { items: [['a', 'right', 'on'], 2] } })
      assert.deepEqual((await read(saver)).values, { items: ['a', 'right', 'on'] })
    })

    test('pruning by age takes the threads that rest', async (saver) => {
      await conversation(saver, 2)
      assert.equal(await saver.prune({ idleForMs: 3_600_000 }), 0)
      assert.equal(await saver.prune({ idleForMs: -60_000 }), 2)
      assert.deepEqual(await all(saver), [])
    })
  })

  if (reopen !== undefined)
    describe(`${name} survives the process`, () => {
      test('what was committed is there for another one', async (saver) => {
        const write = writer(saver)
        await write.commit({ values: SAMPLE_VALUES, list: { items: [['a'], 0] } })
        await write.commit({ list: { items: [['a', 'b'], 1] } })
        const other = await reopen(saver)
        assert.deepStrictEqual((await read(other)).values, { ...SAMPLE_VALUES, items: ['a', 'b'] })
        await writerOn(other, write.head).commit({ list: { items: [['a', 'b', 'c'], 2] } })
        assert.deepEqual((await read(saver)).values['items'], ['a', 'b', 'c'])
        await destroy?.(other)
      })
    })
}

/** Continues a place that another writer began. */
function writerOn(saver: Checkpointer, head: string): { commit: (step: Step) => Promise<string> } {
  return { commit: (step) => writer(saver).commit({ ...step, expectedHead: head, parentId: head }) }
}

function cycle(): unknown {
  const self: { back?: unknown } = {}
  self.back = self
  return { self }
}

function nest(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}
