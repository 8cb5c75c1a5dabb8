import { setImmediate } from 'node:timers/promises'
import type { ClosingRecord, OpeningRecord } from './entry.ts'
import type { Journal, JournalEnd } from './journal/journal.ts'
import { createPairReader } from './journal/pair-reader.ts'
import type { Segments } from './journal/segments.ts'
import type { Pair } from './pairing.ts'

/** Few enough that SQLite does not keep the process from its requests for long. */
const PAIRS_AT_ONCE = 100
/** As in the journal: what is closed beyond that is read from there again. */
const MAX_BYTES = 16 * 1024 * 1024

export interface BacklogOptions {
  folder: string
  journal: Pick<Journal, 'end' | 'stats'>
  segments: Segments
  /** Writes pairs into the database. What it throws ends the drain; the same pairs come again with the next. */
  take: (pairs: readonly Pair[]) => Promise<void>
  /** Brings the database to the disk; called before a segment of the journal is deleted. */
  sync: () => Promise<void>
  maxBytes?: number | undefined
}

/**
 * What this process has written to its journal and the database does not have yet. It is kept in memory, so that nobody
 * has to read the journal; when the database is away for long, it is not kept any more and read from there again.
 */
export interface Backlog {
  opened: (record: OpeningRecord, segment: number) => void
  /** @param bytes as the journal has it; 0 when it has no room for it yet. */
  closed: (record: ClosingRecord, bytes: number) => void
  /** Gives away everything that is closed by now, and deletes the segments of which nothing is needed any more. */
  drain: () => Promise<void>
  /** So much waits that it is worth a transaction. */
  isFull: () => boolean
  /** Nothing is under way, and everything is in the database. */
  isEmpty: () => boolean
  /** How many records of the journal are done with, those of requests under way among them. */
  records: () => number
}

interface Opened {
  readonly opening: OpeningRecord
  /** That the opening is in. */
  readonly segment: number
}

interface Closed {
  readonly pair: Pair
  readonly segment: number
  readonly bytes: number
}

export function createBacklog(options: BacklogOptions): Backlog {
  const { folder, journal, segments, take, sync, maxBytes = MAX_BYTES } = options
  const underWay = new Map<string, Opened>()
  const queue: Closed[] = []
  let queuedBytes = 0
  /** Something was closed that is in the journal only. */
  let hasSpilled = false
  /** Openings in each segment whose end is not in the database. */
  const held = new Map<number, number>()
  const finished = new Set<number>()
  let lastFinished = 0
  let records = 0

  const hold = (segment: number, by: number): void => {
    const count = (held.get(segment) ?? 0) + by
    if (count === 0) held.delete(segment)
    else held.set(segment, count)
  }

  const moveQueue = async (): Promise<void> => {
    for (let left = queue.length; left > 0;) {
      const some = queue.slice(0, Math.min(left, PAIRS_AT_ONCE))
      await take(some.map(({ pair }) => pair))
      queue.splice(0, some.length)
      for (const { segment, bytes } of some) {
        hold(segment, -1)
        queuedBytes -= bytes
      }
      left -= some.length
      if (left > 0) await setImmediate()
    }
  }

  /** Reads the whole journal: what is in the database already changes nothing there. */
  const readBack = async (): Promise<void> => {
    let until: JournalEnd | undefined
    const end = (): JournalEnd => until ?? journal.end()
    const reader = createPairReader({ folder, end, onTorn: segments.torn })
    try {
      for (;;) {
        const batch = await reader.next()
        if (batch !== undefined) {
          if (batch.pairs.length > 0) await take(batch.pairs)
        } else if (until === undefined) {
          // Nearly there: what is closed from here on is kept in memory, and the rest is read.
          until = journal.end()
          hasSpilled = false
        } else break
      }
    } catch (error) {
      hasSpilled = true
      throw error
    } finally {
      await reader.close()
    }
    held.clear()
    for (const { segment } of [...underWay.values(), ...queue]) hold(segment, 1)
  }

  const removeFinished = async (current: number): Promise<void> => {
    for (; lastFinished + 1 < current; lastFinished++) finished.add(lastFinished + 1)
    const removable = [...finished].filter((segment) => !held.has(segment))
    if (removable.length === 0) return
    await sync()
    for (const segment of removable) {
      await segments.remove(segment)
      finished.delete(segment)
    }
  }

  return {
    opened: (opening, segment) => {
      const before = underWay.get(opening.requestId)
      if (before !== undefined) hold(before.segment, -1)
      underWay.set(opening.requestId, { opening, segment })
      hold(segment, 1)
    },
    closed: (closing, bytes) => {
      const opened = underWay.get(closing.requestId)
      if (opened === undefined) return
      underWay.delete(closing.requestId)
      if (bytes > 0 && (hasSpilled || queuedBytes + bytes > maxBytes)) {
        hasSpilled = true
        return
      }
      queue.push({ pair: { opening: opened.opening, closing }, segment: opened.segment, bytes })
      queuedBytes += bytes
    },
    drain: async () => {
      const { segment } = journal.end()
      const written = journal.stats().records
      await moveQueue()
      if (hasSpilled) await readBack()
      records = written
      await removeFinished(segment)
    },
    isFull: () => queue.length >= PAIRS_AT_ONCE,
    isEmpty: () => underWay.size === 0 && queue.length === 0 && !hasSpilled,
    records: () => records,
  }
}
