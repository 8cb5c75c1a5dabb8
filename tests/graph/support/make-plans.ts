import fc from 'fast-check'
import type { Choices, GraphPlan, Key, NodePlan, Way, Within } from './plan.ts'

/** Names of nodes: of the graph, of those in it, of those in these. */
const NAMES = [
  ['a', 'b', 'c', 'dd', 'e'],
  ['x', 'y', 'zz'],
  ['p', 'q'],
] as const

const ENOUGH = [20, 30, 40] as const

/** Whether chance, one in so many, has it. */
const oneIn = (many: number): fc.Arbitrary<boolean> => fc.nat(many - 1).map((chance) => chance === many - 1)

const someOf = <Value>(values: readonly Value[], maxLength: number): fc.Arbitrary<Value[]> =>
  values.length === 0 ? fc.constant([]) : fc.uniqueArray(fc.constantFrom(...values), { maxLength })

const writes: fc.Arbitrary<Key[]> = fc
  .tuple(someOf(['log', 'order'] as const, 2), oneIn(12))
  .map(([some, writesLast]) => ['total', ...some, ...(writesLast ? (['last'] as const) : [])])

function waysTo(names: readonly string[], sendable: readonly string[], maxLength = 3): fc.Arbitrary<Way[]> {
  const to = fc.record({ to: fc.constantFrom(...names, '__end__') })
  if (sendable.length === 0) return fc.array(to, { maxLength })
  const send = fc.record({ send: fc.constantFrom(...sendable), item: fc.integer({ min: 1, max: 3 }) })
  return fc.array(fc.oneof({ weight: 4, arbitrary: to }, { weight: 2, arbitrary: send }), { maxLength })
}

interface Surroundings {
  readonly depth: number
  /** Nodes of the graph around. */
  readonly around: readonly string[]
  readonly aroundSendable: readonly string[]
  /** Whether all visits may be remembered: several at a time would share the memory. */
  readonly mayRemember: boolean
  readonly mayAsk: boolean
}

/** What a node is, before it is known where it leads. */
interface Kind {
  readonly name: string
  readonly memory: Within['memory'] | undefined
}

const kindOf = (name: string, { depth, mayRemember }: Surroundings): fc.Arbitrary<Kind> => {
  const memories: Within['memory'][] = mayRemember ? ['visit', 'own', 'none'] : ['visit', 'none']
  return depth + 1 === NAMES.length
    ? fc.constant({ name, memory: undefined })
    : fc
        .tuple(oneIn(depth === 0 ? 5 : 6), fc.constantFrom(...memories))
        .map(([isGraph, memory]) => ({ name, memory: isGraph ? memory : undefined }))
}

function withinOf(
  memory: Within['memory'],
  names: readonly string[],
  sendable: readonly string[],
  { depth, mayAsk }: Surroundings,
): fc.Arbitrary<Within> {
  return fc.record({
    graph: graph({
      depth: depth + 1,
      around: names,
      aroundSendable: sendable,
      mayRemember: memory === 'own',
      mayAsk: mayAsk && memory !== 'none',
    }),
    sharesState: fc.boolean(),
    memory: fc.constant(memory),
    visits: fc.constantFrom(1, 1, 2),
  })
}

