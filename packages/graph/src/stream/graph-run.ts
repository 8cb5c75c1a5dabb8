import { INTERRUPT } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import { isInterrupted } from '../control.ts'
import type { LoggedEvent, StreamMode } from './events.ts'
import { NOTHING, project } from './project.ts'

/** One thing that happened, as an entry of the run's log. */
export interface ProtocolEvent {
  readonly type: 'event'
  /** Counts up within the run; a reader that lost its connection asks for what came behind the last it saw. */
  readonly seq: number
  readonly method: StreamMode
  readonly params: {
    readonly namespace: readonly string[]
    /** Milliseconds since 1970. */
    readonly timestamp: number
    readonly node?: string | undefined
    readonly data: unknown
  }
}

const METHODS: readonly StreamMode[] = [
  'values',
  'updates',
  'messages',
  'custom',
  'tasks',
  'checkpoints',
  'tools',
]

/** What drives a {@link GraphRunStream}. */
export interface RunDriver<Output> {
  readonly output: Promise<Output>
  abort(reason?: unknown): void
  now(): number
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
export class GraphRunStream<Output = unknown> implements AsyncIterable<ProtocolEvent> {
  /** What the run returns; fails as the run does. */
  readonly output: Promise<Output>
  readonly #driver: RunDriver<Output>
  readonly #events: ProtocolEvent[] = []
  #ended = false
  #failure: { readonly error: unknown } | undefined
  #waiting: (() => void)[] = []

  /** @param start begins the run; from the next turn on it tells the listener what happens */
  constructor(start: (listen: (logged: LoggedEvent) => void) => RunDriver<Output>) {
    this.#driver = start((logged) => this.#add(logged, this.#driver.now()))
    this.output = this.#driver.output
    void this.output.then(
      () => this.#end(undefined),
      (error: unknown) => this.#end({ error }),
    )
  }

  #add(logged: LoggedEvent, timestamp: number): void {
    const { event, namespace, seq } = logged
    for (const method of METHODS) {
      const data = project(method, logged)
      if (data === NOTHING) continue
      const node = 'task' in event ? event.task.name : undefined
      const params = { namespace, timestamp, data, ...(node !== undefined && { node }) }
      this.#events.push({ type: 'event', seq, method, params })
    }
    this.#wake()
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.#ended = true
    this.#failure = failure
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }

  /** All events from the first, or behind the one with the number. */
  async *events(afterSeq = 0): AsyncGenerator<ProtocolEvent, void> {
    for (let position = 0; ;) {
      const event = this.#events[position]
      if (event !== undefined) {
        position += 1
        if (event.seq > afterSeq) yield event
        continue
      }
      if (this.#ended) {
        if (this.#failure !== undefined) throw this.#failure.error
        return
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<ProtocolEvent, void> {
    return this.events()
  }

  async *#of(method: StreamMode, isNested: boolean): AsyncGenerator<unknown, void> {
    for await (const event of this.events()) {
      if (event.method === method && (isNested || event.params.namespace.length === 0))
        yield event.params.data
    }
  }

  /** The state after each superstep. */
  get values(): AsyncGenerator<Output, void> {
    return this.#states()
  }

  async *#states(): AsyncGenerator<Output, void> {
    for await (const state of this.#of('values', false)) if (!isInterrupted(state)) yield state as Output
  }

  /** What each node wrote. */
  get updates(): AsyncGenerator<Record<string, unknown>, void> {
    return this.#of('updates', false) as AsyncGenerator<Record<string, unknown>, void>
  }

  /** Tokens and messages with where they come from, those of subgraphs too. */
  get messages(): AsyncGenerator<[message: unknown, metadata: Record<string, unknown>], void> {
    return this.#of('messages', true) as AsyncGenerator<[unknown, Record<string, unknown>], void>
  }

  /** As {@link messages}, of one node. */
  async *messagesFrom(node: string): AsyncGenerator<unknown, void> {
    for await (const [message, metadata] of this.messages)
      if (metadata['langgraph_node'] === node) yield message
  }

  /** What nodes put into their writer. */
  get custom(): AsyncGenerator<unknown, void> {
    return this.#of('custom', true)
  }

  /** Beginnings and ends of tasks, those of subgraphs too. */
  get lifecycle(): AsyncGenerator<unknown, void> {
    return this.#of('tasks', true)
  }

  /** Whether the run has paused; known when `output` is. */
  get interrupted(): boolean {
    return this.interrupts.length > 0
  }

  /** The questions that the run waits for. */
  get interrupts(): readonly Interrupt[] {
    return this.#events
      .filter(
        ({ method, params }) =>
          method === 'values' && params.namespace.length === 0 && isInterrupted(params.data),
      )
      .flatMap(({ params }) => (params.data as { [INTERRUPT]: Interrupt[] })[INTERRUPT])
  }

  /** Cancels the run. */
  abort(reason?: unknown): void {
    this.#driver.abort(reason)
  }
}
