import assert from 'node:assert/strict'
import { newCheckpointId } from '../../checkpoint/checkpoint-id.ts'
import type { Checkpointer, Place, TaskWrites } from '../../checkpoint/checkpointer.ts'
import { all, read, refusal, ROOT, writer } from './harness.ts'
import type { Suite } from './harness.ts'

/** That threads are deleted, copied, pruned and weighed without harm to others. */
export function threads({ describe, test, name }: Suite): void {
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
}
