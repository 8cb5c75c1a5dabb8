import type { BaseCache } from '../cache/cache.ts'
import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import type { ForeignSaver } from '../checkpoint/from-langgraph.ts'
import { toCheckpointer } from '../checkpoint/from-langgraph.ts'
import { DEFAULT_RECURSION_LIMIT, NAMESPACE_END, NAMESPACE_SEPARATOR } from '../constants.ts'
import type { TimeoutPolicy } from '../control.ts'
import { BaseLangGraphError, GraphValueError } from '../errors.ts'
import { currentTask, TASK_KEY, taskOf } from '../runtime/ambient.ts'
import type { TaskContext } from '../runtime/context.ts'
import { RunControl } from '../runtime/control.ts'
import type { CheckpointConfig, StateSnapshot, TaskSnapshot } from '../runtime/describe.ts'
import { checkpointConfig, taskNamespace } from '../runtime/describe.ts'
import type { Timing } from '../runtime/execute.ts'
import { systemTiming } from '../runtime/execute.ts'
import type { RunSettings } from '../runtime/host.ts'
import type { RunInit } from '../runtime/run-init.ts'
import { GraphRun } from '../runtime/loop.ts'
import type { CachePolicy, RetryPolicy } from '../runtime/policies.ts'
import type { NodeSpec, Program, Selection } from '../runtime/program.ts'
import type { ServerInfo } from '../runtime/runtime.ts'
import type { Task } from '../runtime/task.ts'
import type { BaseStore } from '../store/store.ts'
import { createEventLog } from '../stream/event-log.ts'
import type { EventLog } from '../stream/event-log.ts'
import type { LoggedEvent, StreamMode } from '../stream/events.ts'
import { GraphRunStream } from '../stream/graph-run.ts'
import type { StreamTransformer } from '../stream/transformer.ts'
import { MessageStream } from '../stream/message-stream.ts'
import { NOTHING, project } from '../stream/project.ts'
import { RunStream } from '../stream/run-stream.ts'
import { encodeEvent } from '../stream/sse.ts'
import { teeLogs } from '../stream/tee-log.ts'
import type { RunOptions, StreamChunk, StreamOptions } from './run-options.ts'
import type { ThreadPlace } from './snapshot.ts'
import { takeSnapshot } from './snapshot.ts'
import type { StateUpdate } from './update.ts'
import { updateThread } from './update.ts'

/** What names a thread, and a checkpoint of it. */
export interface CheckpointRequest {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined
}

/** What a runnable graph is made of. */
export interface PregelInit {
  readonly program: Program
  readonly checkpointer?: Checkpointer | ForeignSaver | boolean | undefined
  readonly store?: BaseStore | undefined
  readonly cache?: BaseCache | undefined
  readonly interruptBefore?: Selection | undefined
  readonly interruptAfter?: Selection | undefined
  readonly streamMode?: StreamMode | readonly StreamMode[] | undefined
  readonly retryPolicy?: RetryPolicy | undefined
  readonly stepTimeout?: number | undefined
  readonly name?: string | undefined
  readonly config?: RunOptions | undefined
  readonly recursionLimitCountsEnd?: boolean | undefined
  readonly version?: string | undefined
  readonly migrate?: RunInit['migrate']
}

/** Options of a run that is watched. */
export type WatchOptions<Context> = RunOptions<Context> & {
  /** Derive further lists from the events of the run. */
  readonly transformers?: readonly (() => StreamTransformer)[] | undefined
}

/** A node of a compiled graph. */
export interface RunnableNode {
  readonly name: string
  readonly retryPolicy: RetryPolicy | undefined
  readonly cachePolicy: CachePolicy | undefined
  readonly timeout: TimeoutPolicy | undefined
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  readonly triggers: readonly string[]
  /** Does its work on an input, without a run around it. */
  invoke(input: unknown, config?: unknown): Promise<unknown>
}

/** What a watched run is shown by. */
const RUN_MODES: readonly StreamMode[] = ['values', 'updates', 'messages', 'custom', 'tasks', 'tools']

type AnyOptions = StreamOptions<StreamMode | readonly StreamMode[] | undefined, boolean>

