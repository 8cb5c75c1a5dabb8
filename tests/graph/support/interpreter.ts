import type { Done, Leads, Moment } from './moment.ts'
import { advance, blankMoment, dueNames, fold, follow, isOver, withInput } from './moment.ts'
import type { GraphPlan, NodePlan, State, Update, Within } from './plan.ts'
import { answerTo, choose, noteOf, questionOf, stateFor, updateFrom, updateOf } from './plan.ts'

/** How an undisturbed run of a plan goes. */
export interface Story {
  /** After the input, and after each superstep. */
  readonly moments: readonly Moment[]
  /** What was run, graphs within included. */
  readonly ran: readonly string[]
  /** Kinds of things that it took. */
  readonly took: ReadonlySet<string>
  /** `unclear` where it depends on which of several tasks is the first to end, and where it takes too long. */
  readonly end: 'done' | 'paused' | 'conflict' | 'limit' | 'unclear'
  /** What was done in the superstep of a pause. */
  readonly finished: readonly Done[]
}

/** A graph on its way. */
interface Level {
  readonly plan: GraphPlan
  /** The nodes around, each with a stroke behind it. */
  readonly path: string
  /** Whether nothing of it is remembered when its visit is interrupted. */
  readonly isForgetful: boolean
  readonly limit: number
  /** Whether nobody answers. */
  readonly pauses: boolean
  readonly ran: string[]
  readonly took: Set<string>
  readonly memories: Memories
}

/** What a command says. */
interface Directed extends Leads {
  readonly update: Update
}

/** Where graphs that remember all visits were left, by their path. */
export type Memories = Pick<Map<string, Moment>, 'get' | 'set'>

/** A command for the graph around. */
type Up = Directed

/** What a node came to: with where its commands lead. */
interface Result extends Directed {
  /** Whether its edges and conditions count. */
  readonly leadsOn: boolean
  readonly up?: Up | undefined
}

/** That a node waits for an answer. */
const PAUSED = 'paused'

const nothing: Directed = { update: {}, called: [], sends: [] }

/** More tasks than that prove nothing that fewer do not. */
const MOST_TASKS = 300

/** Thrown where graphs within end otherwise than well, and where there is too much to do. */
class Unclear extends Error {}

/**
 * The semantics of graphs in their plainest form: all that is due runs on the state as it is; what it returns is applied
 * in the order of names, then of sends; then it is seen what is due next. No channels, no versions, no storage.
 */
export function interpret(plan: GraphPlan, input: Update, limit: number): Story {
  return continueFrom(plan, withInput(plan, blankMoment(plan), input), limit)
}

/** How a run is looked at, and what it begins with. */
interface Setting {
  /** Whether nobody answers, so that it ends with the first question. */
  readonly pauses?: boolean
  readonly memories?: Memories
  /** Told of each moment as it comes about. */
  readonly onMoment?: (moment: Moment) => void
}

/** How it goes on from a moment. */
export function continueFrom(
  plan: GraphPlan,
  from: Moment,
  limit: number,
  { pauses = false, memories = new Map(), onMoment }: Setting = {},
): Story {
  const level: Level = {
    plan,
    path: '',
    isForgetful: false,
    limit,
    pauses,
    ran: [],
    took: new Set(),
    memories,
  }
  const moments = [from]
  const told = { moments, ran: level.ran, took: level.took, finished: [] }
  try {
    const { end, finished = [] } = run(level, from, (moment) => {
      moments.push(moment)
      onMoment?.(moment)
    })
    return { ...told, end, finished }
  } catch (error) {
    if (error instanceof Unclear) return { ...told, end: 'unclear' }
    throw error
  }
}

/** How a graph ended. */
interface Ending {
  readonly end: Exclude<Story['end'], 'unclear'>
  /** The command to the graph around that it ended by. */
  readonly up?: Up
  readonly finished?: readonly Done[]
}

function run(level: Level, from: Moment, onMoment: (moment: Moment) => void): Ending {
  let moment = from
  for (let steps = 0; ; steps += 1) {
    if (isOver(level.plan, moment)) return { end: 'done' }
    if (steps === level.limit) return { end: 'limit' }
    const after = superstep(level, moment)
    if (after === undefined) return { end: 'conflict' }
    if ('end' in after) return after
    moment = after
    onMoment(moment)
  }
}

