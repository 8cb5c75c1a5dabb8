import type { TimeoutPolicy } from '../control.ts'
import type { BaseCache } from '../cache/cache.ts'
import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import type { BaseStore } from '../store/store.ts'
import type { EventLog } from '../stream/event-log.ts'
import type { MessageStream } from '../stream/message-stream.ts'
import type { Cells } from './cells.ts'
import type { ChainReport } from './chains.ts'
import type { TaskContext } from './context.ts'
import type { RunControl } from '../node/run-control.ts'
import type { CachePolicy, RetryPolicy } from './policies.ts'
import type { Program, Selection } from './program.ts'
import type { ServerInfo } from '../node/runtime.ts'
import type { Task } from './task.ts'

/** When storage has to be done: before the next superstep, before the run returns, or once at its end. */
export type Durability = 'sync' | 'async' | 'exit'

/** What a run may use up. It stops with `RunBudgetError` between two supersteps; its state is kept. */
export interface RunBudgets {
  readonly maxSteps?: number | undefined
  /** Milliseconds since 1970. */
  readonly deadline?: number | undefined
  readonly maxTokens?: number | undefined
  readonly maxCostPicoUsd?: bigint | undefined
}

/** What a run was told, with everything that is the same for all its tasks. */
export interface RunSettings {
  readonly context: unknown
  readonly store: BaseStore | undefined
  readonly cache: BaseCache | undefined
  readonly recursionLimit: number
  readonly maxConcurrency: number | undefined
  readonly interruptBefore: Selection
  readonly interruptAfter: Selection
  readonly durability: Durability
  /** How long the run waits for storage that fails, in milliseconds. */
  readonly storagePatience: number
  readonly control: RunControl
  readonly serverInfo: ServerInfo | undefined
  readonly budgets: RunBudgets | undefined
  readonly tags: readonly string[] | undefined
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  readonly callbacks: unknown
  readonly runId: string | undefined
  readonly runName: string | undefined
  readonly signal: AbortSignal | undefined
  /** Longest time of the run, in milliseconds. */
  readonly timeout: number | undefined
  /** Longest time of one superstep, in milliseconds. */
  readonly stepTimeout: number | undefined
  /** How often a node without a policy of its own is tried. */
  readonly retry: RetryPolicy | undefined
  readonly outputKeys: string | readonly string[] | undefined
}

/** A function that is called as a task of its own. */
export interface CallInit {
  readonly name: string
  readonly input: unknown
  readonly work: (...args: never[]) => unknown
  /** Arguments, when the input is not the only one. */
  readonly args?: readonly unknown[] | undefined
  readonly retry?: RetryPolicy | undefined
  readonly cache?: CachePolicy | undefined
  readonly timeout?: TimeoutPolicy | undefined
  /** Whether streams leave it out. */
  readonly silent?: boolean | undefined
}

/** How far back a run has gone. */
export interface Replay {
  /** The checkpoint of the outermost graph that it goes on from. */
  readonly before: string
  /** Namespaces of subgraphs that have gone back already: on the next visit they go on from where they are. */
  readonly visited: Set<string>
}

/** What a task asks of the run that it belongs to. */
export interface RunHost {
  readonly program: Program
  readonly cells: Cells
  readonly settings: RunSettings
  readonly configurable: Readonly<Record<PropertyKey, unknown>>
  /** Told what happens in this graph. */
  readonly log: EventLog | undefined
  /** Told what nodes say themselves, whether subgraphs are shown or not. */
  readonly signals: EventLog | undefined
  readonly messages: MessageStream | undefined
  /** Tells LangChain's handlers of tasks; none where nobody listens. */
  readonly chains: ChainReport | undefined
  readonly saver: Checkpointer | undefined
  /** Checkpoints of subgraphs that the caller asked to go on from, by namespace. */
  readonly checkpointMap: Readonly<Record<string, string>> | undefined
  /** Checkpoint ids of the graphs around, by namespace. */
  readonly parents: Readonly<Record<string, string>>
  readonly isPersistent: boolean
  /** Set while the run goes on from an old checkpoint: subgraphs go back with it. */
  readonly replay: Replay | undefined
  /** Whether the superstep continues one that an earlier run left. */
  readonly isResuming: boolean
  /** Whether the superstep starts from a checkpoint that no run made: an update, or the beginning of a branch. */
  readonly wasChanged: boolean
  readonly previous: unknown
  now(): number
  /** The answer to an interrupt, handed out once. */
  takeAnswer(id: string): { readonly value: unknown } | undefined
  keepAnswers(task: Task, answers: readonly unknown[]): void
  writeCustom(context: TaskContext, chunk: unknown): void
  /** Shows a message, or a piece of one, in the `messages` stream. */
  writeMessage(context: TaskContext, message: unknown, metadata?: Readonly<Record<string, unknown>>): void
  /** Shows what a tool does in the `tools` stream. */
  writeTool(context: TaskContext, data: unknown): void
  callbacksFor(context: TaskContext): unknown
  callTask(context: TaskContext, init: CallInit, position: string): Promise<unknown>
}
