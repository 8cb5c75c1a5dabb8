import type { OpeningRecord } from '../entry.ts'
import type { Pair } from '../pairing.ts'
import { createPairReader } from './pair-reader.ts'
import type { PairBatch } from './pair-reader.ts'
import type { Segments } from './segments.ts'

export interface ConsumerOptions {
  folder: string
  segments: Segments
  /** Takes pairs over. What it throws ends the drain; the same pairs come again with the next. */
  take: (pairs: readonly Pair[]) => Promise<void>
  /** Called when everything is taken, before anything is deleted: brings it to the disk. */
  sync: () => Promise<void>
}

/** Empties the journal of a process that died: what it has given away for good is deleted. */
export interface Consumer {
  /** Gives away everything that is in it. */
  drain: () => Promise<void>
  /** Requests whose closing has not been seen. */
  open: () => OpeningRecord[]
  /** How many records were read and are done with. */
  records: () => number
  close: () => Promise<void>
}

export function createConsumer({ folder, segments, take, sync }: ConsumerOptions): Consumer {
  const reader = createPairReader({ folder, onTorn: segments.torn })
  /** Read to their end, but a request in them may have no end. */
  const finished = new Set<number>()
  let records = 0
  let current: PairBatch | undefined

  const removeFinished = async (): Promise<void> => {
    const removable = [...finished].filter((segment) => !reader.isHeld(segment))
    if (removable.length === 0) return
    await sync()
    for (const segment of removable) {
      await segments.remove(segment)
      finished.delete(segment)
    }
  }

  return {
    drain: async () => {
      for (;;) {
        current ??= await reader.next()
        if (current === undefined) break
        if (current.pairs.length > 0) await take(current.pairs)
        records += current.records
        if (current.isLast) finished.add(current.segment)
        current = undefined
      }
      await removeFinished()
    },
    open: reader.open,
    records: () => records,
    close: reader.close,
  }
}
