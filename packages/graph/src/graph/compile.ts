import type { BaseChannel } from '../channels/index.ts'
import {
  EphemeralValue,
  InclusiveBarrierValue,
  LastValueAfterFinish,
  NamedBarrierValue,
  NamedBarrierValueAfterFinish,
} from '../channels/index.ts'
import { END, ROOT, START, TAG_HIDDEN, TASKS } from '../constants.ts'
import type { Send } from '../control.ts'
import {
  Command,
  gotoList,
  isCommand,
  isSend,
  overwriteOf,
  toTimeoutPolicy,
  updateEntries,
} from '../control.ts'
import { InvalidUpdateError, NodeError, ParentCommand } from '../errors.ts'
import type { TaskContext } from '../runtime/context.ts'
import type { NodeInit, Program, Reads, WriteSink } from '../runtime/program.ts'
import { defineProgram } from '../runtime/program.ts'
import type { StateSpec } from '../state/definition.ts'
import type { StandardSchema } from '../state/standard-schema.ts'
import { validateField } from '../state/state-schema.ts'
import type { BuilderBranch, BuilderNode } from './builder.ts'
import type { NodeDefaults } from './types.ts'

/** Begins the name of the node that runs another one's error handler. */
export const ERROR_HANDLER_PREFIX = '__error_handler__'

/** What of a graph under construction is compiled. */
export interface GraphSource {
  readonly nodes: Readonly<Record<string, BuilderNode>>
  readonly edges: ReadonlySet<readonly [start: string, end: string]>
  readonly waitingEdges: ReadonlySet<readonly [starts: readonly string[], end: string]>
  /** Those of them that do with some of their sources when nothing else is left to run. */
  readonly inclusiveEdges: ReadonlySet<readonly [starts: readonly string[], end: string]>
  readonly branches: Readonly<Record<string, Readonly<Record<string, BuilderBranch>>>>
  readonly channels: Readonly<Record<string, BaseChannel>>
  readonly stateSpec: StateSpec
  readonly inputSpec: StateSpec
  readonly outputSpec: StateSpec
  readonly validators: Readonly<Record<string, StandardSchema>>
  readonly nodeDefaults: NodeDefaults
}

type Writer = (output: unknown, sink: WriteSink) => void | Promise<void>

const isRoot = (keys: readonly string[]): boolean => keys.length === 1 && keys[0] === ROOT

/** A state graph as channels and nodes: one channel a key, one trigger a node, one barrier an edge of several sources. */
export function compileProgram(graph: GraphSource, name: string): Program {
  const channels: Record<string, BaseChannel> = {
    ...graph.channels,
    [START]: new EphemeralValue() as BaseChannel,
  }
  const keys = Object.keys(graph.channels)
  const outputKeys = Object.keys(graph.outputSpec.channels)
  const select = isRoot(keys) ? ROOT : keys
  const triggers = new Map<string, string[]>()
  for (const [node, { defer }] of Object.entries(graph.nodes)) {
    const trigger = `branch:to:${node}`
    channels[trigger] = (defer ? new LastValueAfterFinish() : new EphemeralValue(false)) as BaseChannel
    triggers.set(node, [trigger])
  }
  const joins = joinChannels(graph, channels, triggers)
  const writersOf = (node: string, outKeys: readonly string[]): Writer =>
    nodeWriter(node, outKeys, graph, joins.get(node) ?? [], select)
  const nodes: NodeInit[] = [startNode(writersOf(START, Object.keys(graph.inputSpec.channels)))]
  for (const [node, spec] of Object.entries(graph.nodes)) {
    nodes.push(stateNode(node, spec, graph, triggers.get(node) ?? [], writersOf(node, keys)))
  }
  for (const [node, spec] of Object.entries(graph.nodes)) {
    const handler = spec.errorHandler ?? graph.nodeDefaults.errorHandler
    if (handler !== undefined) nodes.push(handlerNode(node, spec, handler as ErrorWork, writersOf))
  }
  return defineProgram({
    name,
    channels,
    nodes,
    inputChannels: START,
    outputChannels: isRoot(outputKeys) ? ROOT : outputKeys,
    streamChannels: select,
  })
}

