import { NAMESPACE_END } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import { isInterrupted } from '../control.ts'
import type { Listen } from './event-log.ts'
import type { LifecycleData, LifecycleEntry } from './lifecycle.ts'
import { Lifecycle } from './lifecycle.ts'
import type { ProtocolEvent } from './protocol.ts'
import { toProtocol } from './protocol.ts'
import type { StreamTransformer } from './transformer.ts'
import { StreamChannel, Transformers } from './transformer.ts'

/** What drives a {@link GraphRunStream}. */
export interface RunDriver<Output> {
  readonly output: Promise<Output>
  /** Aborted with the run, by whomever. */
  readonly signal: AbortSignal
  abort(reason?: unknown): void
  now(): number
}

/** A question that a run waits for; under LangGraph's names for it as well. */
export interface RunInterrupt extends Interrupt {
  readonly interruptId: string | undefined
  readonly payload: unknown
}

/** A list of states; awaited, the last one. */
export type StateList<State> = AsyncGenerator<State, void> & PromiseLike<State>

/** The events of a run, or of a subgraph in it. Each list may be read by any number of readers, from the beginning. */
abstract class RunView<Output> implements AsyncIterable<ProtocolEvent> {
  /** The graph's place in the run: levels of subgraphs, outermost first. */
  readonly path: readonly string[]
  abstract readonly output: Promise<Output>
  protected readonly log: StreamChannel<ProtocolEvent>

  constructor(log: StreamChannel<ProtocolEvent>, path: readonly string[]) {
    this.log = log
    this.path = path
  }

  /** All events from the first, or behind the one with the number. */
  abstract events(afterSeq?: number): AsyncGenerator<ProtocolEvent, void>

  [Symbol.asyncIterator](): AsyncGenerator<ProtocolEvent, void> {
    return this.events()
  }

  async *#of(method: string, isNested: boolean): AsyncGenerator<ProtocolEvent['params'], void> {
    for await (const { method: own, params } of this.events()) {
      if (own === method && (isNested || params.namespace.length === this.path.length)) yield params
    }
  }

  /** The state after each superstep; awaited, what the run returns. */
  get values(): StateList<Output> {
    const { output } = this
    const states = this.#states()
    // oxlint-disable-next-line unicorn/no-thenable -- it is LangGraph's: both a list and its end
    return Object.assign(states, { then: output.then.bind(output) }) as StateList<Output>
  }

  async *#states(): AsyncGenerator<Output, void> {
    for await (const { data } of this.#of('values', false)) if (!isInterrupted(data)) yield data as Output
  }

  /** What each node wrote. */
  get updates(): AsyncGenerator<Record<string, unknown>, void> {
    return this.#updates()
  }

  async *#updates(): AsyncGenerator<Record<string, unknown>, void> {
    for await (const { data } of this.#of('updates', false)) {
      const { node, values } = data as { node: string; values: unknown }
      yield { [node]: values }
    }
  }

  /** Tokens and messages with where they come from, those of subgraphs too. */
  get messages(): AsyncGenerator<[message: unknown, metadata: Record<string, unknown>], void> {
    return this.#data('messages') as AsyncGenerator<[unknown, Record<string, unknown>], void>
  }

  /** As {@link messages}, of one node. */
  async *messagesFrom(node: string): AsyncGenerator<unknown, void> {
    for await (const [message, metadata] of this.messages)
      if (metadata['langgraph_node'] === node) yield message
  }

  /** What nodes put into their writer. */
  get custom(): AsyncGenerator<unknown, void> {
    return this.#custom()
  }

  async *#custom(): AsyncGenerator<unknown, void> {
    for await (const { data } of this.#of('custom', true)) yield (data as { payload: unknown }).payload
  }

  /** Beginnings and ends of graphs, those of subgraphs too. */
  get lifecycle(): AsyncGenerator<LifecycleEntry, void> {
    return this.#lifecycle()
  }

  async *#lifecycle(): AsyncGenerator<LifecycleEntry, void> {
    for await (const { namespace, timestamp, data } of this.#of('lifecycle', true)) {
      yield { namespace, timestamp, ...(data as LifecycleData) }
    }
  }

  async *#data(method: string): AsyncGenerator<unknown, void> {
    for await (const { data } of this.#of(method, true)) yield data
  }

  /** The graphs that nodes of this one are or call, each when it shows first. */
  get subgraphs(): AsyncGenerator<SubgraphRunStream, void> {
    return this.#subgraphs()
  }

  async *#subgraphs(): AsyncGenerator<SubgraphRunStream, void> {
    const depth = this.path.length
    const known = new Map<string, number>()
    const counts = new Map<string, number>()
    for await (const { params } of this.events()) {
      const segment = params.namespace[depth]
      if (segment === undefined || known.has(segment)) continue
      const [name = ''] = segment.split(NAMESPACE_END)
      const index = counts.get(name) ?? 0
      counts.set(name, index + 1)
      known.set(segment, index)
      yield new SubgraphRunStream(this.log, params.namespace.slice(0, depth + 1), name, index)
    }
  }
}

