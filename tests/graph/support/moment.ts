import type { GraphPlan, State, Update, Way } from './plan.ts'
import { joinLogs, joinOrders, joinTotals, sentState } from './plan.ts'

/** A task with an input of its own. */
export interface Sent {
  readonly node: string
  readonly input: State
}

/** All that there is of a graph between two supersteps. */
export interface Moment {
  readonly state: State
  /** Nodes that something leads to, for the next superstep only. */
  readonly called: ReadonlySet<string>
  readonly sends: readonly Sent[]
  /** By barrier: the nodes that have arrived. */
  readonly arrived: readonly ReadonlySet<string>[]
  /** Deferred nodes that something leads to: they wait until nothing else is due. */
  readonly waiting: ReadonlySet<string>
  /** Those whose turn has come. */
  readonly ready: ReadonlySet<string>
  /** Barriers before deferred nodes whose turn has come. */
  readonly open: ReadonlySet<number>
}

/** What is led to: nodes, and tasks. */
export interface Leads {
  readonly called: readonly string[]
  readonly sends: readonly Sent[]
}

/** What a task, or somebody in its name, has done. */
export interface Done extends Leads {
  readonly name: string
  /** Whether it was due by its name, not sent. */
  readonly wasDue: boolean
  /** Whether the barriers that wait for it need wait no longer. */
  readonly arrives: boolean
  readonly update: Update
}

const EMPTY: State = { log: [], total: 0, order: '' }

export const blankMoment = (plan: GraphPlan): Moment => ({
  state: EMPTY,
  called: new Set(),
  sends: [],
  arrived: plan.barriers.map(() => new Set()),
  waiting: new Set(),
  ready: new Set(),
  open: new Set(),
})

/** The state with updates of one superstep; none when two wrote the key that takes one value. */
export function fold(state: State, updates: readonly Update[]): State | undefined {
  const lasts = updates.filter(({ last }) => last !== undefined)
  if (lasts.length > 1) return undefined
  const last = lasts[0]?.last ?? state.last
  return {
    log: updates.reduce((log, update) => joinLogs(log, update.log ?? []), state.log),
    total: updates.reduce((total, update) => joinTotals(total, update.total ?? 0), state.total),
    order: updates.reduce((order, update) => joinOrders(order, update.order ?? ''), state.order),
    ...(last !== undefined && { last }),
  }
}

/** What is due by name, in the order in which it is applied. */
export function dueNames(plan: GraphPlan, moment: Moment): string[] {
  const passed = plan.barriers.filter((_, index) => isPassable(plan, moment, index)).map(({ to }) => to)
  return [...new Set([...moment.called, ...moment.ready, ...passed])].toSorted()
}

/** The node of each task that is due, sorted. */
export const dueNodes = (plan: GraphPlan, moment: Moment): string[] =>
  [...dueNames(plan, moment), ...moment.sends.map(({ node }) => node)].toSorted()

export const isOver = (plan: GraphPlan, moment: Moment): boolean =>
  moment.sends.length === 0 && dueNames(plan, moment).length === 0

const isDeferred = (plan: GraphPlan, name: string): boolean =>
  plan.nodes.some((node) => node.name === name && node.isDeferred)

function isFull(plan: GraphPlan, arrived: Moment['arrived'], index: number): boolean {
  return plan.barriers[index]?.from.every((name) => arrived[index]?.has(name)) === true
}

function isPassable(plan: GraphPlan, { arrived, open }: Moment, index: number): boolean {
  const { to } = plan.barriers[index] as GraphPlan['barriers'][number]
  return isFull(plan, arrived, index) && (!isDeferred(plan, to) || open.has(index))
}

/** Splits ways into nodes and tasks. */
export function follow(ways: readonly Way[], from: State): Leads {
  return {
    called: ways.flatMap((way) => ('to' in way && way.to !== '__end__' ? [way.to] : [])),
    sends: ways.flatMap((way) => ('send' in way ? [{ node: way.send, input: sentState(way, from) }] : [])),
  }
}

/** What was due is over, whether it was done or given up: barriers that led to it close, turns are used. */
function useUp(plan: GraphPlan, moment: Moment, names: ReadonlySet<string>): Moment {
  const closes = (index: number): boolean =>
    names.has(plan.barriers[index]?.to ?? '') && isPassable(plan, moment, index)
  return {
    ...moment,
    called: new Set(),
    sends: [],
    arrived: moment.arrived.map((arrived, index) => (closes(index) ? new Set() : arrived)),
    ready: new Set([...moment.ready].filter((name) => !names.has(name))),
    open: new Set([...moment.open].filter((index) => !closes(index))),
  }
}

/** What was due is given up. */
export const giveUp = (plan: GraphPlan, moment: Moment): Moment =>
  useUp(plan, moment, new Set(dueNames(plan, moment)))

/** Input is written, and leads to where the graph begins. */
export function begin(plan: GraphPlan, moment: Moment, input: Update): Moment {
  const started = { name: '__start__', wasDue: false, arrives: false, update: input }
  const begun = advance(plan, moment, [{ ...started, ...follow(plan.entry, moment.state) }])
  if (begun === undefined) throw new Error('An input alone cannot conflict.')
  return begun
}

/** New input on top of whatever there is. */
export const withInput = (plan: GraphPlan, moment: Moment, input: Update): Moment =>
  begin(plan, giveUp(plan, moment), input)

/** The moment after a superstep; none when its updates conflict. */
export function advance(plan: GraphPlan, before: Moment, done: readonly Done[]): Moment | undefined {
  const state = fold(
    before.state,
    done.map(({ update }) => update),
  )
  if (state === undefined) return undefined
  const used = useUp(plan, before, new Set(done.filter(({ wasDue }) => wasDue).map(({ name }) => name)))
  const all = new Set(done.flatMap(({ called }) => called))
  const late = [...all].filter((name) => isDeferred(plan, name))
  const called = new Set([...all].filter((name) => !isDeferred(plan, name)))
  const sends = done.flatMap((one) => one.sends)
  const arriving = new Set(done.filter(({ arrives }) => arrives).map(({ name }) => name))
  const arrived = used.arrived.map(
    (names, index) =>
      new Set([...names, ...(plan.barriers[index]?.from ?? []).filter((name) => arriving.has(name))]),
  )
  const opensNow = plan.barriers.some(
    ({ to }, index) =>
      !isDeferred(plan, to) &&
      isFull(plan, arrived, index) &&
      arrived[index]?.size !== used.arrived[index]?.size,
  )
  const waiting = new Set([...used.waiting, ...late])
  const ready = new Set([...used.ready].filter((name) => !late.includes(name)))
  const moment = { ...used, state, called, sends, arrived, waiting, ready }
  if (called.size > 0 || sends.length > 0 || opensNow) return moment
  // Nothing leads on: now it is the turn of what waits for that.
  const open = plan.barriers.flatMap(({ to }, index) =>
    isDeferred(plan, to) && isFull(plan, arrived, index) ? [index] : [],
  )
  return {
    ...moment,
    ready: new Set([...ready, ...waiting]),
    waiting: new Set(),
    open: new Set([...used.open, ...open]),
  }
}
