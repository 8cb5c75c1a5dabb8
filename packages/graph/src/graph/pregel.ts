import type { BaseCache } from '../cache/cache.ts'
import type { BaseChannel } from '../channels/index.ts'
import type { TimeoutPolicy } from '../control.ts'
import { surroundingTask } from '../runtime/ambient.ts'
import type { CheckpointConfig, StateSnapshot } from '../runtime/describe.ts'
import type { Timing } from '../runtime/execute.ts'
import { systemTiming } from '../runtime/execute.ts'
import type { GraphRun } from '../runtime/loop.ts'
import type { CachePolicy, RetryPolicy } from '../runtime/policies.ts'
import type { Program, Selection } from '../runtime/program.ts'
import type { RunInit } from '../runtime/run-init.ts'
import type { BaseStore } from '../store/store.ts'
import type { EventLog } from '../stream/event-log.ts'
import { createEventLog } from '../stream/event-log.ts'
import type { StreamMode } from '../stream/events.ts'
import { GraphRunStream } from '../stream/graph-run.ts'
import type { StreamFeed } from '../stream/run-stream.ts'
import { RunStream } from '../stream/run-stream.ts'
import type { StreamTransformer } from '../stream/transformer.ts'
import type { EventFilter, StreamEvent } from './event-stream.ts'
import { createEventSource } from './event-stream.ts'
import type { GraphParts } from './graph-parts.ts'
import type { AnyOptions } from './merge-options.ts'
import { mergeOptions } from './merge-options.ts'
import { prepareRun } from './prepare-run.ts'
import type { RawGraph } from './raw-program.ts'
import { rawProgram } from './raw-program.ts'
import { runAll } from './run-all.ts'
import type { RunOptions, StreamChunk, StreamOptions } from './run-options.ts'
import type { SaverOption } from './saver.ts'
import { assertSaver } from './saver.ts'
import { streamLog } from './stream-log.ts'
import { subgraphsOf } from './subgraphs.ts'
import type { CheckpointRequest, HistoryOptions } from './thread.ts'
import { listThread, readThread, writeThread } from './thread.ts'
import type { StateUpdate } from './update.ts'