function superstep(level: Level, moment: Moment): Moment | Ending | undefined {
  const { plan } = level
  const nodeOf = (name: string): NodePlan => plan.nodes.find((node) => node.name === name) as NodePlan
  const tasks = [
    ...dueNames(plan, moment).map((name) => ({ node: nodeOf(name), input: moment.state, wasDue: true })),
    ...moment.sends.map(({ node, input }) => ({ node: nodeOf(node), input, wasDue: false })),
  ]
  if (tasks.length + level.ran.length > MOST_TASKS) throw new Unclear()
  const ups: Up[] = []
  const done = tasks.flatMap(({ node, input, wasDue }): Done[] => {
    const result = perform(level, node, input)
    if (result === PAUSED) return []
    if (result.up !== undefined) ups.push(result.up)
    return [doneBy(plan, moment.state, { node, wasDue }, result)]
  })
  if (done.length < tasks.length) return { end: 'paused', finished: done }
  if (ups[0] !== undefined) return { end: 'done', up: ups[0] }
  return advance(plan, moment, done)
}

/** What a result is for the graph: with where commands, edges and conditions lead. */
function doneBy(
  plan: GraphPlan,
  state: State,
  { node, wasDue }: { readonly node: NodePlan; readonly wasDue: boolean },
  { update, called, sends, leadsOn }: Result,
): Done {
  const own = { name: node.name, wasDue, arrives: leadsOn, update }
  if (!leadsOn) return { ...own, called, sends }
  // A condition sees the state with what its own node wrote, and nothing of the others.
  const fresh = fold(state, [update]) as State
  const chosen = follow(choose(plan, node.choices, fresh), fresh)
  return {
    ...own,
    called: [...called, ...node.edges, ...chosen.called],
    sends: [...sends, ...chosen.sends],
  }
}

/** What somebody does in a node's name: its edges and conditions count. */
export function updated(plan: GraphPlan, state: State, name: string, update: Update): Done {
  const node = plan.nodes.find((one) => one.name === name) as NodePlan
  return doneBy(plan, state, { node, wasDue: false }, { ...nothing, update, leadsOn: true })
}

function perform(level: Level, node: NodePlan, input: State): Result | typeof PAUSED {
  const { within } = node
  if (node.isDeferred) level.took.add('deferred node')
  if (within !== undefined) return visitAll(level, node, within, input)
  const { plan, path, isForgetful, ran } = level
  if (level.pauses && node.asks > 0) return PAUSED
  ran.push(noteOf(path, node, isForgetful, input))
  if (node.rescue !== undefined) {
    level.took.add('error handler')
    const { writes, ways } = node.rescue
    const update = updateOf(`rescue of ${node.name}`, writes, input, [])
    return { update, ...follow(choose(plan, ways, input), input), leadsOn: false }
  }
  const answers = Array.from({ length: node.asks }, (_, index) => answerTo(questionOf(node, input, index)))
  const update = updateOf(node.name, node.writes, input, answers)
  const upwards = choose(plan, node.parentCommands, input)
  if (upwards.length > 0) level.took.add('command to the parent')
  if (upwards.length > 0) return { ...nothing, leadsOn: false, up: { update, ...follow(upwards, input) } }
  return { update, ...follow(choose(plan, node.commands, input), input), leadsOn: true }
}

/** A node that is a graph gives what the graph gives; one that calls it several times makes one update of them. */
function visitAll(level: Level, node: NodePlan, within: Within, input: State): Result | typeof PAUSED {
  const results: State[] = []
  level.took.add(within.sharesState ? 'shared state' : 'state of its own').add(`memory: ${within.memory}`)
  for (let visit = 0; visit < (within.sharesState ? 1 : within.visits); visit += 1) {
    const path = `${level.path}${node.name}${visit === 0 ? '' : visit}/`
    const given = within.sharesState ? input : stateFor(visit, input)
    const visited = visitOnce({ ...level, path }, within, given)
    if (visited === PAUSED) return PAUSED
    const { state, up } = visited
    if (up !== undefined) return { ...up, leadsOn: true }
    results.push(state)
  }
  const [first] = results
  if (!within.sharesState || first === undefined)
    return { ...nothing, update: updateFrom(results), leadsOn: true }
  const { log, total, order } = first
  return { ...nothing, update: { log, total, order }, leadsOn: true }
}

function visitOnce(
  level: Level,
  { graph, memory }: Within,
  input: State,
): { readonly state: State; readonly up: Up | undefined } | typeof PAUSED {
  const { path, memories } = level
  const isForgetful = level.isForgetful || memory === 'none'
  const remembers = memory === 'own' && !isForgetful
  const before = (remembers ? memories.get(path) : undefined) ?? blankMoment(graph)
  let last = withInput(graph, before, input)
  const { end, up } = run({ ...level, plan: graph, isForgetful }, last, (moment) => (last = moment))
  if (end === 'paused') return PAUSED
  if (end !== 'done') throw new Unclear()
  if (remembers) memories.set(path, last)
  return { state: last.state, up }
}
