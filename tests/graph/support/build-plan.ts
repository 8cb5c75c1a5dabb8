import type { Checkpointer, RunOptions, StateSnapshot } from '@switchyard/graph'
import { Annotation, Command, interrupt, Send, START, StateGraph } from '@switchyard/graph'
import type { GraphPlan, NodePlan, State, Update, Way, Within } from './plan.ts'
import {
  choose,
  joinLogs,
  joinOrders,
  joinTotals,
  noteOf,
  questionOf,
  sentState,
  stateFor,
  updateFrom,
  updateOf,
} from './plan.ts'

/** What disturbs a run, kept across its continuations. */
export interface Disturbance {
  /** Whether nodes fail as their plans say. */
  readonly fails: boolean
  /** Calls so far, by node. */
  readonly calls: Map<string, number>
  /** What finished nodes had for input. */
  readonly ran: string[]
}

/** What is done with a made-up graph. */
export interface BuiltGraph {
  invoke(input: unknown, options?: RunOptions): Promise<unknown>
  stream(input: unknown, options?: RunOptions & { streamMode: 'values' }): Promise<AsyncIterable<unknown>>
  getState(config: RunOptions): Promise<StateSnapshot>
  getStateHistory(config: RunOptions): AsyncIterable<StateSnapshot>
  updateState(config: RunOptions, values: unknown, asNode?: string): Promise<RunOptions>
  bulkUpdateState(
    config: RunOptions,
    supersteps: readonly { updates: { values: unknown; asNode: string }[] }[],
  ): Promise<RunOptions>
}

/** What the keys of a state are called. */
type Keys = Readonly<Record<keyof State, string>>

const SHARED: Keys = { log: 'log', total: 'total', order: 'order', last: 'last' }
const OWN: Keys = { log: 'lines', total: 'sum', order: 'word', last: 'latest' }

type Stored = Record<string, unknown>

function toState(keys: Keys, stored: Stored): State {
  const last = stored[keys.last] as string | undefined
  return {
    log: stored[keys.log] as readonly string[],
    total: stored[keys.total] as number,
    order: stored[keys.order] as string,
    ...(last !== undefined && { last }),
  }
}

const toStored = (keys: Keys, update: Update): Stored =>
  Object.fromEntries(Object.entries(update).map(([key, value]) => [keys[key as keyof State], value]))

const channelsOf = (keys: Keys) => ({
  [keys.log]: Annotation<readonly string[]>({ reducer: joinLogs, default: () => [] }),
  [keys.total]: Annotation<number>({ reducer: joinTotals, default: () => 0 }),
  [keys.order]: Annotation<string>({ reducer: joinOrders, default: () => '' }),
})

/** A graph as it is built, where it stands. */
interface Site {
  readonly plan: GraphPlan
  readonly keys: Keys
  readonly path: string
  readonly isForgetful: boolean
  readonly disturbance: Disturbance
}

const toGoto = (keys: Keys, ways: readonly Way[], state: State): (string | Send)[] =>
  ways.map((way) => ('send' in way ? new Send(way.send, toStored(keys, sentState(way, state))) : way.to))

/** What a node does whose parent has keys of its own. */
async function act(site: Site, outer: Keys, node: NodePlan, state: State): Promise<Command | Stored> {
  const { plan, keys, path, isForgetful, disturbance } = site
  const answers = Array.from({ length: node.asks }, (_, index) => interrupt(questionOf(node, state, index)))
  for (let turn = 0; turn < node.turns; turn += 1) await Promise.resolve()
  const calls = (disturbance.calls.get(path + node.name) ?? 0) + 1
  disturbance.calls.set(path + node.name, calls)
  if (disturbance.fails && calls <= node.failures) throw new Error(`no luck in ${node.name}`)
  if (node.rescue !== undefined) throw new Error(`${node.name} is doomed`)
  disturbance.ran.push(noteOf(path, node, isForgetful, state))
  const update = updateOf(node.name, node.writes, state, answers)
  const upwards = choose(plan, node.parentCommands, state)
  if (upwards.length > 0) {
    return new Command({
      graph: Command.PARENT,
      update: toStored(outer, update),
      goto: toGoto(outer, upwards, state),
    })
  }
  const ways = choose(plan, node.commands, state)
  if (ways.length === 0) return toStored(keys, update)
  return new Command({ update: toStored(keys, update), goto: toGoto(keys, ways, state) })
}

