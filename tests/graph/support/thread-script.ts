import fc from 'fast-check'
import type { Memories } from './interpreter.ts'
import { continueFrom, updated } from './interpreter.ts'
import type { Done, Moment } from './moment.ts'
import { advance, begin, blankMoment, giveUp } from './moment.ts'
import type { GraphPlan, Update } from './plan.ts'
import { INPUT, LIMIT } from './run-plan.ts'

/** Which of the checkpoints there are by then, counted from the newest; 0 is named by the thread alone. */
type Back = number

/** What somebody does with a thread. */
export type Action =
  | { readonly type: 'input'; readonly back: Back }
  | { readonly type: 'replay'; readonly back: Back }
  | { readonly type: 'go on' }
  /** New input; then, instead of an answer to a question, an update as if a node had written it. */
  | { readonly type: 'change a pause'; readonly asNode: number }
  /** In several supersteps: each writes as if these nodes had, by their index. */
  | { readonly type: 'update'; readonly back: Back; readonly asNodes: readonly (readonly number[])[] }

const back = fc.oneof(fc.constant(0), fc.nat(20))

export const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('input' as const), back }),
    fc.record({ type: fc.constant('replay' as const), back }),
    fc.record({ type: fc.constant('go on' as const) }),
    fc.record({ type: fc.constant('change a pause' as const), asNode: fc.nat(4) }),
    fc.record({
      type: fc.constant('update' as const),
      back,
      asNodes: fc.array(fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 2 }), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
  ),
  { minLength: 1, maxLength: 4 },
)

/** What is stored of a thread after a superstep, an input, an update. */
export interface Stored {
  readonly moment: Moment
  /** Input that is still to be written. */
  readonly input: Update | undefined
  readonly source: 'input' | 'loop' | 'update' | 'fork'
  /** Index of the checkpoint that it continues. */
  readonly parent: number | undefined
  /** What graphs within remembered when it was made. */
  readonly memories: ReadonlyMap<string, Moment>
}

export interface ThreadStory {
  /** In the order in which they are made. */
  readonly stored: readonly Stored[]
  /** Whether all runs came to their end. */
  readonly isClear: boolean
}

/** The index of the checkpoint that an action is about. */
export const indexOf = (count: number, steps: Back): number => count - 1 - (steps % count)

/** The name of the node that an update is from. */
export const nodeAt = (plan: GraphPlan, index: number): string =>
  plan.nodes[index % plan.nodes.length]?.name ?? ''

/** What an update writes. */
export const valuesAs = (name: string, place: number): Update => ({
  log: [`update ${place} as ${name}`],
  total: 1,
  order: '+',
})

/** What becomes of a thread that is begun and then treated so. */
export function interpretThread(plan: GraphPlan, todo: readonly Action[]): ThreadStory {
  const stored: Stored[] = []
  const memories = new Map<string, Moment>()
  let isClear = true

  const store = (one: Omit<Stored, 'memories'>): void =>
    void stored.push({ ...one, memories: new Map(memories) })

  function go(from: number, pauses = false, recalled: Memories = memories): readonly Done[] {
    const { moment, input } = stored[from] as Stored
    let parent = from
    const onMoment = (one: Moment): void => {
      store({ moment: one, input: undefined, source: 'loop', parent })
      parent = stored.length - 1
    }
    const start = input === undefined ? moment : begin(plan, moment, input)
    if (input !== undefined) onMoment(start)
    const { end, finished } = continueFrom(plan, start, LIMIT, { pauses, memories: recalled, onMoment })
    isClear &&= end === 'done' || end === 'paused'
    return finished
  }

  function takeInput(parent: number | undefined, pauses = false): readonly Done[] {
    const before = stored[parent ?? -1]?.moment ?? blankMoment(plan)
    store({ moment: giveUp(plan, before), input: INPUT, source: 'input', parent })
    return go(stored.length - 1, pauses)
  }

  /** Graphs within go back too, each at its first visit: to what they remembered then. */
  function goneBack(past: ReadonlyMap<string, Moment>): Memories {
    const visited = new Set<string>()
    return {
      get(path) {
        const known = visited.has(path) ? memories : past
        visited.add(path)
        return known.get(path)
      },
      set: (path, moment) => memories.set(path, moment),
    }
  }

  function replay(index: number): void {
    const from = stored[index] as Stored
    const isBranch = from.source === 'update' || from.source === 'fork'
    const isNewest = index === stored.length - 1
    if (!isNewest) store({ ...from, source: 'fork', parent: index })
    const past = isBranch ? (stored[from.parent ?? -1]?.memories ?? new Map()) : from.memories
    go(stored.length - 1, false, isNewest && !isBranch ? memories : goneBack(past))
  }

  /** What was done in the superstep of the pause counts; the question is given up. */
  function changePause(asNode: number): void {
    const finished = takeInput(stored.length - 1, true)
    if (!isClear) return
    const head = stored.length - 1
    const { moment } = stored[head] as Stored
    const settled = finished.length === 0 ? moment : advance(plan, moment, finished)
    isClear = settled !== undefined
    if (settled === undefined) return
    const name = nodeAt(plan, asNode)
    const after = advance(plan, settled, [updated(plan, settled.state, name, valuesAs(name, 0))])
    store({ moment: after as Moment, input: undefined, source: 'update', parent: head })
  }

  function update(index: number, asNodes: readonly (readonly number[])[]): void {
    let parent = index
    for (const [place, nodes] of asNodes.entries()) {
      const { moment } = stored[parent] as Stored
      const names = nodes.map((node) => nodeAt(plan, node))
      const done = [...new Set(names)].map((name) => updated(plan, moment.state, name, valuesAs(name, place)))
      const after = advance(plan, moment, done)
      if (after === undefined) throw new Error('An update without "last" cannot conflict.')
      store({ moment: after, input: undefined, source: 'update', parent })
      parent = stored.length - 1
    }
  }

  takeInput(undefined)
  for (const action of todo) {
    if (!isClear) break
    if (action.type === 'go on') go(stored.length - 1)
    else if (action.type === 'input') takeInput(indexOf(stored.length, action.back))
    else if (action.type === 'change a pause') changePause(action.asNode)
    else if (action.type === 'replay') replay(indexOf(stored.length, action.back))
    else update(indexOf(stored.length, action.back), action.asNodes)
  }
  return { stored, isClear }
}
