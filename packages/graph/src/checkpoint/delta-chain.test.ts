import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newCheckpointId } from './checkpoint-id.ts'
import type { Checkpointer } from './checkpointer.ts'
import { listDelta } from './list-delta.ts'
import { MemorySaver } from './memory.ts'
import { SqliteSaver } from './sqlite.ts'

interface Item {
  id: number
  text: string
}
type Reducer = (list: Item[], update: Item[]) => Item[]

/** What reducers do to a list: the usual, and what nobody should do. */
const REDUCERS: Readonly<Record<string, Reducer>> = {
  append: (list, update) => [...list, ...update],
  'append in place': (list, update) => {
    list.push(...update)
    return list
  },
  prepend: (list, update) => [...update, ...list],
  'replace by id': (list, update) => {
    const next = list.slice()
    for (const item of update) {
      const index = next.findIndex(({ id }) => id === item.id)
      if (index < 0) next.push(item)
      else next[index] = item
    }
    return next
  },
  'remove by id': (list, update) => [
    ...list.filter(({ id }) => update.every((item) => item.id !== id)),
    ...update.slice(1),
  ],
  'keep the last four': (list, update) => [...list, ...update].slice(-4),
  'sort in place': (list, update) => {
    list.push(...update)
    return list.sort((left, right) => left.id - right.id)
  },
  'change an item in place and write it again': (list, update) => {
    const [first] = update
    const known = list.find(({ id }) => id === first?.id)
    if (known === undefined || first === undefined) return [...list, ...update]
    known.text = first.text
    first.text = ''
    update[0] = known
    return [...list]
  },
  replace: (_list, update) => update,
  nothing: (list) => list,
}

const update = fc.array(fc.record({ id: fc.nat(6), text: fc.string({ maxLength: 60 }) }), { maxLength: 5 })
const steps = fc.array(
  fc.record({
    reducer: fc.constantFrom(...Object.keys(REDUCERS)),
    update,
    /** Where the step goes on: from the head, or as a branch of an earlier checkpoint. */
    from: fc.option(fc.nat(30), { freq: 6 }),
    reload: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
)
const place = { thread: 't', namespace: '' }

/** Runs the steps as a runtime would, and says what every checkpoint should hold. */
async function play(saver: Checkpointer, plan: typeof steps extends fc.Arbitrary<infer Plan> ? Plan : never) {
  const expected: { id: string; list: Item[] }[] = []
  let head: string | null = null
  let parent: string | undefined
  let list: Item[] = []
  let delta = listDelta()
  for (const { reducer, update: written, from, reload } of plan) {
    const branch = from === null ? undefined : expected[from]
    if (branch !== undefined || reload) {
      parent = branch?.id ?? parent
      const saved = parent === undefined ? undefined : await saver.load(place, parent)
      list = (saved?.values['list'] as Item[] | undefined) ?? []
      delta = listDelta(saved?.values)
    }
    const update = structuredClone(written)
    list = REDUCERS[reducer]?.(list, update) ?? list
    const id: string = newCheckpointId(head)
    await saver.commit({
      ...place,
      checkpoint: { id, ts: '', channelVersions: {}, versionsSeen: {} },
      metadata: {},
      parentId: parent,
      expectedHead: head,
      changes: [delta.change('list', list, [update])],
    })
    expected.push({ id, list: structuredClone(list) })
    head = id
    parent = id
  }
  return expected
}

describe('a list that was stored by its changes', () => {
  it.each<[name: string, open: () => Checkpointer, close: (saver: Checkpointer) => void]>([
    ['MemorySaver', () => new MemorySaver(), () => undefined],
    ['SqliteSaver', () => new SqliteSaver(':memory:'), (saver) => (saver as SqliteSaver).close()],
  ])(
    'reads as if it had been stored whole, for any reducers and branches: %s',
    async (_name, open, close) => {
      await fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const saver = open()
          try {
            for (const { id, list } of await play(saver, plan))
              expect((await saver.load(place, id))?.values['list']).toEqual(list)
          } finally {
            close(saver)
          }
        }),
        { numRuns: 150 },
      )
    },
  )
})
