import type { CheckpointMetadata, PendingWrite } from '../checkpoint/checkpointer.ts'
import { ERROR, INTERRUPT, NAMESPACE_SEPARATOR, RETURN } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import { writeResult } from '../stream/project.ts'
import type { Task, TaskPath } from './task.ts'

/** What `getConfig` and state snapshots name a checkpoint by. */
export interface CheckpointConfig {
  readonly configurable: {
    readonly thread_id?: string
    readonly checkpoint_ns?: string
    readonly checkpoint_id?: string
    readonly checkpoint_map?: Readonly<Record<string, string>>
    readonly [key: string]: unknown
  }
}

/** A task of a snapshot: what it is, and what has become of it. */
export interface TaskSnapshot {
  readonly id: string
  readonly name: string
  readonly path: TaskPath
  readonly error?: unknown
  readonly interrupts: readonly Interrupt[]
  /** The snapshot of its subgraph, or the config to read it by. */
  readonly state?: StateSnapshot | CheckpointConfig | undefined
  readonly result?: unknown
}

/** An edge of several sources of which only some have run. */
export interface WaitingEdgeDescription {
  readonly target: string
  readonly completed: readonly string[]
  readonly missing: readonly string[]
}

/** A thread as it was at a checkpoint. */
export interface StateSnapshot<Values = unknown> {
  readonly values: Values
  /** Nodes that run next. */
  readonly next: readonly string[]
  readonly config: CheckpointConfig
  readonly metadata?: CheckpointMetadata | undefined
  readonly createdAt?: string | undefined
  readonly parentConfig?: CheckpointConfig | undefined
  readonly tasks: readonly TaskSnapshot[]
  /** There when an edge waits for some of its sources: where `next` is empty, what they wrote to it was dropped. */
  readonly waitingEdges?: readonly WaitingEdgeDescription[] | undefined
}

/** A task with what pending writes say of it. */
export function describeTask(
  task: Pick<Task, 'id' | 'name' | 'path'>,
  pendingWrites: readonly PendingWrite[],
  channels: string | readonly string[],
  state: TaskSnapshot['state'],
): TaskSnapshot {
  const { id, name, path } = task
  const own = pendingWrites.filter(({ taskId }) => taskId === id)
  const error = own.find(({ channel }) => channel === ERROR)?.value
  const interrupts = own
    .filter(({ channel }) => channel === INTERRUPT)
    .flatMap(({ value }) => value as Interrupt | Interrupt[])
  const result = error || interrupts.length > 0 ? undefined : resultOf(own, channels)
  if (error) return { id, name, path, error, interrupts, result }
  return { id, name, path, interrupts, ...(state !== undefined && { state }), result }
}

function resultOf(own: readonly PendingWrite[], channels: string | readonly string[]): unknown {
  const returned = own.find(({ channel }) => channel === RETURN)
  if (returned !== undefined) return returned.value
  if (typeof channels === 'string') return own.find(({ channel }) => channel === channels)?.value
  const writes = own
    .filter(({ channel }) => channels.includes(channel))
    .map(({ channel, value }) => [channel, value] as const)
  return writes.length === 0 ? undefined : writeResult(writes)
}

/** What a checkpoint is asked for by. */
export function checkpointConfig(
  thread: string,
  namespace: string,
  checkpointId?: string,
  parents: Readonly<Record<string, string>> = {},
): CheckpointConfig {
  return {
    configurable: {
      thread_id: thread,
      checkpoint_ns: namespace,
      ...(checkpointId !== undefined && { checkpoint_id: checkpointId }),
      ...(checkpointId !== undefined &&
        Object.keys(parents).length > 0 && { checkpoint_map: { ...parents, [namespace]: checkpointId } }),
    },
  }
}

/** The namespace of the subgraph that a task runs, as seen from the namespace that the task is in. */
export function taskNamespace(namespace: string, task: Pick<Task, 'id' | 'name'>): string {
  const own = `${task.name}:${task.id}`
  return namespace === '' ? own : `${namespace}${NAMESPACE_SEPARATOR}${own}`
}
