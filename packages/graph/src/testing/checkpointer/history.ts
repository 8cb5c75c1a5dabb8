import assert from 'node:assert/strict'
import type { Checkpointer, SavedCheckpoint } from '../../checkpoint/checkpointer.ts'
import { all, writer } from './harness.ts'
import type { Suite } from './harness.ts'

/** That checkpoints and threads are found by what is asked for, in order. */
export function history({ describe, test, name }: Suite): void {
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
}
