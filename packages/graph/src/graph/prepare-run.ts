import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import { toCheckpointer } from '../checkpoint/from-langgraph.ts'
import { DEFAULT_RECURSION_LIMIT, NAMESPACE_SEPARATOR } from '../constants.ts'
import { surroundingTask } from '../runtime/ambient.ts'
import type { TaskContext } from '../runtime/context.ts'
import { RunControl } from '../node/run-control.ts'
import type { RunSettings } from '../runtime/host.ts'
import { GraphRun } from '../runtime/loop.ts'
import type { RunInit } from '../runtime/run-init.ts'
import type { EventLog } from '../stream/event-log.ts'
import { MessageStream } from '../stream/message-stream.ts'
import { teeLogs } from '../stream/tee-log.ts'
import type { AnyOptions } from './merge-options.ts'
import { durabilityOf, joinLists, mergeOptions, serverInfoOf, withoutPlace } from './merge-options.ts'
import type { GraphParts } from './graph-parts.ts'
import { assertSaver } from './saver.ts'
import { withoutTaskIds } from './subgraphs.ts'

/** What a run is made with, besides its graph. */
export interface RunRequest {
  readonly options: AnyOptions | undefined
  /** Where the run tells what happens; none where nobody listens. */
  readonly log?: EventLog | undefined
  /** Whether the whole state is shown, and not only the output: to those who stream a run. */
  readonly showsState?: boolean | undefined
  /** Fires when whoever reads the run has left. */
  readonly left?: AbortSignal | undefined
  readonly checkContext: (context: unknown, configurable: unknown) => unknown
  readonly rules: Pick<RunInit, 'migrate' | 'version' | 'limitCountsEnd'>
}

/** A run with everything that its options and its surroundings say. */
export function prepareRun(graph: GraphParts, request: RunRequest): GraphRun {
  const given = mergeOptions(graph.config, request.options)
  const parent = surroundingTask(given)
  const host = parent?.host
  const saver = saverFor(graph, parent)
  const configurable = { ...host?.configurable, ...withoutPlace(given.configurable, parent) }
  const signals = teeLogs([host?.signals, request.log])
  return new GraphRun({
    program: graph.program,
    settings: settingsOf(graph, given, parent, configurable, request),
    place: placeOf(graph, given, saver, configurable, parent),
    configurable,
    log: teeLogs([host?.log?.subgraphs ? host.log : undefined, request.log]),
    signals,
    left: request.left,
    messages: messagesOf(host?.messages, signals, request.log),
    parent,
    timing: graph.timing,
    ...request.rules,
  })
}

/** Settings of the run: its options count before those of the graph, and both before those of the run around. */
function settingsOf(
  graph: GraphParts,
  given: AnyOptions,
  parent: TaskContext | undefined,
  configurable: Readonly<Record<PropertyKey, unknown>>,
  { checkContext, showsState }: RunRequest,
): RunSettings {
  const outer = parent?.host.settings
  const recursionLimit = given.recursionLimit ?? outer?.recursionLimit ?? DEFAULT_RECURSION_LIMIT
  if (!(recursionLimit >= 1)) throw new Error('Passed "recursionLimit" must be at least 1.')
  const storagePatience = given.storagePatience ?? outer?.storagePatience ?? 0
  const durability = durabilityOf(given) ?? outer?.durability ?? 'async'
  return {
    context: checkContext(given.context ?? outer?.context, given.configurable),
    store: given.store ?? graph.store ?? outer?.store,
    cache: given.cache ?? graph.cache ?? outer?.cache,
    recursionLimit,
    maxConcurrency: given.maxConcurrency ?? outer?.maxConcurrency,
    interruptBefore: given.interruptBefore ?? graph.interruptBefore,
    interruptAfter: given.interruptAfter ?? graph.interruptAfter,
    durability: storagePatience > 0 && durability === 'async' ? 'sync' : durability,
    storagePatience,
    control: given.control ?? outer?.control ?? new RunControl(),
    serverInfo: outer?.serverInfo ?? serverInfoOf(configurable, given.metadata),
    budgets: given.budgets,
    tags: joinLists(outer?.tags, given.tags),
    metadata: outer?.metadata === undefined ? given.metadata : { ...outer.metadata, ...given.metadata },
    callbacks: given.callbacks ?? parent?.host.callbacksFor(parent),
    runId: given.runId ?? outer?.runId,
    runName: given.runName ?? graph.name,
    signal: given.signal,
    timeout: given.timeout,
    stepTimeout: graph.stepTimeout,
    retry: graph.retryPolicy,
    outputKeys: given.outputKeys ?? (showsState ? graph.program.streamChannels : undefined),
  }
}

