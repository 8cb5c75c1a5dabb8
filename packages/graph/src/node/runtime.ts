import type { BaseStore } from '../store/store.ts'
import type { RunControl } from './run-control.ts'

/** Where and how often a task runs. */
export interface ExecutionInfo {
  readonly checkpointId: string
  readonly checkpointNs: string
  readonly taskId: string
  readonly threadId?: string | undefined
  readonly runId?: string | undefined
  /** 1 for the first attempt. */
  readonly nodeAttempt: number
  /** Milliseconds since 1970. */
  readonly nodeFirstAttemptTime?: number | undefined
}

/** Who called, when the graph runs in a server. */
export interface ServerInfo {
  readonly assistantId?: string | undefined
  readonly graphId?: string | undefined
  readonly user?: Readonly<Record<string, unknown>> | undefined
}

/** Options of a question. */
export interface InterruptOptions {
  /** A validator (its answer is what `interrupt` returns) or a JSON Schema, which clients are shown. */
  readonly responseSchema?: unknown
}

/** What a node is given as its second argument: everything it may use, passed explicitly. */
export interface Runtime<Context = Record<string, unknown>> {
  /** The run's context, as it was passed. Not stored. */
  readonly context?: Context | undefined
  /** What a run was configured with; older programs give its context here, which is why it has that type, too. */
  readonly configurable?: (Record<string, unknown> & Context) | undefined
  /** Long-term memory. */
  readonly store?: BaseStore | undefined
  readonly tags?: readonly string[] | undefined
  readonly metadata?: Record<string, unknown> | undefined
  readonly callbacks?: unknown
  readonly recursionLimit?: number | undefined
  readonly maxConcurrency?: number | undefined
  /** Set by LangChain where it calls a step; a node finds its run's id in `executionInfo`. */
  readonly runName?: string | undefined
  readonly runId?: string | undefined
  /** Aborted when the run is cancelled, when the attempt's time is up, and when another task of its step failed. */
  readonly signal?: AbortSignal | undefined
  /** What an entrypoint saved in its last call on the thread. */
  readonly previous?: unknown
  readonly executionInfo?: ExecutionInfo | undefined
  readonly serverInfo?: ServerInfo | undefined
  readonly control?: RunControl | undefined
  /** Puts a chunk into the `custom` stream. */
  readonly writer: (chunk: unknown) => void
  /** Asks and waits for the answer; see `interrupt`. */
  readonly interrupt: <Answer = unknown>(value: unknown, options?: InterruptOptions) => Answer
  /** A sign of life for an idle time-out. */
  readonly heartbeat: () => void
  /**
   * Does something once: when the node has to run again, after an interrupt or a crash, the kept result is returned
   * instead. Told apart by name and, for the same name, by order.
   */
  readonly step: <Result>(name: string, work: () => Result | Promise<Result>) => Promise<Awaited<Result>>
}

/** LangGraph's name for what a node is given as its second argument. */
export type LangGraphRunnableConfig<Context = Record<string, unknown>> = Runtime<Context>
