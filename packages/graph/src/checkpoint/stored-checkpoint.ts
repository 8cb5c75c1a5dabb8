import type { Place, SavedCheckpoint } from './checkpointer.ts'
import { corrupt } from './failures.ts'
import { readMetadata, readWrites } from './layout.ts'
import type { ReadBody, WriteRow } from './layout.ts'
import type { LogCache } from './log-cache.ts'
import type { Serde } from './serde.ts'

/** A row of a checkpoint. */
export interface CheckpointRow {
  readonly id: string
  readonly parentId: string | null
  readonly body: string
  readonly metadata: string
}

/** Puts a checkpoint together once the cache has all that its values need. */
export function assembled(
  place: Place,
  row: CheckpointRow,
  { checkpoint, refs }: ReadBody,
  head: string,
  writes: readonly WriteRow[],
  cache: LogCache,
  serde: Serde,
): SavedCheckpoint {
  try {
    return {
      thread: place.thread,
      namespace: place.namespace,
      checkpoint,
      values: cache.values(place, row.id, refs),
      metadata: readMetadata(row.metadata, serde),
      parentId: row.parentId ?? undefined,
      pendingWrites: readWrites(writes, serde),
      head,
    }
  } catch (error) {
    throw placed(place, row.id, error)
  }
}

/** Says of which checkpoint a value cannot be read. */
function placed(place: Place, id: string, error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: string }
  if (code !== 'checkpoint_corrupt' || message?.includes(id) === true) return error
  return corrupt(place, id, 'a stored value is damaged or was made by somebody else', error)
}