/** The saver around counts before the graph's own; `true` has none at hand, `false` wants none. */
function saverFor(graph: GraphParts, parent: TaskContext | undefined): Checkpointer | undefined {
  const { checkpointer } = graph
  assertSaver(checkpointer)
  if (checkpointer === false) return undefined
  const inherited = parent?.host.saver
  if (inherited !== undefined) return inherited
  if (checkpointer === true) {
    if (parent === undefined) throw new Error('checkpointer: true cannot be used for root graphs.')
    return undefined
  }
  return checkpointer && toCheckpointer(checkpointer)
}

function placeOf(
  graph: GraphParts,
  given: AnyOptions,
  saver: Checkpointer | undefined,
  configurable: Readonly<Record<PropertyKey, unknown>>,
  parent: TaskContext | undefined,
): RunInit['place'] {
  const thread = configurable['thread_id']
  if (saver !== undefined && (thread === undefined || thread === null || thread === '')) {
    throw new Error(
      'Checkpointer requires one or more of the following "configurable" keys: "thread_id", "checkpoint_ns", "checkpoint_id"',
    )
  }
  const place = { saver, thread: thread === undefined ? undefined : String(thread) }
  return parent === undefined
    ? { ...place, ...rootPlace(given) }
    : { ...place, ...placeWithin(parent, graph.checkpointer === true) }
}

type PlaceInThread = Omit<RunInit['place'], 'saver' | 'thread'>

function rootPlace(given: AnyOptions): PlaceInThread {
  const {
    checkpoint_id: own,
    checkpoint_ns: within,
    checkpoint_map: map,
  } = (given.configurable ?? {}) as {
    checkpoint_id?: string
    checkpoint_ns?: string
    checkpoint_map?: Record<string, string>
  }
  // A checkpoint of a subgraph: the graphs around it go on from where they were then.
  const checkpointMap = within && map !== undefined ? map : undefined
  const checkpointId = checkpointMap === undefined ? (within ? undefined : own) : checkpointMap['']
  return { namespace: '', checkpointId: checkpointId || undefined, parents: {}, checkpointMap }
}

/** The place of a subgraph: below its task's, with a count from its task's second subgraph on. */
function placeWithin(parent: TaskContext, ownsMemory: boolean): PlaceInThread {
  const { host, task } = parent
  const count = parent.subgraphs
  parent.subgraphs += 1
  const visit = count === 0 ? task.namespace : `${task.namespace}${NAMESPACE_SEPARATOR}${count}`
  const namespace = ownsMemory ? withoutTaskIds(visit) : visit
  return {
    namespace,
    checkpointId: host.checkpointMap?.[namespace],
    checkpointMap: host.checkpointMap,
    parents: { ...host.parents, [task.place.namespace]: task.place.checkpointId },
  }
}

/** The messages of the run around, unless this run has a reader of its own. */
function messagesOf(
  outer: MessageStream | undefined,
  signals: EventLog | undefined,
  own: EventLog | undefined,
): MessageStream | undefined {
  if (signals === undefined) return undefined
  if (outer !== undefined && own === undefined) return outer
  return signals.wants('message') || signals.wants('tool') ? new MessageStream(signals) : undefined
}
