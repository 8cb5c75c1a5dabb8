import type { Place } from '../checkpointer.ts'
import type { HeldRow } from '../remote-flow.ts'
import { isListOf, isText, isWide, rowReader } from '../row-reader.ts'
import type { Columns, RowReader, Wide } from '../row-reader.ts'
import { CHECKPOINT, isWrite } from '../stored-rows.ts'

/** A checkpoint with its writes, as one query has it. */
export interface LoadedRow extends HeldRow {
  readonly placeId: Wide
}

const LOADED: Columns<LoadedRow> = { ...CHECKPOINT, placeId: isWide, head: isText, writes: isListOf(isWrite) }

export const readLoaded: RowReader<LoadedRow> = rowReader(LOADED)

export const readListed: RowReader<LoadedRow & Place> = rowReader<LoadedRow & Place>({
  ...LOADED,
  thread: isText,
  namespace: isText,
})

export const readHead: RowReader<{ readonly head: string }> = rowReader({ head: isText })

export const readPlaceId: RowReader<{ readonly placeId: Wide }> = rowReader({ placeId: isWide })
