import { PULL, PUSH } from '../constants.ts'
import type { Send } from '../control.ts'
import { GraphValueError } from '../errors.ts'
import type { Cells } from './cells.ts'
import type { NodeSpec, Program, Selection } from './program.ts'
import type { StepPlace } from './task.ts'
import { Task } from './task.ts'

const SENT: readonly string[] = [PUSH]
/** Says that a node has no input yet. */
const NOTHING: unique symbol = Symbol('nothing')

/**
 * What runs in the next superstep: one task for each `Send`, by index, then the nodes that a changed channel triggers.
 *
 * @param updated channels that the last superstep changed; `undefined` looks at all nodes, in the order of declaration
 * @throws {GraphValueError} when a `Send` is due for a node that the graph does not have (any more)
 */
export function planTasks(
  program: Program,
  cells: Cells,
  updated: readonly number[] | undefined,
  place: StepPlace,
): Task[] {
  const tasks: Task[] = []
  planSends(program, cells, place, tasks)
  if (cells.highest === 0) return tasks
  for (const node of candidates(program, updated)) {
    const fired = firedTriggers(cells, node)
    if (fired === undefined) continue
    const input = nodeInput(cells, node)
    if (input !== NOTHING) tasks.push(new Task(node, [PULL, node.name], input, fired, place))
  }
  return tasks
}

function planSends(program: Program, cells: Cells, place: StepPlace, tasks: Task[]): void {
  const channel = cells.channels[program.tasksIndex]
  if (channel === undefined || !channel.isAvailable()) return
  const sends = channel.get() as readonly Send[]
  for (let index = 0; index < sends.length; index += 1) {
    const send = sends[index] as Send
    const node = program.nodes.get(send.node)
    if (node === undefined) throw missingNode(send.node, place)
    tasks.push(new Task(node, [PUSH, index], send.args, SENT, place, send.timeout))
  }
}

function missingNode(name: string, place: StepPlace): GraphValueError {
  return new GraphValueError(`Step ${place.step} is to run node "${name}", which this graph does not have.`, {
    lc_error_code: 'graph_version_mismatch',
  })
}

function candidates(program: Program, updated: readonly number[] | undefined): readonly NodeSpec[] {
  if (updated === undefined) return program.nodeList
  let found: readonly NodeSpec[] | undefined
  let several: Set<NodeSpec> | undefined
  for (const index of updated) {
    const subscribers = program.subscribers[index] as readonly NodeSpec[]
    if (subscribers.length === 0) continue
    if (found === undefined) found = subscribers
    else {
      several ??= new Set(found)
      for (const node of subscribers) several.add(node)
    }
  }
  if (found === undefined) return []
  const nodes = several === undefined ? found : [...several]
  return nodes.length < 2 ? nodes : nodes.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** The triggers that are available and newer than what the node has seen; `undefined` for none. */
function firedTriggers(cells: Cells, node: NodeSpec): readonly string[] | undefined {
  const seen = cells.seen[node.index]
  let fired: string[] | undefined
  for (let position = 0; position < node.triggerIndexes.length; position += 1) {
    const index = node.triggerIndexes[position] as number
    if (index < 0) continue
    if ((cells.versions[index] as number) <= (seen?.[position] ?? 0)) continue
    if (!cells.channels[index]?.isAvailable()) continue
    if (fired === undefined) fired = [node.triggers[position] as string]
    else fired.push(node.triggers[position] as string)
  }
  return fired
}

function nodeInput(cells: Cells, node: NodeSpec): unknown {
  const { reads, readIndexes } = node
  let input: unknown = NOTHING
  if (reads.type === 'object') {
    const values: Record<string, unknown> = {}
    for (let position = 0; position < readIndexes.length; position += 1) {
      const channel = cells.channels[readIndexes[position] as number]
      const [key, name] = reads.keys[position] as readonly [string, string]
      if (channel?.isAvailable()) values[key] = channel.get()
      else if (node.triggers.includes(name)) return NOTHING
    }
    input = values
  } else {
    for (const index of readIndexes) {
      const channel = cells.channels[index]
      if (channel?.isAvailable()) {
        input = channel.get()
        break
      }
    }
    if (input === NOTHING) return NOTHING
  }
  return node.mapper === undefined ? input : node.mapper(input)
}

/** Names of nodes that stored work is due for although the graph does not have them: a changed graph must say so. */
export function orphanedTriggers(program: Program, cells: Cells): string[] {
  const prefix = 'branch:to:'
  return Object.keys(cells.foreignVersions)
    .filter((channel) => channel.startsWith(prefix))
    .map((channel) => channel.slice(prefix.length))
    .filter((name) => !program.nodes.has(name))
    .filter((name) => {
      const version = cells.foreignVersions[prefix + name] ?? 0
      return version === cells.highest && version > (cells.foreignSeen[name]?.[prefix + name] ?? 0)
    })
}

/** Whether a run is to pause at one of these tasks: not where it paused before and nothing has changed since. */
export function pausesAt(selection: Selection, tasks: readonly Task[], cells: Cells): boolean {
  if (selection.length === 0) return false
  const named =
    selection === '*'
      ? tasks.some(({ node }) => !node.hidden)
      : tasks.some(({ name }) => selection.includes(name))
  if (!named) return false
  const { pauseSeen, versions } = cells
  return versions.some((version, index) => version > (pauseSeen?.[index] ?? 0))
}