function rescue({ plan, keys, path, isForgetful, disturbance }: Site, node: NodePlan, state: State): Command {
  disturbance.ran.push(noteOf(path, node, isForgetful, state))
  const { writes = [], ways = [] } = node.rescue ?? {}
  return new Command({
    update: toStored(keys, updateOf(`rescue of ${node.name}`, writes, state, [])),
    goto: toGoto(keys, choose(plan, ways, state), state),
  })
}

/** The graph of a node, or the function that calls it. */
function actionOf(site: Site, node: NodePlan, within: Within): unknown {
  const { keys, path, disturbance } = site
  const { graph, memory, sharesState, visits } = within
  const isForgetful = site.isForgetful || memory === 'none'
  const build = (visit: number): BuiltGraph =>
    buildSite(
      {
        plan: graph,
        keys: sharesState ? keys : keys === SHARED ? OWN : SHARED,
        path: `${path}${node.name}${visit === 0 ? '' : visit}/`,
        isForgetful,
        disturbance,
      },
      keys,
      memory === 'visit' ? undefined : memory === 'own',
    )
  if (sharesState) return build(0)
  const graphs = Array.from({ length: visits }, (_, visit) => build(visit))
  const inner = keys === SHARED ? OWN : SHARED
  return async (stored: Stored): Promise<Stored> => {
    const state = toState(keys, stored)
    const results: State[] = []
    for (const [visit, called] of graphs.entries()) {
      const given = toStored(inner, stateFor(visit, state))
      results.push(toState(inner, (await called.invoke(given)) as Stored))
    }
    return toStored(keys, updateFrom(results))
  }
}

function buildSite(site: Site, outer: Keys, checkpointer: Checkpointer | boolean | undefined): BuiltGraph {
  const { plan, keys } = site
  const shown = channelsOf(keys)
  const graph = new StateGraph({
    state: Annotation.Root({ ...shown, [keys.last]: Annotation<string> }),
    ...(site.path !== '' && { output: Annotation.Root(shown) }),
  })
  for (const node of plan.nodes) {
    const { within } = node
    const action =
      within === undefined
        ? (stored: Stored) => act(site, outer, node, toState(keys, stored))
        : actionOf(site, node, within)
    graph.addNode(node.name, action as () => never, {
      defer: node.isDeferred,
      ends: plan.nodes.map(({ name }) => name),
      ...(within === undefined &&
        node.isRetried && { retryPolicy: { maxAttempts: 3, initialInterval: 0, jitter: false } }),
      ...(within === undefined &&
        node.rescue !== undefined && {
          errorHandler: (stored: Stored) => rescue(site, node, toState(keys, stored)),
        }),
    })
  }
  graph.addConditionalEdges(START, () => toGoto(keys, plan.entry, { log: [], total: 0, order: '' }) as never)
  for (const node of plan.nodes) {
    for (const to of node.edges) graph.addEdge(node.name as never, to as never)
    if (node.choices.length === 0) continue
    graph.addConditionalEdges(node.name as never, (stored) => {
      const state = toState(keys, stored)
      return toGoto(keys, choose(plan, node.choices, state), state) as never
    })
  }
  for (const { from, to } of plan.barriers) graph.addEdge(from as never, to as never)
  return graph.compile({ checkpointer }) as unknown as BuiltGraph
}

/** The graph that a plan describes. */
export function buildPlan(plan: GraphPlan, checkpointer: Checkpointer, disturbance: Disturbance): BuiltGraph {
  const site = { plan, keys: SHARED, path: '', isForgetful: false, disturbance }
  return buildSite(site, SHARED, checkpointer)
}
