import type { OpeningRecord } from '../entry.ts'
import { createPairing } from '../pairing.ts'
import type { Pair } from '../pairing.ts'
import type { JournalEnd } from './journal.ts'
import { segmentPath } from './segments.ts'
import { createTail } from './tail.ts'

/** Pairs that the next piece of a segment completes. */
export interface PairBatch {
  readonly segment: number
  readonly pairs: readonly Pair[]
  readonly records: number
  /** Nothing follows in this segment. */
  readonly isLast: boolean
}

/** Reads a journal from its beginning and brings its records together. */
export interface PairReader {
  /** `undefined`: there is nothing new. */
  next: () => Promise<PairBatch | undefined>
  /** Requests whose closing has not been seen. */
  open: () => OpeningRecord[]
  /** Whether a segment has the opening of a request whose closing has not been seen. */
  isHeld: (segment: number) => boolean
  close: () => Promise<void>
}

export interface PairReaderOptions {
  folder: string
  /** Where the journal is written; left out: nobody writes it any more. */
  end?: (() => JournalEnd) | undefined
  /** Told of a segment with lines that the disk has changed. */
  onTorn: (path: string, lines: number) => void
}

export function createPairReader({ folder, end, onTorn }: PairReaderOptions): PairReader {
  const tail = createTail(folder, end)
  const pairing = createPairing()
  return {
    next: async () => {
      const read = await tail.next()
      if (read === undefined) return undefined
      const { segment, isLast, records, torn } = read
      if (torn > 0) onTorn(segmentPath(folder, segment), torn)
      const pairs = records.flatMap((record) => pairing.add(record, segment) ?? [])
      return { segment, pairs, records: records.length, isLast }
    },
    open: pairing.open,
    isHeld: pairing.isHeld,
    close: tail.close,
  }
}
