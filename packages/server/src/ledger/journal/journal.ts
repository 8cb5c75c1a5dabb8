import { closeSync, fdatasync, openSync, writeSync } from 'node:fs'
import type { LedgerRecord } from '../entry.ts'
import { storeError } from '../../store/store-error.ts'
import type { Schedule } from '../schedule.ts'
import { renderLine } from './line.ts'
import { segmentPath } from './segments.ts'

const SEGMENT_BYTES = 16 * 1024 * 1024
const SYNC_MS = 25

/** The calls a journal makes; tests bring a disk that is full. */
export interface JournalFiles {
  open: (path: string) => number
  /** Gives the bytes that were written. */
  write: (file: number, text: string) => number
  sync: (file: number, done: (error: Error | null) => void) => void
  close: (file: number) => void
}

export interface JournalOptions {
  /** Exists, is locked by this process, and holds no segments yet. */
  folder: string
  schedule: Schedule
  files?: JournalFiles | undefined
  /** A segment that has grown to this is followed by a new one. */
  segmentBytes?: number | undefined
  /** The longest that a record waits for the disk itself. */
  syncMs?: number | undefined
}

/** A place in a journal: all bytes before it are written. */
export interface JournalEnd {
  readonly segment: number
  readonly offset: number
}

export interface JournalStats {
  readonly records: number
  readonly syncs: number
  /** Writes and syncs that failed. */
  readonly failures: number
  /** Closing records that the disk had no room for yet. */
  readonly waiting: number
}

/** The records of one process, appended to files of its own folder. */
export interface Journal {
  /**
   * When it returns the kernel has the record, so that it outlives this process however that ends. The disk has it
   * within `syncMs`.
   *
   * A closing record never fails: what the disk has no room for is written as soon as it has.
   *
   * @returns how many bytes it takes; 0 for one that waits for room.
   * @throws `storage_full` or `journal_unwritable` for an opening record that cannot be written: the request must
   * not go on.
   */
  append: (record: LedgerRecord) => number
  end: () => JournalEnd
  stats: () => JournalStats
  close: () => Promise<void>
}

const nodeFiles: JournalFiles = {
  open: (path) => openSync(path, 'ax', 0o600),
  write: (file, text) => writeSync(file, text),
  sync: fdatasync,
  close: closeSync,
}

/**
 * One `write` a record, made at once: it takes 2 µs, a tenth of what the record itself costs to make and parse.
 * Gathering the records of one turn would save one of those and let a response end before its record is written.
 */
export function createJournal(options: JournalOptions): Journal {
  const { folder, schedule, files = nodeFiles } = options
  const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES
  const syncMs = options.syncMs ?? SYNC_MS

  let segment = 0
  let file: number | undefined
  let offset = 0
  /** The last line was cut off, so nothing may be written behind it. */
  let torn = false
  const waiting: string[] = []
  let syncAsked = false
  let records = 0
  let syncs = 0
  let failures = 0

  const startSegment = (): number => {
    const next = files.open(segmentPath(folder, segment + 1))
    const last = file
    if (last !== undefined) sync(last, () => files.close(last))
    segment += 1
    offset = 0
    torn = false
    file = next
    return next
  }

  const write = (line: string): number => {
    const target = file === undefined || torn || offset >= segmentBytes ? startSegment() : file
    const written = files.write(target, line)
    offset += written
    torn = written !== Buffer.byteLength(line)
    if (torn) throw Object.assign(new Error('the disk took only a part of a record'), { code: 'ENOSPC' })
    records += 1
    return written
  }

  const writeWaiting = (): void => {
    while (waiting[0] !== undefined) {
      write(waiting[0])
      waiting.shift()
    }
  }

  const sync = (target: number, done: () => void): void =>
    files.sync(target, (error) => {
      if (error === null) syncs += 1
      else failures += 1
      done()
    })

  const askForSync = (): void => {
    if (syncAsked) return
    syncAsked = true
    schedule(syncMs, () => {
      syncAsked = false
      try {
        writeWaiting()
      } catch {
        failures += 1
        askForSync()
      }
      if (file !== undefined) sync(file, () => {})
    })
  }

  return {
    append: (record) => {
      const line = renderLine(record)
      let written = 0
      try {
        writeWaiting()
        written = write(line)
      } catch (error) {
        failures += 1
        if (record.type === 'opening') throw cannotWrite(error)
        waiting.push(line)
      }
      askForSync()
      return written
    },
    end: () => ({ segment, offset }),
    stats: () => ({ records, syncs, failures, waiting: waiting.length }),
    close: async () => {
      writeWaiting()
      const last = file
      if (last === undefined) return
      await new Promise<void>((resolve) => {
        sync(last, resolve)
      })
      file = undefined
      files.close(last)
    },
  }
}

const fullCodes = new Set<unknown>(['ENOSPC', 'EDQUOT'])

function cannotWrite(cause: unknown): Error {
  const isFull = cause instanceof Error && 'code' in cause && fullCodes.has(cause.code)
  return isFull
    ? storeError(
        'storage_full',
        'The gateway has no disk space left to write down what requests cost, so it takes none. It goes on by itself when there is space again.',
        cause,
      )
    : storeError(
        'journal_unwritable',
        'The gateway cannot write down what requests cost, so it takes none. The log has the reason.',
        cause,
      )
}
