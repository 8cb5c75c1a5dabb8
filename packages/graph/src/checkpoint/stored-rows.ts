import type { StoredPiece, WriteRow } from './layout.ts'
import { isInteger, isRow, isText, isTextOrNull, rowReader } from './row-reader.ts'
import type { Columns, Guard, RowReader } from './row-reader.ts'
import type { CheckpointRow } from './stored-checkpoint.ts'

/** Columns that tables of every database have alike. */
export const CHECKPOINT: Columns<CheckpointRow> = {
  id: isText,
  parentId: isTextOrNull,
  body: isText,
  metadata: isText,
}

const WRITE: Columns<WriteRow> = { taskId: isText, index: isInteger, channel: isText, payload: isText }

export const isWrite: Guard<WriteRow> = isRow(WRITE)

export const readWrite: RowReader<WriteRow> = rowReader(WRITE)

export const readPiece: RowReader<StoredPiece> = rowReader({ log: isText, start: isInteger, payload: isText })

/** The one column of a query that asks for a body. */
export const readBodyText: RowReader<{ readonly body: string }> = rowReader({ body: isText })

/** What is read to learn which logs are still needed. */
export const readKept: RowReader<{ readonly id: string; readonly body: string }> = rowReader({
  id: isText,
  body: isText,
})
