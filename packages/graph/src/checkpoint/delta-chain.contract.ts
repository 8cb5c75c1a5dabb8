import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newCheckpointId } from './checkpoint-id.ts'
import type { Awaitable, Checkpointer, Place } from './checkpointer.ts'
import { listDelta } from './list-delta.ts'

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
    reducer: fc.constantFrom('append', 'append', 'append', ...Object.keys(REDUCERS)),
    update,
    /** Where the step goes on: from the head, or as a branch of an earlier checkpoint. */
    from: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(30) }),
    reload: fc.boolean(),
    /** Whether the step leaves the list as it is, and says nothing of it. */
    isSilent: fc.nat(4).map((chance) => chance === 0),
  }),
  { minLength: 1, maxLength: 30, size: 'max' },
)

interface Expected {
  id: string
  list: Item[]
}

/** Runs the steps as a runtime would, and says what every checkpoint should hold. */
async function play(
  saver: Checkpointer,
  place: Place,
  plan: typeof steps extends fc.Arbitrary<infer Plan> ? Plan : never,
): Promise<Expected[]> {
  const expected: Expected[] = []
  let head: string | null = null
  let parent: string | undefined
  let list: Item[] = []
  let delta = listDelta()
  for (const { reducer, update: written, from, reload, isSilent } of plan) {
    const branch = from === null ? undefined : expected[from]
    if (branch !== undefined || reload) {
      parent = branch?.id ?? parent
      const saved = parent === undefined ? undefined : await saver.load(place, parent)
      list = (saved?.values['list'] as Item[] | undefined) ?? []
      delta = listDelta(saved?.values)
    }
    const update = structuredClone(written)
    if (!isSilent) list = REDUCERS[reducer]?.(list, update) ?? list
    const id: string = newCheckpointId(head)
    await saver.commit({
      ...place,
      checkpoint: { id, ts: '', channelVersions: {}, versionsSeen: {} },
      metadata: {},
      parentId: parent,
      expectedHead: head,
      changes: isSilent ? [] : [delta.change('list', list, [update])],
    })
    expected.push({ id, list: structuredClone(list) })
    head = id
    parent = id
  }
  return expected
}

/**
 * Reading a chain of changes gives what reading whole lists would, for any reducers and branches: on its own thread, on a
 * copy of it, and when all that the newest checkpoint does not need was taken away.
 *
 * @param examples how many threads are made up: servers take longer
 */
export function readsChainsWhole(name: string, open: () => Awaitable<Checkpointer>, examples = 100): void {
  describe(`${name}: a list that was stored by its changes`, () => {
    it('reads as if it had been stored whole, for any reducers and branches', async () => {
      const saver = await open()
      const listAt = async (thread: string, id?: string): Promise<unknown> =>
        (await saver.load({ thread, namespace: '' }, id))?.values['list'] ?? []
      await fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const thread = randomUUID()
          const copy = randomUUID()
          const expected = await play(saver, { thread, namespace: '' }, plan)
          for (const { id, list } of expected) expect(await listAt(thread, id)).toEqual(list)
          await saver.copyThread(thread, copy)
          await saver.prune({ thread, keepLast: 1 })
          expect(await listAt(thread)).toEqual(expected.at(-1)?.list)
          await saver.deleteThread(thread)
          for (const { id, list } of expected) expect(await listAt(copy, id)).toEqual(list)
        }),
        { numRuns: examples },
      )
    })
  })
}