/** A graph that can be run: `invoke` for its result, `stream` for what happens on the way. */
export class Pregel<Output = unknown, Input = unknown, Context = Record<string, unknown>> {
  readonly lg_is_pregel = true
  /** What LangChain knows a step of its chains by. */
  readonly lc_runnable = true
  readonly lc_graph_name: string = 'Pregel'
  readonly program: Program
  checkpointer: Checkpointer | ForeignSaver | boolean | undefined
  store: BaseStore | undefined
  cache: BaseCache | undefined
  name: string
  config: RunOptions
  interruptBefore: Selection
  interruptAfter: Selection
  streamMode: readonly StreamMode[]
  /** Longest time of one superstep, in milliseconds. */
  stepTimeout: number | undefined
  /** For nodes without a policy of their own. */
  retryPolicy: RetryPolicy | undefined
  protected readonly init: PregelInit
  /** Clock, chance and waiting; replaced in tests. */
  timing: Timing = systemTiming

  constructor(init: PregelInit) {
    this.init = init
    this.program = init.program
    assertSaver(init.checkpointer)
    this.checkpointer = init.checkpointer
    this.store = init.store
    this.cache = init.cache
    this.name = init.name ?? init.program.name
    this.config = init.config ?? {}
    this.interruptBefore = init.interruptBefore ?? []
    this.interruptAfter = init.interruptAfter ?? []
    const { streamMode = 'values' } = init
    this.streamMode = typeof streamMode === 'string' ? [streamMode] : streamMode
    this.stepTimeout = init.stepTimeout
    this.retryPolicy = init.retryPolicy
  }

  getName(): string {
    return this.name
  }

  /** The nodes as they run: their policies, and their work to be called by itself. */
  get nodes(): Readonly<Record<string, RunnableNode>> {
    return Object.fromEntries(
      this.program.nodeList.map(({ name, run, retry, cache, timeout, metadata, triggers }) => [
        name,
        {
          name,
          retryPolicy: retry,
          cachePolicy: cache,
          timeout,
          metadata,
          triggers,
          invoke: async (input: unknown, config?: unknown): Promise<unknown> =>
            run === undefined ? input : run(input, (config ?? {}) as never),
        },
      ]),
    )
  }

  /** What the input is after its schema has seen it. */
  protected validateInput(input: unknown): unknown {
    return input
  }

  /** What the context is after its schema has seen it. */
  protected validateContext(context: unknown): unknown {
    return context
  }

  /**
   * Runs the graph. @returns the output; when it paused, with the list of questions under `__interrupt__`.
   * @param input new input, a `Command`, or `null` to go on where the thread stands
   */
  async invoke(
    input: Input,
    options?: StreamOptions<StreamMode | readonly StreamMode[] | undefined, boolean, Context>,
  ): Promise<Output> {
    const given = options as AnyOptions | undefined
    if (given?.streamMode !== undefined && given.streamMode !== 'values') {
      const chunks: unknown[] = []
      const stream = await this.stream(input, { ...given, encoding: undefined } as never)
      for await (const chunk of stream) chunks.push(chunk)
      return chunks as Output
    }
    const run = this.start(given, undefined)
    return (await run.execute(await this.checked(input))) as Output
  }

  /** The input as it goes into the run; no promise where no schema needs one. */
  private checked(input: unknown): unknown {
    return input == null ? input : this.validateInput(input)
  }

