import type { Place } from '../checkpointer.ts'
import { isInteger, isText, rowReader } from '../row-reader.ts'
import type { Columns, RowReader } from '../row-reader.ts'
import type { CheckpointRow } from '../stored-checkpoint.ts'
import { CHECKPOINT } from '../stored-rows.ts'

export interface PlaceRow {
  readonly placeId: number
  readonly head: string
}

/** A place with its namespace, as a listing of a thread has it. */
export type NamedPlaceRow = PlaceRow & Pick<Place, 'namespace'>

/** A checkpoint with its place, as a listing has it. */
export type ListedRow = CheckpointRow & PlaceRow & Place

const PLACE: Columns<PlaceRow> = { placeId: isInteger, head: isText }

export const readPlace: RowReader<PlaceRow> = rowReader(PLACE)

export const readPlaceId: RowReader<Pick<PlaceRow, 'placeId'>> = rowReader({ placeId: isInteger })

export const readNamedPlace: RowReader<NamedPlaceRow> = rowReader<NamedPlaceRow>({
  ...PLACE,
  namespace: isText,
})

export const readCheckpoint: RowReader<CheckpointRow> = rowReader(CHECKPOINT)

export const readListed: RowReader<ListedRow> = rowReader<ListedRow>({
  ...CHECKPOINT,
  ...PLACE,
  thread: isText,
  namespace: isText,
})

export const readId: RowReader<{ readonly id: string }> = rowReader({ id: isText })

export const readLog: RowReader<{ readonly log: string }> = rowReader({ log: isText })

export const readSize: RowReader<{ readonly rows: number; readonly size: number }> = rowReader({
  rows: isInteger,
  size: isInteger,
})

export const readThread: RowReader<{ readonly thread: string; readonly updatedMs: number }> = rowReader({
  thread: isText,
  updatedMs: isInteger,
})
