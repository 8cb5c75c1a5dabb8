import type { Checkpointer, RunOptions, StateSnapshot } from '@switchyard/graph'
import { Annotation, Command, interrupt, Send, START, StateGraph } from '@switchyard/graph'
import type { GraphPlan, NodePlan, State, Update, Way } from './plan.ts'
import { choose, questionOf, sentState, updateOf } from './plan.ts'

/** What disturbs a run, kept across its continuations. */
export interface Disturbance {
  /** Whether nodes fail as their plans say, and ask. */
  readonly fails: boolean
  /** Calls so far, by node. */
  readonly calls: Map<string, number>
  /** What finished nodes had for input. */
  readonly ran: string[]
}

/** What is done with a made-up graph. */
export interface BuiltGraph {
  invoke(input: unknown, options: RunOptions): Promise<unknown>
  getState(config: RunOptions): Promise<StateSnapshot>
  getStateHistory(config: RunOptions): AsyncIterable<StateSnapshot>
}

const Shape = Annotation.Root({
  log: Annotation<readonly string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
  total: Annotation<number>({ reducer: (sum, more) => sum + more, default: () => 0 }),
  order: Annotation<string>({ reducer: (text, more) => text + more, default: () => '' }),
  last: Annotation<string>,
})

const toGoto = (ways: readonly Way[], state: State): (string | Send)[] =>
  ways.map((way) => ('send' in way ? new Send(way.send, sentState(way, state)) : way.to))

async function act(node: NodePlan, state: State, disturbance: Disturbance): Promise<Command | Update> {
  const answers = Array.from({ length: node.asks }, (_, index) => interrupt(questionOf(node, state, index)))
  for (let turn = 0; turn < node.turns; turn += 1) await Promise.resolve()
  const calls = (disturbance.calls.get(node.name) ?? 0) + 1
  disturbance.calls.set(node.name, calls)
  if (disturbance.fails && calls <= node.failures) throw new Error(`no luck in ${node.name}`)
  disturbance.ran.push(`${node.name} ${JSON.stringify(state)}`)
  const update = updateOf(node, state, answers)
  const ways = choose(node.commands, state)
  return ways.length === 0 ? update : new Command({ update, goto: toGoto(ways, state) })
}

/** The graph that a plan describes. */
export function buildPlan(plan: GraphPlan, checkpointer: Checkpointer, disturbance: Disturbance): BuiltGraph {
  const graph = new StateGraph(Shape)
  for (const node of plan.nodes) {
    graph.addNode(node.name, (state) => act(node, state, disturbance), {
      defer: node.isDeferred,
      ends: plan.nodes.map(({ name }) => name),
      ...(node.isRetried && {
        retryPolicy: { maxAttempts: 3, initialInterval: 0, jitter: false },
      }),
    })
  }
  graph.addConditionalEdges(START, (state) => toGoto(plan.entry, state) as never)
  for (const node of plan.nodes) {
    for (const to of node.edges) graph.addEdge(node.name as never, to as never)
    if (node.choices.length === 0) continue
    graph.addConditionalEdges(
      node.name as never,
      (state) => toGoto(choose(node.choices, state), state) as never,
    )
  }
  for (const { from, to } of plan.barriers) graph.addEdge(from as never, to as never)
  return graph.compile({ checkpointer }) as BuiltGraph
}
