import fc from 'fast-check'

/** Where a condition or a command leads: a node, the end, or a task with an input of its own. */
export type Way = { readonly to: string } | { readonly send: string; readonly item: number }

/** Everything that a node of a made-up graph does. */
export interface NodePlan {
  readonly name: string
  /** Keys that it writes. */
  readonly writes: readonly ('log' | 'total' | 'order' | 'last')[]
  /** Nodes that its edges lead to. */
  readonly edges: readonly string[]
  /** What its condition chooses from, by what the node has just made of the state. */
  readonly choices: readonly (readonly Way[])[]
  /** What its command chooses from, by what the node sees. */
  readonly commands: readonly (readonly Way[])[]
  /** Questions that it asks each time. */
  readonly asks: number
  /** How many of its first calls fail. */
  readonly failures: number
  /** Whether it is tried again within the run, or the run fails and is continued. */
  readonly isRetried: boolean
  /** Turns of the event loop's queue that it waits for. */
  readonly turns: number
  readonly isDeferred: boolean
}

export interface GraphPlan {
  readonly nodes: readonly NodePlan[]
  /** What the condition at the start chooses. */
  readonly entry: readonly Way[]
  /** Edges that wait for several nodes. */
  readonly barriers: readonly { readonly from: readonly string[]; readonly to: string }[]
}

export interface State {
  readonly log: readonly string[]
  readonly total: number
  readonly order: string
  readonly last?: string
}

export type Update = { -readonly [Key in keyof State]?: State[Key] }

/** Beyond it nothing leads on, so that most graphs with cycles end. */
const ENOUGH = 12

export function choose(choices: readonly (readonly Way[])[], state: State): readonly Way[] {
  if (choices.length === 0 || state.total > ENOUGH) return []
  return choices[state.total % choices.length] as readonly Way[]
}

export function sentState(way: { readonly item: number }, from: State): State {
  return { log: [`sent ${way.item}`], total: from.total + way.item, order: '' }
}

/** What a node asks, and what it is told: answers that look like nothing are answers too. */
export function answerTo(question: string): unknown {
  return ['yes', 0, '', false, null][question.length % 5]
}

export const questionOf = ({ name }: NodePlan, state: State, index: number): string =>
  `${name}${'?'.repeat((state.total % 5) + index)}`

/** What a node writes, which shows all that it has seen. */
export function updateOf(node: NodePlan, state: State, answers: readonly unknown[]): Update {
  const seen = `${node.name} saw ${state.log.length} ${state.total} ${state.order} ${state.last} ${JSON.stringify(answers)}`
  const update: Update = {}
  if (node.writes.includes('log')) update.log = [seen]
  if (node.writes.includes('total')) update.total = 1 + node.name.length
  if (node.writes.includes('order')) update.order = node.name
  if (node.writes.includes('last')) update.last = seen
  return update
}

const NAMES = ['a', 'b', 'c', 'dd', 'e'] as const

const someOf = <Value>(values: readonly Value[], maxLength: number): fc.Arbitrary<Value[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { maxLength })

function node(names: readonly string[], index: number): fc.Arbitrary<NodePlan> {
  const later = names.slice(index + 1)
  const ways = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ to: fc.constantFrom(...names, '__end__') }) },
      {
        weight: 2,
        arbitrary: fc.record({ send: fc.constantFrom(...names), item: fc.integer({ min: 1, max: 3 }) }),
      },
    ),
    { maxLength: 3 },
  )
  return fc.record({
    name: fc.constant(names[index] as string),
    writes: fc
      .tuple(someOf(['log', 'order'] as const, 2), fc.nat(11))
      .map(([some, chance]) => ['total' as const, ...some, ...(chance === 0 ? (['last'] as const) : [])]),
    // A cycle of plain edges never ends: it is rare, and a condition makes the others.
    edges: fc
      .tuple(later.length === 0 ? fc.constant([]) : someOf(later, 2), fc.nat(40), fc.constantFrom(...names))
      .map(([forward, chance, back]) => (chance === 0 ? [...new Set([...forward, back])] : forward)),
    choices: fc.array(ways, { maxLength: 3 }),
    commands: fc.nat(2).chain((chance) => fc.array(ways, { maxLength: chance === 0 ? 2 : 0 })),
    asks: fc.constantFrom(0, 0, 0, 1, 2),
    failures: fc.constantFrom(0, 0, 0, 1, 2),
    isRetried: fc.boolean(),
    turns: fc.constantFrom(0, 0, 1, 3),
    isDeferred: fc.nat(7).map((chance) => chance === 0),
  })
}

/** Graphs of up to five nodes, with everything that can lead from one to another. */
export const graphPlans: fc.Arbitrary<GraphPlan> = fc
  .integer({ min: 1, max: NAMES.length })
  .chain((count) => {
    const names = NAMES.slice(0, count)
    return fc.record({
      nodes: fc.tuple(...names.map((_, index) => node(names, index))),
      entry: fc
        .uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
        .map((first) => first.map((to) => ({ to }))),
      barriers:
        count < 3
          ? fc.constant([])
          : fc.array(
              fc
                .uniqueArray(fc.constantFrom(...names), { minLength: 3, maxLength: 3 })
                .map(([one, two, to]) => ({
                  from: [one, two] as string[],
                  to: to as string,
                })),
              { maxLength: 2 },
            ),
    })
  })
