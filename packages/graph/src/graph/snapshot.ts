import type { BaseChannel } from '../channels/index.ts'
import type { Checkpointer, PendingWrite, SavedCheckpoint } from '../checkpoint/checkpointer.ts'
import { ERROR, ERROR_SOURCE_NODE, INPUT, INTERRUPT, NULL_TASK_ID, RESUME } from '../constants.ts'
import { applyWrites } from '../runtime/apply.ts'
import type { Cells } from '../runtime/cells.ts'
import { readChannels, restoreCells } from '../runtime/cells.ts'
import type { StateSnapshot, TaskSnapshot, WaitingEdgeDescription } from '../runtime/describe.ts'
import { checkpointConfig, describeTask } from '../runtime/describe.ts'
import { planTasks } from '../runtime/plan.ts'
import type { Program } from '../runtime/program.ts'
import type { Task, Write } from '../runtime/task.ts'
import { handlingTask, inWriteOrder } from '../runtime/task.ts'

/** Finds the state of a task's subgraph; `undefined` when it has none. */
export type SubgraphReader = (task: Task) => Promise<TaskSnapshot['state']> | undefined

/** A stored thread with the tasks that are due, for reading and for changing it. */
export interface OpenThread {
  readonly cells: Cells
  readonly tasks: readonly Task[]
  readonly pendingWrites: readonly PendingWrite[]
}

/** Writes that are about a task's fate, not its result. */
const FATE: ReadonlySet<string> = new Set([ERROR, ERROR_SOURCE_NODE, INTERRUPT, RESUME])

/**
 * Opens a stored checkpoint.
 * @param withPending whether what finished tasks of the superstep in progress wrote counts already
 */
export function openThread(program: Program, saved: SavedCheckpoint, withPending: boolean): OpenThread {
  const cells = restoreCells(program, saved.checkpoint, saved.values)
  const { pendingWrites, namespace } = saved
  const early = pendingWrites
    .filter(({ taskId, channel }) => taskId === NULL_TASK_ID && channel !== RESUME)
    .map(({ channel, value }): Write => [channel, value])
  if (withPending && early.length > 0) {
    applyWrites(program, cells, [{ name: INPUT, writes: early, triggers: [] }])
  }
  const place = { step: (saved.metadata.step ?? -1) + 1, namespace, checkpointId: saved.checkpoint.id }
  const tasks = planTasks(program, cells, undefined, place)
  if (withPending && pendingWrites.length > 0) {
    const byTask = Map.groupBy(pendingWrites, ({ taskId }) => taskId)
    for (const task of tasks) {
      task.writes.push(...resultsOf(task.id, byTask))
      const handler = program.nodes.get(task.node.errorHandler ?? '')
      // What its handler has written is what a node that failed has come to.
      if (handler !== undefined && task.writes.length === 0)
        task.writes.push(...resultsOf(handlingTask(task, handler).id, byTask))
    }
  }
  return { cells, tasks, pendingWrites }
}

function resultsOf(taskId: string, byTask: ReadonlyMap<string, readonly PendingWrite[]>): Write[] {
  return (byTask.get(taskId) ?? [])
    .filter(({ channel }) => !FATE.has(channel))
    .map(({ channel, value }): Write => [channel, value])
}

/** The snapshot of a stored checkpoint. */
export async function takeSnapshot(
  program: Program,
  saved: SavedCheckpoint,
  withPending: boolean,
  subgraphOf: SubgraphReader,
): Promise<StateSnapshot> {
  const { tasks, pendingWrites, ...opened } = openThread(program, saved, withPending)
  const next = tasks.filter((task) => task.writes.length === 0).map(({ name }) => name)
  const finished = tasks.filter((task) => task.writes.length > 0)
  const cells = withFinished(program, saved, opened.cells, finished)
  const { thread, namespace, metadata } = saved
  const waitingEdges = describeWaiting(program, cells)
  return {
    values: readChannels(program, cells.channels, program.streamChannels),
    next,
    tasks: await Promise.all(
      tasks.map(async (task) =>
        describeTask(task, pendingWrites, program.streamChannels, await subgraphOf(task)),
      ),
    ),
    metadata: { ...metadata, thread_id: thread },
    config: checkpointConfig(thread, namespace, saved.checkpoint.id, metadata.parents),
    createdAt: saved.checkpoint.ts,
    parentConfig:
      saved.parentId === undefined ? undefined : checkpointConfig(thread, namespace, saved.parentId),
    ...(waitingEdges.length > 0 && { waitingEdges }),
  }
}

/** The edges that some of their sources, but not all, have written to. */
function describeWaiting(program: Program, { channels }: Cells): WaitingEdgeDescription[] {
  return channels.flatMap((channel, index) => {
    if (!isBarrier(channel) || channel.arrived.size === 0) return []
    const names = [...channel.names] as string[]
    const missing = names.filter((name) => !channel.arrived.has(name))
    const target = program.subscribers[index]?.[0]?.name
    if (missing.length === 0 || target === undefined) return []
    return [{ target, completed: names.filter((name) => channel.arrived.has(name)), missing }]
  })
}

const isBarrier = (
  channel: BaseChannel,
): channel is BaseChannel & {
  readonly names: ReadonlySet<unknown>
  readonly arrived: ReadonlySet<unknown>
} => 'arrived' in channel

/**
 * The state with what finished tasks wrote. Where that cannot be applied, because two wrote one key or a reducer throws,
 * it is the state without it: a thread that failed so can still be looked at, and the tasks show what each has written.
 */
function withFinished(
  program: Program,
  saved: SavedCheckpoint,
  cells: Cells,
  finished: readonly Task[],
): Cells {
  if (finished.length === 0) return cells
  try {
    applyWrites(program, cells, inWriteOrder(finished))
    return cells
  } catch {
    return openThread(program, saved, true).cells
  }
}

/** Where a thread is read and written. */
export interface ThreadPlace {
  readonly saver: Checkpointer
  readonly thread: string
  readonly namespace: string
  readonly checkpointId: string | undefined
}
