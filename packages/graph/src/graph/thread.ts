import { toCheckpointer } from '../checkpoint/from-langgraph.ts'
import { GraphValueError } from '../errors.ts'
import { surroundingTask } from '../runtime/ambient.ts'
import type { CheckpointConfig, StateSnapshot, TaskSnapshot } from '../runtime/describe.ts'
import { checkpointConfig, taskNamespace } from '../runtime/describe.ts'
import type { Task } from '../runtime/task.ts'
import type { GraphParts } from './graph-parts.ts'
import type { ThreadPlace } from './snapshot.ts'
import { takeSnapshot } from './snapshot.ts'
import { firstGraph, subgraphAt, withoutTaskIds } from './subgraphs.ts'
import type { StateUpdate } from './update.ts'
import { updateThread } from './update.ts'

/** What names a thread, and a checkpoint of it. */
export interface CheckpointRequest {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined
}

/** Which checkpoints of a thread are listed. */
export interface HistoryOptions {
  readonly limit?: number | undefined
  readonly before?: CheckpointRequest | undefined
  readonly filter?: Readonly<Record<string, unknown>> | undefined
}

/** The checkpoint that a config names; none for the newest. */
const checkpointIdOf = (config: CheckpointRequest | undefined): string | undefined =>
  (config?.configurable?.['checkpoint_id'] as string | undefined) || undefined

/** The thread as it stands, or as it was at `checkpoint_id`. */
export async function readThread(
  graph: GraphParts,
  config: CheckpointRequest,
  subgraphs: boolean,
): Promise<StateSnapshot> {
  const place = threadPlace(graph, config)
  const inner = place.namespace === '' ? undefined : subgraphAt(graph.program, place.namespace)
  return snapshotAt(inner ?? graph, place, subgraphs)
}

async function snapshotAt(graph: GraphParts, place: ThreadPlace, subgraphs: boolean): Promise<StateSnapshot> {
  const { saver, thread, namespace, checkpointId } = place
  const saved = await saver.load({ thread, namespace }, checkpointId)
  if (saved === undefined) {
    return { values: {}, next: [], tasks: [], config: checkpointConfig(thread, namespace, checkpointId) }
  }
  return takeSnapshot(graph.program, saved, checkpointId === undefined, (task) =>
    subgraphState(place, task, subgraphs),
  )
}

function subgraphState(
  place: ThreadPlace,
  task: Task,
  read: boolean,
): Promise<TaskSnapshot['state']> | undefined {
  const graph = firstGraph(task.node)
  if (graph === undefined) return undefined
  const visit = taskNamespace(place.namespace, task)
  const namespace = graph.checkpointer === true ? withoutTaskIds(visit) : visit
  if (read) return snapshotAt(graph, { ...place, namespace, checkpointId: undefined }, true)
  return Promise.resolve(checkpointConfig(place.thread, namespace))
}

/** The checkpoints of a thread, newest first. */
export async function* listThread(
  graph: GraphParts,
  config: CheckpointRequest,
  options: HistoryOptions,
): AsyncGenerator<StateSnapshot, void> {
  const place = threadPlace(graph, config)
  const { saver, thread, namespace, checkpointId } = place
  const owner = namespace === '' ? graph : (subgraphAt(graph.program, namespace) ?? graph)
  const { limit, filter, before } = options
  const query = { thread, namespace, checkpointId, limit, filter, before: checkpointIdOf(before) }
  for await (const saved of saver.history(query)) {
    yield await takeSnapshot(owner.program, saved, false, (task) => subgraphState(place, task, false))
  }
}

/** Writes to a thread, one superstep after the other. @returns the config of the last new checkpoint */
export async function writeThread(
  graph: GraphParts,
  config: CheckpointRequest,
  supersteps: readonly { readonly updates: readonly StateUpdate[] }[],
): Promise<CheckpointConfig> {
  const place = threadPlace(graph, config)
  if (supersteps.length === 0) throw new Error('No supersteps provided')
  if (supersteps.some(({ updates }) => updates.length === 0)) throw new Error('No updates provided')
  const owner = place.namespace === '' ? graph : subgraphAt(graph.program, place.namespace)
  if (owner === undefined) throw new Error(`Subgraph "${withoutTaskIds(place.namespace)}" not found`)
  let result: CheckpointConfig | undefined
  for (const { updates } of supersteps) {
    const runtime = {
      configurable: config.configurable,
      store: graph.store,
      metadata: graph.config.metadata,
    }
    result = await updateThread(
      {
        program: owner.program,
        place: { ...place, checkpointId: result?.configurable.checkpoint_id ?? place.checkpointId },
        nowMs: graph.timing.now(),
        runtime,
      },
      updates,
    )
  }
  return result as CheckpointConfig
}

/** @throws {GraphValueError} when the graph has no checkpointer, or the config names no thread */
function threadPlace(graph: GraphParts, config: CheckpointRequest): ThreadPlace {
  const { checkpointer } = graph
  const saver =
    typeof checkpointer === 'object' ? toCheckpointer(checkpointer) : surroundingTask(config)?.host.saver
  if (saver === undefined) {
    throw new GraphValueError('No checkpointer set', { lc_error_code: 'MISSING_CHECKPOINTER' })
  }
  const configurable = { ...graph.config.configurable, ...config.configurable } as Record<string, unknown>
  const { thread_id: thread, checkpoint_ns: namespace, checkpoint_map: map } = configurable
  if (thread === undefined || thread === null || thread === '') {
    throw new GraphValueError('The config names no thread: set `configurable.thread_id`.', {
      lc_error_code: 'invalid_id',
    })
  }
  const within = typeof namespace === 'string' ? namespace : ''
  const mapped = (map as Record<string, string> | undefined)?.[within]
  return { saver, thread: String(thread), namespace: within, checkpointId: checkpointIdOf(config) ?? mapped }
}
