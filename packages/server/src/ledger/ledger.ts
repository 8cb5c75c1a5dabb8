import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Database } from '../store/database.ts'
import { storeError } from '../store/store-error.ts'
import { createBacklog } from './backlog.ts'
import type { Backlog } from './backlog.ts'
import type { ClosingRecord, OpeningRecord } from './entry.ts'
import { createIngest } from './ingest.ts'
import { createConsumer } from './journal/consumer.ts'
import { createJournal } from './journal/journal.ts'
import type { Journal, JournalFiles, JournalStats } from './journal/journal.ts'
import { renderLine } from './journal/line.ts'
import { lockFolder } from './journal/lock.ts'
import { createSegments, listSegments } from './journal/segments.ts'
import { estimate } from './pairing.ts'
import type { Pair } from './pairing.ts'
import { rejecting } from './reject.ts'
import { timers } from './schedule.ts'
import type { Schedule } from './schedule.ts'
import { createWriter } from './writer.ts'
import type { Writer } from './writer.ts'

/** Pairs of a dead process that cannot be paired any more are ingested in pieces of this many. */
const ESTIMATES_AT_ONCE = 500
/** Longer than a process needs between making its folder and locking it. */
const MAKING_MS = 60_000

export interface LedgerOptions {
  database: Database
  /** Where the journals of this machine's processes are: each has a folder of its own in it. */
  folder: string
  /** This process: a name that no other process has or had. */
  owner: string
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  nowMs: () => number
  schedule?: Schedule | undefined
  /** How often closed requests are moved into the database, where there are few. */
  everyMs?: number | undefined
  /** How much of them is kept in memory. */
  maxBacklogBytes?: number | undefined
  files?: JournalFiles | undefined
  segmentBytes?: number | undefined
  /**
   * Told of each request found in the journal of a process that died, once it is in the database: its holds can be
   * settled. It may be told of one twice.
   */
  onReplayed?: ((pair: Pair) => void | Promise<void>) | undefined
}

/** Every request's money: written down at once, moved into the database soon. */
export interface Ledger {
  /**
   * Before a provider is asked.
   *
   * @throws `storage_full` or `journal_unwritable`: the request must not go on.
   */
  open: (record: OpeningRecord) => void
  /** Before the last byte goes to the client. Never fails. */
  close: (record: ClosingRecord) => void
  /** Takes a journal, and brings those of processes that died into the database, as far as it can be reached. */
  start: () => Promise<void>
  /** Moves everything that is closed by now into the database. */
  flush: () => Promise<void>
  /** Moves what it can, and leaves the rest to the next start. */
  stop: () => Promise<void>
  stats: () => LedgerStats
}

export interface LedgerStats extends JournalStats {
  /** Records that are not in the database yet, those of requests under way left out. */
  readonly pending: number
  /** How old the oldest of them is at most. */
  readonly lagMs: number
}

/** What a started ledger has. */
interface Running {
  readonly journal: Journal
  readonly backlog: Backlog
  readonly writer: Writer
  readonly release: () => void
}

export function createLedger(options: LedgerOptions): Ledger {
  const { folder, owner, log, nowMs, schedule = timers } = options
  const own = join(folder, owner)
  const reject = async (pair: Pair, error: unknown): Promise<void> => {
    const path = join(folder, 'rejected.log')
    await appendFile(path, renderLine(pair.opening) + renderLine(pair.closing), { mode: 0o600 })
    log.error(
      { id: pair.opening.requestId, path, error },
      'the database does not take the ledger entry of a request; it is kept in a file',
    )
  }
  const ingest = rejecting(createIngest(options.database, nowMs), reject)
  const onTorn = (path: string, lines: number): void =>
    log.error({ path, lines }, 'lines of a journal are damaged; the file is kept beside it')
  let running: Running | undefined

  const adopt = async (name: string): Promise<void> => {
    const abandoned = join(folder, name)
    if (await isBeingMade(abandoned, nowMs())) return
    const release = lockFolder(abandoned)
    if (release === undefined) return
    const take = async (pairs: readonly Pair[]): Promise<void> => {
      await ingest(pairs)
      for (const pair of pairs) await options.onReplayed?.(pair)
    }
    const segments = createSegments(abandoned, onTorn)
    const { sync } = options.database
    const consumer = createConsumer({ folder: abandoned, segments, take, sync })
    try {
      await consumer.drain()
      const estimates = consumer.open().map((opening) => estimate(opening, nowMs()))
      for (let start = 0; start < estimates.length; start += ESTIMATES_AT_ONCE)
        await take(estimates.slice(start, start + ESTIMATES_AT_ONCE))
      await sync()
      await removeJournal(abandoned)
      if (consumer.records() > 0)
        log.info(
          { owner: name, records: consumer.records(), estimated: estimates.length },
          'the journal of a process that died is in the database',
        )
    } finally {
      await consumer.close()
      release()
    }
  }

  const adoptAll = async (): Promise<void> => {
    const folders = await readdir(folder, { withFileTypes: true })
    for (const entry of folders) if (entry.isDirectory() && entry.name !== owner) await adopt(entry.name)
  }

  const started = (): Running => {
    if (running === undefined) throw storeError('journal_unwritable', 'The ledger is not running.')
    return running
  }

  return {
    open: (record) => {
      const { journal, backlog } = started()
      journal.append(record)
      backlog.opened(record, journal.end().segment)
    },
    close: (record) => {
      const { journal, backlog, writer } = started()
      backlog.closed(record, journal.append(record))
      if (backlog.isFull()) writer.wake()
    },
    start: async () => {
      await mkdir(own, { recursive: true, mode: 0o700 })
      const release = lockFolder(own)
      if (release === undefined)
        throw storeError('journal_unwritable', `Another process writes the journal in ${own}.`)
      const journal = createJournal({
        folder: own,
        schedule,
        files: options.files,
        segmentBytes: options.segmentBytes,
      })
      const backlog = createBacklog({
        folder: own,
        journal,
        segments: createSegments(own, onTorn),
        take: ingest,
        sync: options.database.sync,
        maxBytes: options.maxBacklogBytes,
      })
      const writer = createWriter({
        drain: backlog.drain,
        isUrgent: backlog.isFull,
        adopt: adoptAll,
        log,
        nowMs,
        schedule,
        everyMs: options.everyMs,
      })
      running = { journal, backlog, writer, release }
      await writer.start()
    },
    flush: async () => await started().writer.flush(),
    stop: async () => {
      if (running === undefined) return
      const { journal, backlog, writer, release } = running
      running = undefined
      await journal.close().catch((error: unknown) => log.error({ error }, 'the journal could not be closed'))
      if ((await writer.stop()) && backlog.isEmpty()) {
        await options.database.sync()
        await removeJournal(own)
      }
      release()
    },
    stats: () => {
      const { journal, backlog, writer } = started()
      const written = journal.stats()
      const pending = written.records - backlog.records()
      return { ...written, pending, lagMs: pending === 0 ? 0 : writer.lagMs() }
    },
  }
}

/** Whether a process may be about to lock it: it has no segment before that. */
async function isBeingMade(folder: string, nowMs: number): Promise<boolean> {
  if ((await listSegments(folder)).length > 0) return false
  return nowMs - (await stat(folder)).mtimeMs < MAKING_MS
}

/** Removes a journal's folder, unless damaged segments are kept in it. */
async function removeJournal(folder: string): Promise<void> {
  const names = await readdir(folder)
  if (names.some((name) => name.endsWith('.torn'))) return
  await rm(folder, { recursive: true, force: true })
}
