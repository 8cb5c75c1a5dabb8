/** Where a condition or a command leads: a node, the end, or a task with an input of its own. */
export type Way = { readonly to: string } | { readonly send: string; readonly item: number }

/** What one of several lists is chosen from, by what is seen of the state. */
export type Choices = readonly (readonly Way[])[]

export type Key = 'log' | 'total' | 'order' | 'last'

/** A graph that is, or is called by, a node. */
export interface Within {
  readonly graph: GraphPlan
  /** The node is the graph, with the state of the graph around; else it calls it, with a state of its own. */
  readonly sharesState: boolean
  /** What it remembers: one visit, all visits, or nothing even of the one that is interrupted. */
  readonly memory: 'visit' | 'own' | 'none'
  /** How often the node calls it. */
  readonly visits: number
}

/** Everything that a node of a made-up graph does. */
export interface NodePlan {
  readonly name: string
  /** Keys that it writes. */
  readonly writes: readonly Key[]
  /** Nodes that its edges lead to. */
  readonly edges: readonly string[]
  /** What its condition chooses from, by what the node has just made of the state. */
  readonly choices: Choices
  /** What its command chooses from, by what the node sees. */
  readonly commands: Choices
  /** What its command to the graph around chooses from; one without a way is none. */
  readonly parentCommands: Choices
  /** Questions that it asks each time. */
  readonly asks: number
  /** How many of its first calls fail. */
  readonly failures: number
  /** Whether it is tried again within the run, or the run fails and is continued. */
  readonly isRetried: boolean
  /** It never succeeds: its error handler writes these keys and goes where one of these leads. */
  readonly rescue: { readonly writes: readonly Key[]; readonly ways: Choices } | undefined
  /** Turns of the event loop's queue that it waits for. */
  readonly turns: number
  readonly isDeferred: boolean
  /** What it does instead of all this, where there is such a graph. */
  readonly within: Within | undefined
}

export interface GraphPlan {
  readonly nodes: readonly NodePlan[]
  /** What the condition at the start chooses. */
  readonly entry: readonly Way[]
  /** Edges that wait for several nodes. */
  readonly barriers: readonly { readonly from: readonly string[]; readonly to: string }[]
  /** Beyond this total nothing leads on but edges, so that most graphs with cycles end. */
  readonly enough: number
}

export interface State {
  readonly log: readonly string[]
  readonly total: number
  readonly order: string
  readonly last?: string
}

export type Update = { -readonly [Name in keyof State]?: State[Name] }

/** How writes to a list meet: what is in it already is not added again, as graphs hand back what they were given. */
export const joinLogs = (all: readonly string[], more: readonly string[]): readonly string[] => [
  ...all,
  ...new Set(more.filter((line) => !all.includes(line))),
]

/** Graphs hand back what they were given, so that both would grow without end. */
export const joinTotals = (sum: number, more: number): number => (sum + more) % 1_000
export const joinOrders = (text: string, more: string): string => (text + more).slice(-60)

export function choose(plan: GraphPlan, choices: Choices, state: State): readonly Way[] {
  if (choices.length === 0 || state.total > plan.enough) return []
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

/** What is written to some keys, which shows all that was seen. */
export function updateOf(
  name: string,
  writes: readonly Key[],
  state: State,
  answers: readonly unknown[],
): Update {
  const seen = `${name} saw ${state.log.length} ${state.total} ${state.order.slice(-20)} ${state.last?.slice(0, 20)} ${JSON.stringify(answers)}`
  const update: Update = {}
  if (writes.includes('log')) update.log = [seen]
  if (writes.includes('total')) update.total = 1 + name.length
  if (writes.includes('order')) update.order = name
  if (writes.includes('last')) update.last = seen
  return update
}

/** What a graph with a state of its own is given, and what its node makes of what it gives back. */
export const stateFor = (visit: number, state: State): State => ({
  log: [`visit ${visit}`],
  total: (state.total % 5) + visit,
  order: '',
})

export const updateFrom = (results: readonly State[]): Update => ({
  log: results.map(({ log, total, order }) => `back ${log.length} ${total} ${order.slice(-10)}`),
  total: results.length,
  order: results.map(({ order }) => order.slice(-2)).join(''),
})

/** How a task is told from others when it is noted; `~` where it may be run again although it was done. */
export const noteOf = (path: string, node: NodePlan, isRepeated: boolean, state: State): string =>
  `${isRepeated || node.parentCommands.length > 0 ? '~' : ''}${path}${node.name} ${JSON.stringify(state)}`
