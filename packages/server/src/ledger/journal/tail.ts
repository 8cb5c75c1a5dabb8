import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { storeError } from '../../store/store-error.ts'
import type { LedgerRecord } from '../entry.ts'
import type { JournalEnd } from './journal.ts'
import { parseLine } from './line.ts'
import { listSegments, segmentPath } from './segments.ts'

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a

/** The next records of one segment. */
export interface TailBatch {
  readonly segment: number
  readonly records: readonly LedgerRecord[]
  /** Whole lines that cannot be read, because something has changed them. */
  readonly torn: number
  /** Nothing follows in this segment. */
  readonly isLast: boolean
}

/** Reads a journal from its beginning, as far as it has been written. It holds one piece at a time. */
export interface Tail {
  /** `undefined`: there is nothing new. */
  next: () => Promise<TailBatch | undefined>
  close: () => Promise<void>
}

/** @param end where the journal is written; left out: nobody writes it any more. */
export function createTail(folder: string, end?: () => JournalEnd): Tail {
  let segment = 0
  let file: FileHandle | undefined
  let offset = 0
  let rest = Buffer.alloc(0)

  const openNext = async (): Promise<FileHandle | undefined> => {
    const next = (await listSegments(folder)).find((number) => number > segment)
    if (next === undefined) return undefined
    segment = next
    offset = 0
    file = await open(segmentPath(folder, next), 'r')
    return file
  }

  const close = async (): Promise<void> => {
    await file?.close()
    file = undefined
    rest = Buffer.alloc(0)
  }

  return {
    next: async () => {
      const source = file ?? (await openNext())
      if (source === undefined) return undefined
      // Asked before reading: what is written meanwhile belongs to the next batch.
      const written = end?.()
      const isGrowing = written?.segment === segment
      const limit = isGrowing ? Math.min(CHUNK_BYTES, written.offset - offset) : CHUNK_BYTES
      const { bytesRead, buffer } = await source.read(Buffer.allocUnsafe(limit), 0, limit, offset)
      if (bytesRead === 0 && isGrowing) return undefined
      offset += bytesRead
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
      const endOfLines = bytes.lastIndexOf(NEWLINE) + 1
      rest = bytes.subarray(endOfLines)
      const isLast = bytesRead === 0
      // What is left at the end of a segment was never written to its end, so nobody relies on it.
      if (isLast) await close()
      return { segment, isLast, ...readLines(bytes.subarray(0, endOfLines), segment) }
    },
    close,
  }
}

function readLines(bytes: Buffer, segment: number): { records: LedgerRecord[]; torn: number } {
  const records: LedgerRecord[] = []
  let torn = 0
  for (let start = 0; start < bytes.length;) {
    const stop = bytes.indexOf(NEWLINE, start)
    const line = parseLine(bytes.toString('utf8', start, stop))
    start = stop + 1
    if (line.type === 'newer')
      throw storeError(
        'journal_version_mismatch',
        `Segment ${segment} of a journal was written by a newer release (its form is ${line.version}). Start that release once, so that it moves the journal into the database.`,
      )
    if (line.type === 'record') records.push(line.record)
    else torn += 1
  }
  return { records, torn }
}
