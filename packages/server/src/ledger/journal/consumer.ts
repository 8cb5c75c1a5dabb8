import { rename, rm } from 'node:fs/promises'
import type { OpeningRecord } from '../entry.ts'
import { createPairing } from '../pairing.ts'
import type { Pair } from '../pairing.ts'
import type { JournalEnd } from './journal.ts'
import { segmentPath } from './segments.ts'
import { createTail } from './tail.ts'

export interface ConsumerOptions {
  folder: string
  /** Where the journal is written; left out: nobody writes it any more. */
  end?: (() => JournalEnd) | undefined
  /** Takes pairs over. What it throws ends the drain; the same pairs come again with the next. */
  take: (pairs: readonly Pair[]) => Promise<void>
  /** Told of a segment with lines that the disk has changed. It is kept as `….torn`. */
  onTorn: (path: string, lines: number) => void
}

/** Empties a journal: what it has given away for good is deleted, segment by segment. */
export interface Consumer {
  /** Gives away everything that is written by now. */
  drain: () => Promise<void>
  /** Requests whose closing has not been seen. */
  open: () => OpeningRecord[]
  /** How many records were read and are done with. */
  records: () => number
  close: () => Promise<void>
}

interface Batch {
  readonly segment: number
  readonly pairs: readonly Pair[]
  readonly records: number
  readonly isLast: boolean
}

export function createConsumer({ folder, end, take, onTorn }: ConsumerOptions): Consumer {
  const tail = createTail(folder, end)
  const pairing = createPairing()
  /** Read to their end, but a request in them may still be under way. */
  const finished = new Set<number>()
  const torn = new Set<number>()
  let records = 0
  let current: Batch | undefined

  const nextBatch = async (): Promise<Batch | undefined> => {
    const read = await tail.next()
    if (read === undefined) return undefined
    const { segment, isLast } = read
    if (read.torn > 0) {
      torn.add(segment)
      onTorn(segmentPath(folder, segment), read.torn)
    }
    const pairs = read.records.flatMap((record) => pairing.add(record, segment) ?? [])
    return { segment, pairs, records: read.records.length, isLast }
  }

  const removeFinished = async (): Promise<void> => {
    for (const segment of finished) {
      if (pairing.isHeld(segment)) continue
      const path = segmentPath(folder, segment)
      await (torn.has(segment) ? rename(path, `${path}.torn`) : rm(path, { force: true }))
      finished.delete(segment)
    }
  }

  return {
    drain: async () => {
      for (;;) {
        current ??= await nextBatch()
        if (current === undefined) break
        if (current.pairs.length > 0) await take(current.pairs)
        records += current.records
        if (current.isLast) finished.add(current.segment)
        current = undefined
      }
      await removeFinished()
    },
    open: pairing.open,
    records: () => records,
    close: tail.close,
  }
}