/** A subgraph within a run that is watched. */
export class SubgraphRunStream extends RunView<unknown> {
  /** The node that it runs in. */
  readonly name: string
  /** Counts the subgraphs of that node. */
  readonly index: number
  #output: Promise<unknown> | undefined

  constructor(log: StreamChannel<ProtocolEvent>, path: readonly string[], name: string, index: number) {
    super(log, path)
    this.name = name
    this.index = index
  }

  /** Its last state. */
  override get output(): Promise<unknown> {
    return (this.#output ??= this.#last())
  }

  async #last(): Promise<unknown> {
    let last: unknown
    for await (const { method, params } of this.events()) {
      if (method === 'values' && params.namespace.length === this.path.length) last = params.data
    }
    return last
  }

  /** Ends with the task that the subgraph runs in. */
  override async *events(afterSeq = 0): AsyncGenerator<ProtocolEvent, void> {
    const depth = this.path.length
    const taskId = this.path.at(-1)?.split(NAMESPACE_END)[1]
    for await (const event of this.log) {
      const { namespace, data } = event.params
      if (event.method === 'tasks' && namespace.length === depth - 1) {
        const task = data as { readonly id: string; readonly result?: unknown }
        if (task.id === taskId && 'result' in task) return
      }
      if (event.seq > afterSeq && this.path.every((segment, level) => namespace[level] === segment))
        yield event
    }
  }
}

/**
 * A run that is watched from several sides at once. Iterating it gives all events; `values`, `messages` and the other
 * lists give one kind, and each may be read by any number of readers, at any time, from the beginning.
 *
 * @example
 * const run = graph.run(input)
 * for await (const [token] of run.messages) process.stdout.write(token.content)
 * const result = await run.output
 */
export class GraphRunStream<Output = unknown> extends RunView<Output> {
  /** What the run returns; fails as the run does. */
  override readonly output: Promise<Output>
  /** What the transformers of the run make of its events. */
  readonly extensions: Readonly<Record<string, unknown>>
  readonly #driver: RunDriver<Output>
  readonly #interrupts: RunInterrupt[] = []
  #seq = 0

  /** @param start begins the run; from the next turn on it tells the listener what happens */
  constructor(
    start: (listen: Listen) => RunDriver<Output>,
    factories: readonly (() => StreamTransformer)[] = [],
  ) {
    super(new StreamChannel(), [])
    const transformers = new Transformers(factories, (method, data) => {
      const params = { namespace: [], timestamp: this.#driver.now(), data }
      this.#push({ type: 'event', method, params })
    })
    this.extensions = transformers.extensions
    const tell = (event: Omit<ProtocolEvent, 'seq'>): void => {
      if (transformers.process({ ...event, seq: this.#seq + 1 })) this.#push(event)
    }
    const lifecycle = new Lifecycle((namespace, data) =>
      tell({
        type: 'event',
        method: 'lifecycle',
        params: { namespace, timestamp: this.#driver.now(), data },
      }),
    )
    let hasBegun = false
    this.#driver = start((namespace, happened) => {
      if (!hasBegun) lifecycle.begin()
      hasBegun = true
      if (happened.type === 'pause' && namespace.length === 0) this.#ask(happened.interrupts)
      for (const event of toProtocol(namespace, happened, this.#driver.now())) {
        lifecycle.see(event)
        tell(event)
      }
    })
    this.output = this.#driver.output
    const end = (failure?: { readonly error: unknown }): void => {
      if (!hasBegun) lifecycle.begin()
      lifecycle.end(
        failure === undefined ? (this.interrupted ? 'interrupted' : 'completed') : 'failed',
        failure?.error,
      )
      transformers.end(failure)
      this.log.close(failure)
    }
    void this.output.then(
      () => end(),
      (error: unknown) => end({ error }),
    )
  }

  #push(event: Omit<ProtocolEvent, 'seq'>): void {
    this.#seq += 1
    this.log.push({ ...event, seq: this.#seq })
  }

  #ask(interrupts: readonly Interrupt[]): void {
    for (const interrupt of interrupts) {
      this.#interrupts.push({ ...interrupt, interruptId: interrupt.id, payload: interrupt.value })
    }
  }

  override async *events(afterSeq = 0): AsyncGenerator<ProtocolEvent, void> {
    for await (const event of this.log) if (event.seq > afterSeq) yield event
  }

  /** Whether the run has paused; known when `output` is. */
  get interrupted(): boolean {
    return this.#interrupts.length > 0
  }

  /** The questions that the run waits for. */
  get interrupts(): readonly RunInterrupt[] {
    return this.#interrupts
  }

  /** Aborted with the run. */
  get signal(): AbortSignal {
    return this.#driver.signal
  }

  /** Cancels the run. */
  abort(reason?: unknown): void {
    this.#driver.abort(reason)
  }
}
