import fc from 'fast-check'
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
  let isClear = true

  function go(from: number, pauses = false): readonly Done[] {
    const { moment, input } = stored[from] as Stored
    const start = input === undefined ? moment : begin(plan, moment, input)
    const { moments, end, finished } = continueFrom(plan, start, LIMIT, pauses)
    isClear &&= end === 'done' || end === 'paused'
    const made = input === undefined ? moments.slice(1) : moments
    let parent = from
    for (const one of made) {
      stored.push({ moment: one, input: undefined, source: 'loop', parent })
      parent = stored.length - 1
    }
    return finished
  }

  function takeInput(parent: number | undefined, pauses = false): readonly Done[] {
    const before = stored[parent ?? -1]?.moment ?? blankMoment(plan)
    stored.push({ moment: giveUp(plan, before), input: INPUT, source: 'input', parent })
    return go(stored.length - 1, pauses)
  }

  function replay(index: number): void {
    if (index < stored.length - 1)
      stored.push({ ...(stored[index] as Stored), source: 'fork', parent: index })
    go(stored.length - 1)
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
    stored.push({ moment: after as Moment, input: undefined, source: 'update', parent: head })
  }

  function update(index: number, asNodes: readonly (readonly number[])[]): void {
    let parent = index
    for (const [place, nodes] of asNodes.entries()) {
      const { moment } = stored[parent] as Stored
      const names = nodes.map((node) => nodeAt(plan, node))
      const done = [...new Set(names)].map((name) => updated(plan, moment.state, name, valuesAs(name, place)))
      const after = advance(plan, moment, done)
      if (after === undefined) throw new Error('An update without "last" cannot conflict.')
      stored.push({ moment: after, input: undefined, source: 'update', parent })
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
