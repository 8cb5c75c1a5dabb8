import assert from 'node:assert/strict'
import { newCheckpointId } from '../../checkpoint/checkpoint-id.ts'
import type { Commit } from '../../checkpoint/checkpointer.ts'
import { all, read, refusal, ROOT, writer } from './harness.ts'
import type { Suite } from './harness.ts'

/** That of all who continue a head one goes on, and a refused commit leaves nothing. */
export function heads({ describe, test, name, reopen, destroy }: Suite): void {
  describe(`${name} commits a superstep whole or not at all`, () => {
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
  })
}
