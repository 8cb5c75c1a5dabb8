import assert from 'node:assert/strict'
import type { TaskWrites } from '../../checkpoint/checkpointer.ts'
import { all, read, ROOT, writer } from './harness.ts'
import type { Suite } from './harness.ts'

/** That writes of tasks are kept with the checkpoint they belong to. */
export function pendingWrites({ describe, test, name }: Suite): void {
  describe(`${name} keeps writes of a superstep in progress`, () => {
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
}