function node(kinds: readonly Kind[], index: number, surroundings: Surroundings): fc.Arbitrary<NodePlan> {
  const names = kinds.map(({ name }) => name)
  const sendable = kinds.filter(({ memory }) => memory !== 'own').map(({ name }) => name)
  const { name, memory } = kinds[index] as Kind
  const later = names.slice(index + 1)
  const ways = waysTo(names, sendable)
  const { around, aroundSendable, depth, mayAsk } = surroundings
  const sometimes = (chance: number, of: fc.Arbitrary<Way[]>, maxLength: number): fc.Arbitrary<Choices> =>
    oneIn(chance).chain((has) => fc.array(of, { maxLength: has ? maxLength : 0 }))
  return fc.record({
    name: fc.constant(name),
    writes,
    // A cycle of plain edges never ends: it is rare, and a condition makes the others.
    edges: fc
      .tuple(someOf(later, 2), oneIn(40), fc.constantFrom(...names))
      .map(([forward, leadsBack, back]) => (leadsBack ? [...new Set([...forward, back])] : forward)),
    choices: fc.array(ways, { maxLength: 3 }),
    commands: sometimes(3, ways, 2),
    parentCommands: depth === 0 ? fc.constant([]) : sometimes(4, waysTo(around, aroundSendable, 2), 2),
    asks: mayAsk ? fc.constantFrom(0, 0, 0, 1, 2) : fc.constant(0),
    failures: fc.constantFrom(0, 0, 0, 1, 2),
    isRetried: fc.boolean(),
    rescue: oneIn(7).chain((isDoomed) =>
      isDoomed ? fc.record({ writes, ways: fc.array(ways, { maxLength: 2 }) }) : fc.constant(undefined),
    ),
    turns: fc.constantFrom(0, 0, 1, 3),
    isDeferred: oneIn(8),
    within: memory === undefined ? fc.constant(undefined) : withinOf(memory, names, sendable, surroundings),
  })
}

function graph(surroundings: Surroundings): fc.Arbitrary<GraphPlan> {
  const { depth } = surroundings
  const all: readonly string[] = NAMES[depth] ?? []
  return fc
    .integer({ min: 1, max: all.length })
    .chain((count) => fc.tuple(...all.slice(0, count).map((name) => kindOf(name, surroundings))))
    .chain((kinds) => {
      const names = kinds.map(({ name }) => name)
      const barrier = fc
        .uniqueArray(fc.constantFrom(...names), { minLength: 3, maxLength: 3 })
        .map(([one = '', two = '', to = '']) => ({ from: [one, two], to }))
      return fc.record({
        nodes: fc.tuple(...kinds.map((_, index) => node(kinds, index, surroundings))),
        entry: fc
          .uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
          .map((first) => first.map((to) => ({ to }))),
        barriers: names.length < 3 ? fc.constant([]) : fc.array(barrier, { maxLength: 2 }),
        enough: fc.constant(ENOUGH[depth] ?? 0),
      })
    })
}

/** What of a plan is not as in the plainest one. */
export function describePlan(plan: GraphPlan): unknown {
  const isPlain = (value: unknown): boolean =>
    value === undefined || value === false || value === 0 || (Array.isArray(value) && value.length === 0)
  const nodes = plan.nodes.map(({ within, ...rest }) => ({
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => !isPlain(value))),
    ...(within !== undefined && { within: { ...within, graph: describePlan(within.graph) } }),
  }))
  return { entry: plan.entry, barriers: plan.barriers, nodes }
}

/** Graphs of up to five nodes, with everything that can lead from one to another, and graphs in them, two deep. */
export const graphPlans: fc.Arbitrary<GraphPlan> = graph({
  depth: 0,
  around: [],
  aroundSendable: [],
  mayRemember: true,
  mayAsk: true,
})

/** Every node of a plan, those of graphs in it included, as a change makes them. */
export function mapNodes(plan: GraphPlan, change: (node: NodePlan) => NodePlan): GraphPlan {
  return {
    ...plan,
    nodes: plan.nodes.map((one) => {
      const { within } = one
      return change(
        within === undefined ? one : { ...one, within: { ...within, graph: mapNodes(within.graph, change) } },
      )
    }),
  }
}

/** A node whose graph, if it is one, remembers single visits only. */
export const withoutMemory = (node: NodePlan): NodePlan =>
  node.within?.memory === 'own' ? { ...node, within: { ...node.within, memory: 'visit' } } : node

/** A node that asks nothing. */
export const withoutQuestions = (node: NodePlan): NodePlan => ({ ...node, asks: 0 })
