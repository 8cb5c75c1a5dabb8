import assert from 'node:assert/strict'
import { listDelta } from '../../checkpoint/list-delta.ts'
import { read, writer } from './harness.ts'
import type { Suite } from './harness.ts'

/** That lists which grow are stored by what is added, and read whole. */
export function lists({ describe, test, name }: Suite): void {
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

    test('a branch that begins without a change goes on by itself', async (saver) => {
      const write = writer(saver)
      const text = 'x'.repeat(100)
      const base = await write.commit({ list: { items: [[text, 'a'], 0] } })
      const left = await write.commit({ list: { items: [[text, 'a', 'left'], 2] } })
      const begun = await write.commit({ parentId: base })
      const right = await write.commit({ parentId: begun, list: { items: [[text, 'a', 'right'], 2] } })
      for (const [id, expected] of [
        [base, [text, 'a']],
        [left, [text, 'a', 'left']],
        [begun, [text, 'a']],
        [right, [text, 'a', 'right']],
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
}
