import type { CheckpointMetadata, Checkpointer } from '../checkpoint/checkpointer.ts'
import type { EventLog } from '../stream/event-log.ts'
import type { MessageStream } from '../stream/message-stream.ts'
import type { TaskContext } from './context.ts'
import type { Timing } from './execute.ts'
import type { RunSettings } from './host.ts'
import type { Program } from './program.ts'

/** Where a run keeps its thread. */
export interface RunPlace {
  readonly saver: Checkpointer | undefined
  readonly thread: string | undefined
  readonly namespace: string
  /** The checkpoint that the caller asked to go on from. */
  readonly checkpointId: string | undefined
  /** Checkpoint ids of the graphs around, by namespace. */
  readonly parents: Readonly<Record<string, string>>
  /** Checkpoints of subgraphs to go on from, by namespace: the caller asked for one within. */
  readonly checkpointMap?: Readonly<Record<string, string>> | undefined
}

/** Everything that one run of a graph is made of. */
export interface RunInit {
  readonly program: Program
  readonly settings: RunSettings
  readonly place: RunPlace
  readonly configurable: Readonly<Record<PropertyKey, unknown>>
  /** Told what happens in this graph. */
  readonly log: EventLog | undefined
  /** Told what nodes say themselves: custom chunks, messages, tools. */
  readonly signals: EventLog | undefined
  readonly messages: MessageStream | undefined
  /** Aborted when the reader of the run's stream has left. */
  readonly left?: AbortSignal | undefined
  /** The task that this run is part of. */
  readonly parent: TaskContext | undefined
  readonly timing: Timing
  /** Changes what an older version of the graph stored. */
  readonly migrate?:
    | ((values: Record<string, unknown>, metadata: CheckpointMetadata) => Record<string, unknown>)
    | undefined
  /** Kept with every checkpoint. */
  readonly version?: string | undefined
  /** Whether the look for what is left to do, which finds nothing, counts as a superstep. */
  readonly limitCountsEnd?: boolean | undefined
}
