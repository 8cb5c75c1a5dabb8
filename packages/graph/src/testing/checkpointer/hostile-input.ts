import assert from 'node:assert/strict'
import { read, refusal, ROOT, writer } from './harness.ts'
import type { Suite } from './harness.ts'

/** That what cannot be kept is refused before anything is stored. */
export function hostileInput({ describe, test, name }: Suite): void {
  describe(`${name} refuses what it cannot keep`, () => {
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
      for (const thread of ['', undefined, null, 7, { $ne: null }] as readonly unknown[]) {
        const place = { thread: thread as string, namespace: '' }
        const error = await refusal(() => writer(saver, place).commit())
        assert.equal(error.code, 'invalid_id')
        assert.equal((await refusal(() => saver.load(place))).code, 'invalid_id')
      }
    })
  })
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