/** Adds a barrier for each edge of several sources. @returns by source: the barriers that it writes. */
function joinChannels(
  graph: GraphSource,
  channels: Record<string, BaseChannel>,
  triggers: ReadonlyMap<string, string[]>,
): Map<string, string[]> {
  const joins = new Map<string, string[]>()
  for (const edge of graph.waitingEdges) {
    const [starts, end] = edge
    const inclusive = graph.inclusiveEdges.has(edge)
    const join = `join:${inclusive ? 'inclusive:' : ''}${starts.join('+')}:${end}`
    const names = new Set(starts)
    channels[join] = barrier(end, names, inclusive, graph.nodes[end]?.defer ?? false)
    triggers.get(end)?.push(join)
    for (const start of names) joins.set(start, [...(joins.get(start) ?? []), join])
  }
  return joins
}

function barrier(
  end: string,
  names: ReadonlySet<string>,
  inclusive: boolean,
  deferred: boolean,
): BaseChannel {
  if (inclusive && deferred) {
    throw new Error(
      `Node "${end}" has \`defer\` and an inclusive edge: both wait for the end of all other work. Choose one.`,
    )
  }
  const channel = inclusive
    ? new InclusiveBarrierValue(names)
    : deferred
      ? new NamedBarrierValueAfterFinish(names)
      : new NamedBarrierValue(names)
  return channel as BaseChannel
}

function startNode(write: Writer): NodeInit {
  return {
    name: START,
    triggers: [START],
    reads: { type: 'value', channels: [START] },
    write,
    hidden: true,
    tags: [TAG_HIDDEN],
  }
}

function stateNode(
  name: string,
  spec: BuilderNode,
  graph: GraphSource,
  triggers: readonly string[],
  write: Writer,
): NodeInit {
  const defaults = graph.nodeDefaults
  const { cachePolicy } = defaults
  const hasHandler = (spec.errorHandler ?? defaults.errorHandler) !== undefined
  return {
    name,
    triggers,
    reads: readsOf(spec.input),
    run: spec.work,
    runsResult: true,
    write,
    tags: spec.tags,
    metadata: spec.metadata,
    tracePolicy: spec.tracePolicy,
    retry: spec.retryPolicy ?? defaults.retryPolicy,
    cache:
      spec.cachePolicy ?? (typeof cachePolicy === 'boolean' ? (cachePolicy ? {} : undefined) : cachePolicy),
    timeout: spec.timeout ?? toTimeoutPolicy(defaults.timeout),
    errorHandler: hasHandler ? `${ERROR_HANDLER_PREFIX}${name}` : undefined,
    subgraphs: spec.subgraphs,
  }
}

function readsOf(spec: StateSpec): Reads {
  const keys = Object.keys(spec.channels)
  return isRoot(keys)
    ? { type: 'value', channels: [ROOT] }
    : { type: 'object', keys: keys.map((key) => [key, key] as const) }
}

type ErrorWork = (state: unknown, error: NodeError, runtime: unknown) => unknown

/** Runs when its node has failed for good. No edge leads to it or from it: it may go on by a command. */
function handlerNode(
  name: string,
  spec: BuilderNode,
  handler: ErrorWork,
  writersOf: (node: string, keys: readonly string[]) => Writer,
): NodeInit {
  const own = `${ERROR_HANDLER_PREFIX}${name}`
  return {
    name: own,
    triggers: [],
    reads: readsOf(spec.input),
    run: (input, runtime, context?: TaskContext) =>
      handler(input, context?.nodeError ?? new NodeError(name, new Error('unknown')), runtime),
    write: writersOf(own, Object.keys(spec.input.channels)),
    metadata: spec.metadata,
  }
}