/** How a graph runs, whatever it is made of. */
interface PregelSettings {
  readonly checkpointer?: SaverOption
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

/** What a runnable graph is made of: channels and nodes, or a program that a builder made of them. */
export type PregelInit = PregelSettings & (RawGraph | { readonly program: Program })

/** Options of a run that is watched. */
export type WatchOptions<Context> = RunOptions<Context> & {
  /** Derive further lists from the events of the run. */
  readonly transformers?: readonly (() => StreamTransformer)[] | undefined
}

/** Options of a run that is shown as events; `streamMode` says what its own chunks are. */
export type EventStreamOptions<Context> = StreamOptions<
  StreamMode | readonly StreamMode[] | undefined,
  boolean,
  Context
>

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

/** A graph that can be run: `invoke` for its result, `stream` for what happens on the way. */
export class Pregel<
  Output = unknown,
  Input = unknown,
  Context = Record<string, unknown>,
> implements GraphParts {
  readonly lg_is_pregel = true
  /** What LangChain knows a step of its chains by. */
  readonly lc_runnable = true
  readonly lc_graph_name: string = 'Pregel'
  /** Where LangGraph has the class, for drawings and tracers. */
  get lc_id(): readonly string[] {
    return ['langgraph', 'pregel', this.lc_graph_name]
  }
  readonly program: Program
  checkpointer: SaverOption
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
    this.program = 'program' in init ? init.program : rawProgram(init)
    assertSaver(init.checkpointer)
    this.checkpointer = init.checkpointer
    this.store = init.store
    this.cache = init.cache
    this.name = init.name ?? this.program.name
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

  get channels(): Readonly<Record<string, BaseChannel>> {
    const { channelNames, prototypes } = this.program
    return Object.fromEntries(channelNames.map((name, index) => [name, prototypes[index] as BaseChannel]))
  }

  get inputChannels(): string | readonly string[] {
    return this.program.inputChannels
  }

  get outputChannels(): string | readonly string[] {
    return this.program.outputChannels
  }

  /** What streams and snapshots show. */
  get streamChannels(): string | readonly string[] {
    return this.program.streamChannels
  }

  /** As {@link streamChannels}, one channel as a list too. */
  get streamChannelsList(): readonly string[] {
    const { streamChannels } = this
    return typeof streamChannels === 'string' ? [streamChannels] : streamChannels
  }

  /** As {@link streamChannels}, under LangGraph's other name for it. */
  get streamChannelsAsIs(): string | readonly string[] {
    return this.streamChannels
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

  /** What the context is after its schema has seen it; LangGraph's older programs have it among `configurable`. */
  protected validateContext(context: unknown, _configurable: unknown): unknown {
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
      const outputKeys = given.outputKeys ?? this.config.outputKeys ?? this.program.outputChannels
      const stream = await this.stream(input, { ...given, outputKeys, encoding: undefined } as never)
      for await (const chunk of stream) chunks.push(chunk)
      return chunks as Output
    }
    const run = this.start(given)
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
    return runAll(inputs, limit, async (input, index) => {
      try {
        return await this.invoke(input, (list?.[index] ?? shared) as never)
      } catch (error) {
        if (!batchOptions?.returnExceptions) throw error
        return error as Error
      }
    })
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
    const modes = given?.streamMode ?? (surroundingTask(given) === undefined ? this.streamMode : 'values')
    const list: readonly StreamMode[] = typeof modes === 'string' ? [modes] : modes
    const isSingle = given?.streamMode === undefined || typeof given.streamMode === 'string'
    const controller = new AbortController()
    const output = new RunStream<unknown>((reason) => {
      if (!given?.keepRunning) controller.abort(toAbortReason(reason))
    })
    const { feed } = output
    const log = streamLog(list, isSingle, given, this.timing.now, feed.push)
    const run = this.start(given, log, true, controller.signal)
    void this.drive(run, input, feed)
    return output as RunStream<StreamChunk<Output, Mode, Subgraphs, Encoding>>
  }

  /** Runs the graph and gives a run that can be watched from several sides: states, messages, its output. */
  run(input: Input, options: WatchOptions<Context> = {}): GraphRunStream<Output> {
    const { transformers, ...given } = options
    return new GraphRunStream<Output>((listen) => {
      const controller = new AbortController()
      const log = createEventLog(RUN_MODES, true, listen)
      const run = this.start(given as AnyOptions, log, true, controller.signal)
      const begin = async (): Promise<Output> => (await run.execute(await this.checked(input))) as Output
      return {
        output: begin(),
        signal: controller.signal,
        abort: (reason) => controller.abort(toAbortReason(reason)),
        now: this.timing.now,
      }
    }, transformers)
  }

  /**
   * What happens in a run, seen from outside. Version `v2` is a stream of LangChain's events of the graph, its nodes, the
   * models and the tools that they call; version `v3` is {@link run}.
   */
  streamEvents(
    input: Input,
    options: EventStreamOptions<Context> & { readonly version: 'v2' },
    filter?: EventFilter,
  ): RunStream<StreamEvent>
  streamEvents(
    input: Input,
    options?: WatchOptions<Context> & { readonly version?: 'v3' },
  ): Promise<GraphRunStream<Output>>
  streamEvents(
    input: Input,
    options: (EventStreamOptions<Context> | WatchOptions<Context>) & { readonly version?: string } = {},
    filter: EventFilter = {},
  ): RunStream<StreamEvent> | Promise<GraphRunStream<Output>> {
    const { version = 'v3', ...rest } = options
    if (version === 'v2') return this.streamAsEvents(input, rest as EventStreamOptions<Context>, filter)
    if (version === 'v3') return Promise.resolve(this.run(input, rest as WatchOptions<Context>))
    throw new Error(`streamEvents has versions "v2" and "v3", not "${version}".`)
  }

  private streamAsEvents(
    input: Input,
    options: EventStreamOptions<Context>,
    filter: EventFilter,
  ): RunStream<StreamEvent> {
    const controller = new AbortController()
    const events = new RunStream<StreamEvent>((reason) => controller.abort(toAbortReason(reason)))
    const { feed } = events
    const source = createEventSource(filter, feed.push)
    const given = mergeOptions({ callbacks: [source.handler] }, options as AnyOptions)
    const signal =
      given.signal === undefined ? controller.signal : AbortSignal.any([given.signal, controller.signal])
    const follow = async (): Promise<void> => {
      try {
        for await (const chunk of await this.stream(input, { ...given, signal } as never)) source.chunk(chunk)
        feed.close()
      } catch (error) {
        feed.fail(error)
      }
    }
    void follow()
    return events
  }

  private async drive(run: GraphRun, input: unknown, feed: StreamFeed<unknown>): Promise<void> {
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
    return (await readThread(this, config, options?.subgraphs ?? false)) as StateSnapshot<Output>
  }

  /** The checkpoints of a thread, newest first. */
  getStateHistory(
    config: CheckpointRequest,
    options: HistoryOptions = {},
  ): AsyncGenerator<StateSnapshot<Output>, void> {
    return listThread(this, config, options) as AsyncGenerator<StateSnapshot<Output>, void>
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
    return writeThread(this, config, supersteps)
  }

  /** The graphs that nodes are or declare, by name; with `recurse`, theirs too. */
  *getSubgraphs(namespace?: string, recurse?: boolean): Generator<[name: string, graph: Pregel]> {
    yield* subgraphsOf(this.program, namespace, recurse)
  }

  /** As {@link getSubgraphs}. */
  async *getSubgraphsAsync(
    namespace?: string,
    recurse?: boolean,
  ): AsyncGenerator<[name: string, graph: Pregel]> {
    yield* this.getSubgraphs(namespace, recurse)
  }

  /** The same graph with settings for every run; those of a run count more. */
  withConfig(config: RunOptions): this {
    const copy = Object.create(Object.getPrototypeOf(this) as object) as this
    Object.assign(copy, this)
    copy.config = mergeOptions(this.config, config)
    return copy
  }

  /** A run with everything that its options and its surroundings say. */
  private start(
    options: AnyOptions | undefined,
    log?: EventLog,
    showsState?: boolean,
    left?: AbortSignal,
  ): GraphRun {
    const { migrate, version, recursionLimitCountsEnd } = this.init
    return prepareRun(this, {
      options,
      log,
      showsState,
      left,
      checkContext: (context, configurable) => this.validateContext(context, configurable),
      rules: { migrate, version, limitCountsEnd: recursionLimitCountsEnd ?? false },
    })
  }

  /** Forgets all kept results of nodes. */
  async clearCache(): Promise<void> {
    await this.cache?.clear([])
  }
}

const toAbortReason = (reason: unknown): Error =>
  reason instanceof Error
    ? reason
    : new DOMException('The run was aborted: its stream was left.', 'AbortError')
