import assert from 'node:assert/strict'
import type { Checkpointer } from '../../checkpoint/checkpointer.ts'
import { read, writer } from './harness.ts'
import type { Step, Suite } from './harness.ts'
import { SAMPLE_VALUES } from './sample-values.ts'

/** That what one process committed is there for another. */
export function processes({ describe, test, name, reopen, destroy }: Suite): void {
  if (reopen === undefined) return
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
