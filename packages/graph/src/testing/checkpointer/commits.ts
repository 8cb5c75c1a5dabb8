import assert from 'node:assert/strict'
import { newCheckpointId } from '../../checkpoint/checkpoint-id.ts'
import { all, read, ROOT, writer } from './harness.ts'
import type { Suite } from './harness.ts'
import { SAMPLE_VALUES } from './sample-values.ts'

/** That a checkpoint comes back as it was stored, and no other way. */
export function commits({ describe, test, name }: Suite): void {
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
}
