import type { Checkpointer, Place, SavedCheckpoint } from '../checkpoint/checkpointer.ts'
import type { Replay } from './host.ts'
import type { Patience } from './patience.ts'
import type { RunInit, RunPlace } from './run-init.ts'

/** What a run finds of its thread. */
export interface Loaded {
  readonly saver: Checkpointer
  readonly place: Place
  /** The checkpoint to go on from. */
  readonly saved: SavedCheckpoint | undefined
  /** The newest checkpoint, where it is not known from that one. */
  readonly head: string | undefined
  /** Whether the graph is within one that goes back, and goes back with it. */
  readonly wentBack: boolean
}

/** Loads the checkpoint that a run goes on from; nothing without a saver and a thread. */
export async function loadThread(
  { place, parent }: RunInit,
  patience: Patience,
): Promise<Loaded | undefined> {
  const { saver, thread, namespace, checkpointId } = place
  if (saver === undefined || thread === undefined) return undefined
  const where = { thread, namespace }
  const before = goesBackBehind(place, parent?.host.replay)
  const found = patience.attempt(() =>
    before === undefined ? saver.load(where, checkpointId) : loadBefore(saver, where, before),
  )
  const saved = found instanceof Promise ? await found : found
  const isNew = saved === undefined && before !== undefined
  const newest = isNew ? await patience.attempt(() => saver.load(where)) : undefined
  return { saver, place: where, saved, head: newest?.head, wentBack: before !== undefined }
}

/** The checkpoint that a subgraph goes back behind, once for each run that goes back. */
function goesBackBehind(
  { namespace, checkpointId }: RunPlace,
  replay: Replay | undefined,
): string | undefined {
  if (replay === undefined || checkpointId !== undefined) return undefined
  if (replay.visited.has(namespace)) return undefined
  replay.visited.add(namespace)
  return replay.before
}

/** The newest checkpoint of a place that is older than one. */
async function loadBefore(
  saver: Checkpointer,
  place: Place,
  before: string,
): Promise<SavedCheckpoint | undefined> {
  for await (const saved of saver.history({ ...place, before, limit: 1 })) return saved
  return undefined
}