  /** Runs each input, `maxConcurrency` of them at a time. */
  async batch(
    inputs: readonly Input[],
    options?: RunOptions<Context> | readonly RunOptions<Context>[],
    batchOptions?: { readonly maxConcurrency?: number; readonly returnExceptions?: boolean },
  ): Promise<(Output | Error)[]> {
    const list = Array.isArray(options) ? (options as readonly RunOptions<Context>[]) : undefined
    const shared = list === undefined ? (options as RunOptions<Context> | undefined) : undefined
    const limit = batchOptions?.maxConcurrency ?? shared?.maxConcurrency ?? inputs.length
    const results: (Output | Error)[] = []
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < inputs.length) {
        const index = next
        next += 1
        try {
          results[index] = await this.invoke(inputs[index] as Input, (list?.[index] ?? shared) as never)
        } catch (error) {
          if (!batchOptions?.returnExceptions) throw error
          results[index] = error as Error
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(limit, inputs.length) }, worker))
    return results
  }

  /** Runs the graph and gives what happens, as it happens, in the shape that `streamMode` says. */
  async stream<
    const Mode extends StreamMode | readonly StreamMode[] | undefined = undefined,
    Subgraphs extends boolean = false,
    Encoding extends 'text/event-stream' | undefined = undefined,
  >(
    input: Input,
    options?: StreamOptions<Mode, Subgraphs, Context> & { readonly encoding?: Encoding },
  ): Promise<RunStream<StreamChunk<Output, Mode, Subgraphs, Encoding>>> {
    const given = options as AnyOptions | undefined
    const parent = this.parentOf(given)
    const modes = given?.streamMode ?? (parent === undefined ? this.streamMode : (['values'] as const))
    const list: readonly StreamMode[] = typeof modes === 'string' ? [modes] : modes
    const isSingle = given?.streamMode === undefined || typeof given.streamMode === 'string'
    const controller = new AbortController()
    const output = new RunStream<unknown>((reason) => {
      if (!given?.keepRunning) controller.abort(toAbortReason(reason))
    })
    const { feed } = output
    const { now } = this.timing
    const push = (mode: StreamMode, logged: LoggedEvent): void => {
      const chunk = project(mode, logged, now)
      if (chunk !== NOTHING) feed.push(shape(chunk, mode, logged.namespace, given, isSingle))
    }
    const log = createEventLog(list, given?.subgraphs === true, (logged) => {
      for (const mode of list) push(mode, logged)
    })
    const run = this.start(given, log, controller.signal)
    void this.drive(run, input, feed)
    return output as RunStream<StreamChunk<Output, Mode, Subgraphs, Encoding>>
  }

  /** Runs the graph and gives a run that can be watched from several sides: states, messages, its output. */
  run(input: Input, options: WatchOptions<Context> = {}): GraphRunStream<Output> {
    const { transformers, ...given } = options
    return new GraphRunStream<Output>((listen) => {
      const controller = new AbortController()
      const log = createEventLog(RUN_MODES, true, listen)
      const run = this.start(given as AnyOptions, log, controller.signal)
      const begin = async (): Promise<Output> => (await run.execute(await this.checked(input))) as Output
      return {
        output: begin(),
        signal: controller.signal,
        abort: (reason) => controller.abort(toAbortReason(reason)),
        now: this.timing.now,
      }
    }, transformers)
  }

  /** LangGraph's name for {@link run}; only version `v3` of its event streams is a stream of this package. */
  async streamEvents(
    input: Input,
    options: WatchOptions<Context> & { readonly version?: string } = {},
  ): Promise<GraphRunStream<Output>> {
    const { version = 'v3', ...rest } = options
    if (version !== 'v3') {
      throw new Error(
        `streamEvents has version "v3" here, not "${version}": the older ones are made of LangChain callbacks.`,
      )
    }
    return this.run(input, rest as WatchOptions<Context>)
  }

  private async drive(
    run: GraphRun,
    input: unknown,
    feed: { close(): void; fail(error: unknown): void },
  ): Promise<void> {
    try {
      await run.execute(await this.checked(input))
      feed.close()
    } catch (error) {
      feed.fail(error)
    }
  }

  /**
   * The thread as it stands, or as it was at `checkpoint_id`.
   * @param options `subgraphs` reads the states of subgraphs too, instead of naming them
   */
  async getState(
    config: CheckpointRequest,
    options?: { readonly subgraphs?: boolean },
  ): Promise<StateSnapshot<Output>> {
    const { saver, place } = this.threadOf(config)
    const inner = place.namespace === '' ? undefined : this.subgraphAt(place.namespace)
    if (inner !== undefined)
      return (await inner.snapshotAt(place, options?.subgraphs)) as StateSnapshot<Output>
    return (await this.snapshotAt({ ...place, saver }, options?.subgraphs)) as StateSnapshot<Output>
  }

  protected async snapshotAt(place: ThreadPlace, subgraphs = false): Promise<StateSnapshot> {
    const { saver, thread, namespace, checkpointId } = place
    const saved = await saver.load({ thread, namespace }, checkpointId)
    if (saved === undefined) {
      return { values: {}, next: [], tasks: [], config: checkpointConfig(thread, namespace, checkpointId) }
    }
    return takeSnapshot(this.program, saved, checkpointId === undefined, (task) =>
      this.subgraphState(place, task, subgraphs),
    )
  }

  private subgraphState(
    place: ThreadPlace,
    task: Task,
    read: boolean,
  ): Promise<TaskSnapshot['state']> | undefined {
    const graph = firstGraph(task.node)
    if (graph === undefined) return undefined
    const visit = taskNamespace(place.namespace, task)
    const namespace = graph.checkpointer === true ? withoutTaskIds(visit) : visit
    if (read) return graph.snapshotAt({ ...place, namespace, checkpointId: undefined }, true)
    return Promise.resolve(checkpointConfig(place.thread, namespace))
  }

  /** The checkpoints of a thread, newest first. */
  async *getStateHistory(
    config: CheckpointRequest,
    options: {
      readonly limit?: number | undefined
      readonly before?: CheckpointRequest | undefined
      readonly filter?: Readonly<Record<string, unknown>> | undefined
    } = {},
  ): AsyncGenerator<StateSnapshot<Output>, void> {
    const { saver, place } = this.threadOf(config)
    const { thread, namespace, checkpointId } = place
    const graph = namespace === '' ? this : (this.subgraphAt(namespace) ?? this)
    const { limit, filter, before } = options
    const query = { thread, namespace, checkpointId, limit, filter, before: checkpointIdOf(before) }
    for await (const saved of saver.history(query)) {
      yield (await takeSnapshot(graph.program, saved, false, (task) =>
        graph.subgraphState(place, task, false),
      )) as StateSnapshot<Output>
    }
  }

  /**
   * Writes to a thread as if `asNode` had returned the values; its edges decide what is next.
   * @returns the config of the new checkpoint
   */
  async updateState(config: CheckpointRequest, values: unknown, asNode?: string): Promise<CheckpointConfig> {
    return this.bulkUpdateState(config, [{ updates: [{ values, asNode }] }])
  }

  /** Writes to a thread, one superstep after the other. */
  async bulkUpdateState(
    config: CheckpointRequest,
    supersteps: readonly { readonly updates: readonly StateUpdate[] }[],
  ): Promise<CheckpointConfig> {
    const { place } = this.threadOf(config)
    if (supersteps.length === 0) throw new Error('No supersteps provided')
    if (supersteps.some(({ updates }) => updates.length === 0)) throw new Error('No updates provided')
    const graph = place.namespace === '' ? this : this.subgraphAt(place.namespace)
    if (graph === undefined) throw new Error(`Subgraph "${withoutTaskIds(place.namespace)}" not found`)
    let result: CheckpointConfig | undefined
    for (const { updates } of supersteps) {
      const runtime = { configurable: config.configurable, store: this.store, metadata: this.config.metadata }
      result = await updateThread(
        {
          program: graph.program,
          place: { ...place, checkpointId: result?.configurable.checkpoint_id ?? place.checkpointId },
          nowMs: this.timing.now(),
          runtime,
        },
        updates,
      )
    }
    return result as CheckpointConfig
  }

  private threadOf(config: CheckpointRequest): { readonly saver: Checkpointer; readonly place: ThreadPlace } {
    const parent = this.parentOf(config)
    const saver =
      typeof this.checkpointer === 'object' ? toCheckpointer(this.checkpointer) : parent?.host.saver
    if (saver === undefined) {
      throw new GraphValueError('No checkpointer set', { lc_error_code: 'MISSING_CHECKPOINTER' })
    }
    const configurable = { ...this.config.configurable, ...config.configurable } as Record<string, unknown>
    const { thread_id: thread, checkpoint_ns: namespace, checkpoint_map: map } = configurable
    if (thread === undefined || thread === null || thread === '') {
      throw new GraphValueError('The config names no thread: set `configurable.thread_id`.', {
        lc_error_code: 'invalid_id',
      })
    }
    const within = typeof namespace === 'string' ? namespace : ''
    const mapped = (map as Record<string, string> | undefined)?.[within]
    return {
      saver,
      place: {
        saver,
        thread: String(thread),
        namespace: within,
        checkpointId: checkpointIdOf(config) ?? mapped,
      },
    }
  }

  /** The graphs that nodes are or declare, by name; with `recurse`, theirs too. */
  *getSubgraphs(namespace?: string, recurse?: boolean): Generator<[name: string, graph: Pregel]> {
    for (const node of this.program.nodeList) {
      const graph = firstGraph(node)
      if (graph === undefined) continue
      if (namespace !== undefined && namespace !== node.name && !namespace.startsWith(`${node.name}|`))
        continue
      if (namespace === undefined || namespace === node.name) yield [node.name, graph]
      if (!recurse) continue
      const rest = namespace?.slice(node.name.length + 1)
      for (const [name, inner] of graph.getSubgraphs(rest === '' ? undefined : rest, recurse)) {
        yield [`${node.name}${NAMESPACE_SEPARATOR}${name}`, inner]
      }
    }
  }

  /** As {@link getSubgraphs}. */
  async *getSubgraphsAsync(
    namespace?: string,
    recurse?: boolean,
  ): AsyncGenerator<[name: string, graph: Pregel]> {
    yield* this.getSubgraphs(namespace, recurse)
  }

  private subgraphAt(namespace: string): Pregel | undefined {
    const path = withoutTaskIds(namespace)
    for (const [name, graph] of this.getSubgraphs(path, true)) if (name === path) return graph
    return undefined
  }

  /** The same graph with settings for every run; those of a run count more. */
  withConfig(config: RunOptions): this {
    const copy = Object.create(Object.getPrototypeOf(this) as object) as this
    Object.assign(copy, this)
    copy.config = mergeOptions(this.config, config)
    return copy
  }

  /** The task that a run with these options would be part of. */
  protected parentOf(options: { readonly configurable?: unknown } | undefined): TaskContext | undefined {
    return taskOf(options) ?? currentTask()
  }

  /** A run with everything that its options and its surroundings say. */
  protected start(
    options: AnyOptions | undefined,
    ownLog: EventLog | undefined,
    left?: AbortSignal,
  ): GraphRun {
    const given = mergeOptions(this.config, options)
    const parent = this.parentOf(given)
    const outer = parent?.host.settings
    const saver = this.saverFor(parent)
    const configurable = { ...parent?.host.configurable, ...withoutPlace(given.configurable, parent) }
    const recursionLimit = given.recursionLimit ?? outer?.recursionLimit ?? DEFAULT_RECURSION_LIMIT
    if (!(recursionLimit >= 1)) throw new Error('Passed "recursionLimit" must be at least 1.')
    const settings: RunSettings = {
      context: this.validateContext(given.context ?? outer?.context),
      store: given.store ?? this.store ?? outer?.store,
      cache: given.cache ?? this.cache ?? outer?.cache,
      recursionLimit,
      maxConcurrency: given.maxConcurrency ?? outer?.maxConcurrency,
      interruptBefore: given.interruptBefore ?? this.interruptBefore,
      interruptAfter: given.interruptAfter ?? this.interruptAfter,
      durability: durabilityOf(given) ?? outer?.durability ?? 'async',
      control: given.control ?? outer?.control ?? new RunControl(),
      serverInfo: outer?.serverInfo ?? serverInfoOf(configurable, given.metadata),
      budgets: given.budgets,
      tags: joinLists(outer?.tags, given.tags),
      metadata: outer?.metadata === undefined ? given.metadata : { ...outer.metadata, ...given.metadata },
      callbacks: given.callbacks ?? outer?.callbacks,
      runId: given.runId ?? outer?.runId,
      runName: given.runName ?? this.name,
      signal: given.signal,
      timeout: given.timeout,
      stepTimeout: this.stepTimeout,
      retry: this.retryPolicy,
      outputKeys: given.outputKeys,
    }
    const host = parent?.host
    const signals = teeLogs([host?.signals, ownLog])
    return new GraphRun({
      program: this.program,
      settings,
      place: this.placeOf(given, saver, configurable, parent),
      configurable,
      log: teeLogs([host?.log?.subgraphs ? host.log : undefined, ownLog]),
      signals,
      left,
      messages: messagesOf(host?.messages, signals, ownLog),
      parent,
      timing: this.timing,
      migrate: this.init.migrate,
      version: this.init.version,
      limitCountsEnd: this.init.recursionLimitCountsEnd ?? false,
    })
  }

  private saverFor(parent: TaskContext | undefined): Checkpointer | undefined {
    assertSaver(this.checkpointer)
    if (this.checkpointer === false) return undefined
    const inherited = parent?.host.saver
    if (inherited !== undefined) return inherited
    if (this.checkpointer === true) {
      if (parent === undefined) throw new Error('checkpointer: true cannot be used for root graphs.')
      return undefined
    }
    return this.checkpointer && toCheckpointer(this.checkpointer)
  }

  private placeOf(
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
    if (parent === undefined) {
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
      return { ...place, namespace: '', checkpointId: checkpointId || undefined, parents: {}, checkpointMap }
    }
    const { host, task } = parent
    const count = parent.subgraphs
    parent.subgraphs += 1
    const visit = count === 0 ? task.namespace : `${task.namespace}${NAMESPACE_SEPARATOR}${count}`
    const namespace = this.checkpointer === true ? withoutTaskIds(visit) : visit
    return {
      ...place,
      namespace,
      checkpointId: host.checkpointMap?.[namespace],
      checkpointMap: host.checkpointMap,
      parents: { ...host.parents, [task.place.namespace]: task.place.checkpointId },
    }
  }

  /** Forgets all kept results of nodes. */
  async clearCache(): Promise<void> {
    await this.cache?.clear([])
  }
}