/** What becomes of a node's output: updates, then where its command leads, then its edges, then its conditions. */
function nodeWriter(
  node: string,
  keys: readonly string[],
  graph: GraphSource,
  joins: readonly string[],
  select: string | readonly string[],
): Writer {
  const known = new Set(keys)
  const root = isRoot(keys)
  const targets = [...graph.edges]
    .filter(([start, end]) => start === node && end !== END)
    .map(([, end]) => `branch:to:${end}`)
  const remind = edgeReminder(node, graph)
  const conditions = Object.values(graph.branches[node] ?? {})
  const validators = node === START ? {} : graph.validators
  const mayValidate = Object.keys(validators).length > 0
  const follow = (output: unknown, sink: WriteSink): void | Promise<void> => {
    if (typeof output === 'object' && output !== null) {
      control(output, sink)
      remind?.(output)
    }
    for (const target of targets) sink.push(target, null)
    for (const join of joins) sink.push(join, node)
    return conditions.length === 0 ? undefined : route(conditions, node, select, sink)
  }
  return (output, sink) => {
    const updates = root ? rootUpdates(output) : stateUpdates(node, output, known)
    const pending = mayValidate ? pushChecked(updates, validators, sink) : pushAll(updates, sink)
    return pending === undefined ? follow(output, sink) : pending.then(() => follow(output, sink))
  }
}

function pushAll(updates: readonly (readonly [string, unknown])[], sink: WriteSink): undefined {
  for (const [key, value] of updates) sink.push(key, value)
  return undefined
}

/** A promise comes back only where a validator gave one. */
function pushChecked(
  updates: readonly (readonly [string, unknown])[],
  validators: Readonly<Record<string, StandardSchema>>,
  sink: WriteSink,
): Promise<void> | undefined {
  const checked = updates.map(([key, value]) => {
    const schema = validators[key]
    return schema === undefined || overwriteOf(value) !== undefined
      ? value
      : validateField(key, schema, value)
  })
  const push = (values: readonly unknown[]): void => {
    for (let index = 0; index < values.length; index += 1)
      sink.push(updates[index]?.[0] as string, values[index])
  }
  if (checked.some((value) => value instanceof Promise)) return Promise.all(checked).then(push)
  push(checked)
  return undefined
}

function rootUpdates(output: unknown): readonly (readonly [string, unknown])[] {
  if (output == null) return []
  if (isCommand(output)) return commandUpdates(output)
  if (Array.isArray(output) && output.some(isCommand)) {
    return output.flatMap((item: unknown) =>
      isCommand(item) ? commandUpdates(item) : [[ROOT, item] as const],
    )
  }
  return [[ROOT, output]]
}

function commandUpdates(command: Command): readonly (readonly [string, unknown])[] {
  return command.graph === Command.PARENT || command.update == null ? [] : updateEntries(command)
}

const NO_UPDATES: readonly (readonly [string, unknown])[] = []

function stateUpdates(
  node: string,
  output: unknown,
  known: ReadonlySet<string>,
): readonly (readonly [string, unknown])[] {
  if (!output) return NO_UPDATES
  if (typeof output !== 'object') throw invalidReturn(node, typeof output)
  if (isCommand(output)) return commandUpdates(output).filter(([key]) => known.has(key))
  if (Array.isArray(output)) {
    if (!output.some(isCommand)) throw invalidReturn(node, 'array')
    return output.flatMap((item) => stateUpdates(node, item, known))
  }
  const updates: (readonly [string, unknown])[] = []
  for (const key of Object.keys(output)) {
    if (known.has(key)) updates.push([key, (output as Record<string, unknown>)[key]])
  }
  return updates
}

function invalidReturn(node: string, received: string): InvalidUpdateError {
  return new InvalidUpdateError(
    `Expected node "${node}" to return an object or an array containing at least one Command object, received ${received}`,
    { lc_error_code: 'INVALID_GRAPH_NODE_RETURN_VALUE' },
  )
}

const commandsIn = (output: object): readonly Command[] =>
  isCommand(output) ? [output] : Array.isArray(output) ? output.filter(isCommand) : []

