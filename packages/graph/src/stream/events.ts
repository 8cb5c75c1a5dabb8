import type { Interrupt } from '../control.ts'

/** What a stream shows of a run. */
export type StreamMode =
  | 'values'
  | 'updates'
  | 'messages'
  | 'custom'
  | 'tasks'
  | 'checkpoints'
  | 'debug'
  | 'tools'

/** One write of a task. */
export type EventWrite = readonly [channel: string, value: unknown]

/** A task, as streams name it. */
export interface EventTask {
  /** Made when it is read. */
  readonly id: string
  readonly name: string
}

/** What a checkpoint is found by. */
export interface CheckpointEnvelope {
  readonly id: string
  readonly parent_id?: string | undefined
  readonly step: number | undefined
  readonly source: string | undefined
}

/** Something that happened in a run. Every stream mode is a view of these, in their order. */
export type RunEvent =
  | {
      readonly type: 'state'
      readonly values: unknown
      /** The checkpoint that it is, for who asks while being told. */
      readonly checkpoint: () => CheckpointEnvelope
    }
  | { readonly type: 'pause'; readonly interrupts: readonly Interrupt[] }
  | {
      readonly type: 'task-start'
      readonly task: EventTask
      readonly step: number
      readonly input: unknown
      readonly triggers: readonly string[]
      readonly metadata: Readonly<Record<string, unknown>> | undefined
    }
  | {
      readonly type: 'task-end'
      readonly task: EventTask
      readonly step: number
      readonly writes: readonly EventWrite[]
      /** Channels that updates name; one name for a state of one value. */
      readonly outputChannels: string | readonly string[]
      readonly streamChannels: string | readonly string[]
      /** Whether the result comes from an earlier run or the cache. */
      readonly cached: boolean
    }
  | { readonly type: 'checkpoint'; readonly step: number; readonly payload: unknown }
  | { readonly type: 'custom'; readonly data: unknown }
  | {
      readonly type: 'message'
      readonly message: unknown
      readonly metadata: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'tool'; readonly data: unknown }