const checkpointIdOf = (config: CheckpointRequest | undefined): string | undefined =>
  (config?.configurable?.['checkpoint_id'] as string | undefined) || undefined

/** @throws {BaseLangGraphError} for an object that is no saver, of this package or of LangGraph */
function assertSaver(saver: Checkpointer | ForeignSaver | boolean | null | undefined): void {
  if (typeof saver !== 'object' || saver === null) return
  const one = saver as Partial<Checkpointer & ForeignSaver>
  if (typeof one.commit === 'function') return
  if (typeof one.getTuple === 'function' && typeof one.put === 'function') return
  throw new BaseLangGraphError('The checkpointer is not a saver.', { lc_error_code: 'invalid_checkpointer' })
}

/** The graph that a node is, or the first that it says it calls. */
function firstGraph(node: NodeSpec): Pregel | undefined {
  return node.subgraphs?.find((graph): graph is Pregel => (graph as Pregel | null)?.lg_is_pregel === true)
}

/** A namespace by node names alone, the same on every visit. */
function withoutTaskIds(namespace: string): string {
  return namespace
    .split(NAMESPACE_SEPARATOR)
    .map((level) => level.split(NAMESPACE_END)[0])
    .join(NAMESPACE_SEPARATOR)
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

function shape(
  chunk: unknown,
  mode: StreamMode,
  namespace: readonly string[],
  options: AnyOptions | undefined,
  isSingle: boolean,
): unknown {
  const subgraphs = options?.subgraphs === true
  if (options?.encoding === 'text/event-stream') return encodeEvent(mode, subgraphs ? namespace : null, chunk)
  if (isSingle) return subgraphs ? [[...namespace], chunk] : chunk
  return subgraphs ? [[...namespace], mode, chunk] : [mode, chunk]
}

function mergeOptions(base: RunOptions, more: AnyOptions | RunOptions | undefined): AnyOptions {
  if (more === undefined) return base as AnyOptions
  return {
    ...(base as AnyOptions),
    ...(more as AnyOptions),
    ...((base.configurable ?? more.configurable) !== undefined && {
      configurable: { ...base.configurable, ...more.configurable },
    }),
    ...((base.metadata ?? more.metadata) !== undefined && {
      metadata: { ...base.metadata, ...more.metadata },
    }),
    ...(base.tags !== undefined && { tags: joinLists(base.tags, more.tags) }),
  }
}

function joinLists(
  first: readonly string[] | undefined,
  second: readonly string[] | undefined,
): readonly string[] | undefined {
  if (first === undefined || second === undefined) return first ?? second
  return [...new Set([...first, ...second])]
}

/** What of a config says where its caller stood is not handed on: the run has a place of its own. */
function withoutPlace(
  configurable: Readonly<Record<PropertyKey, unknown>> | undefined,
  parent: TaskContext | undefined,
): Record<PropertyKey, unknown> {
  const rest: Record<PropertyKey, unknown> = { ...configurable }
  delete rest[TASK_KEY]
  if (parent !== undefined) {
    delete rest['checkpoint_ns']
    delete rest['checkpoint_id']
  }
  return rest
}

function durabilityOf(options: RunOptions): RunSettings['durability'] | undefined {
  if (options.durability != null && options.checkpointDuring != null) {
    throw new Error('Cannot use both `durability` and `checkpointDuring` at the same time.')
  }
  if (options.checkpointDuring == null) return options.durability
  return options.checkpointDuring ? 'async' : 'exit'
}

function serverInfoOf(
  configurable: Readonly<Record<PropertyKey, unknown>>,
  metadata: Readonly<Record<string, unknown>> | undefined,
): ServerInfo | undefined {
  const assistantId = configurable['assistant_id'] ?? metadata?.['assistant_id']
  const graphId = configurable['graph_id'] ?? metadata?.['graph_id']
  const user = configurable['langgraph_auth_user'] as Record<string, unknown> | undefined
  const known = typeof user === 'object' && user !== null && 'identity' in user ? user : undefined
  if (assistantId == null && graphId == null && known === undefined) return undefined
  return { assistantId: String(assistantId ?? ''), graphId: String(graphId ?? ''), user: known }
}

const toAbortReason = (reason: unknown): Error =>
  reason instanceof Error
    ? reason
    : new DOMException('The run was aborted: its stream was left.', 'AbortError')