/** Says once that a node's commands lead on besides its edges and not in their place, which surprises many. */
function edgeReminder(node: string, graph: GraphSource): ((output: object) => void) | undefined {
  const ends = [
    ...[...graph.edges].filter(([start, end]) => start === node && end !== END).map(([, end]) => end),
    ...[...graph.waitingEdges].filter(([starts]) => starts.includes(node)).map(([, end]) => end),
  ]
  if (ends.length === 0) return undefined
  let said = false
  return (output) => {
    if (said) return
    const goals = commandsIn(output).flatMap((command) =>
      gotoList(command).map((target) => (isSend(target) ? target.node : target)),
    )
    const besides = ends.filter((end) => !goals.includes(end))
    if (goals.length === 0 || besides.length === 0) return
    said = true
    console.warn(
      `Node "${node}" goes to "${goals.join('", "')}" by a Command and to "${besides.join('", "')}" by an edge: both happen. Remove the edge if the Command is to decide alone.`,
    )
  }
}

/** Goes where the commands in an output lead. @throws {ParentCommand} for one that is for the graph around */
function control(output: object, sink: WriteSink): void {
  if (isSend(output)) return sendTo(output, sink)
  for (const command of commandsIn(output)) {
    if (command.graph === Command.PARENT) throw new ParentCommand(command)
    for (const target of gotoList(command)) {
      if (isSend(target)) sendTo(target, sink)
      else if (target !== END && isHere(command, target as string, sink))
        sink.push(branchTo(target as string, sink), START)
    }
  }
}

/** A command that names a graph may be for another one: then its target need not exist here. */
function isHere({ graph }: Command, target: string, sink: WriteSink): boolean {
  return graph === undefined || sink.hasChannel(`branch:to:${target}`)
}

function sendTo(send: Send, sink: WriteSink): void {
  if (send.node === END) throw new InvalidUpdateError('Cannot send a packet to the END node')
  sink.push(TASKS, send)
}

function branchTo(target: string, sink: WriteSink): string {
  const channel = `branch:to:${target}`
  if (!sink.hasChannel(channel)) {
    throw new InvalidUpdateError(`Cannot go to node "${target}": the graph has no such node.`)
  }
  return channel
}

/** Asks each condition, with the node's own updates applied, and goes where it says. */
function route(
  conditions: readonly BuilderBranch[],
  node: string,
  select: string | readonly string[],
  sink: WriteSink,
): void | Promise<void> {
  let pending: Promise<void> | undefined
  for (const condition of conditions) {
    const ask = (): void | Promise<void> => {
      const answer = askCondition(condition, sink.readFresh(select), sink)
      if (answer instanceof Promise) return answer.then((later) => goTo(later, condition, node, sink))
      return goTo(answer, condition, node, sink)
    }
    if (pending !== undefined) pending = pending.then(ask)
    else {
      const asked = ask()
      if (asked !== undefined) pending = asked
    }
  }
  return pending
}

/** What a condition answers. One that pauses has most likely lost its way: LangGraph says so, and so do we. */
function askCondition({ path }: BuilderBranch, state: unknown, sink: WriteSink): unknown {
  const remind = (error: unknown): never => {
    if ((error as { readonly name?: unknown } | null)?.name === 'NodeInterrupt')
      console.warn(INTERRUPT_IN_CONDITION)
    throw error
  }
  try {
    const ask = (): unknown => path(state, sink.runtime as never)
    const answer = sink.tellOf === undefined ? ask() : sink.tellOf(state, ask)
    return answer instanceof Promise ? answer.catch(remind) : answer
  } catch (error) {
    return remind(error)
  }
}

/** In LangGraph's words: programs look for them. */
const INTERRUPT_IN_CONDITION =
  "[WARN]: 'NodeInterrupt' thrown in conditional edge. This is likely a bug in your graph implementation.\n" +
  'NodeInterrupt should only be thrown inside a node, not in edge conditions.'

function goTo(answer: unknown, { ends }: BuilderBranch, node: string, sink: WriteSink): void {
  for (const item of Array.isArray(answer) ? (answer as unknown[]) : [answer]) {
    if (isSend(item)) {
      sendTo(item, sink)
      continue
    }
    const target = ends === undefined ? item : ends[String(item)]
    if (typeof target !== 'string' || target === '') {
      throw new Error('Branch condition returned unknown or null destination')
    }
    if (target !== END) sink.push(branchTo(target, sink), node)
  }
}
