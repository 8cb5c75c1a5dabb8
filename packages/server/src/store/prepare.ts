import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { createChanges } from './changes.ts'
import type { Changes } from './changes.ts'
import { openDatabase } from './database.ts'
import type { Database, DatabaseInput } from './database.ts'
import { migrate } from './migrate.ts'
import { isStoreError, storeError } from './store-error.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000

export interface PreparedDatabase {
  /** Its `ping` also fails while the tables are not there. */
  readonly database: Database
  readonly changes: Changes
  /**
   * When the tables are there. It fails when they never will be: `schema_version_mismatch`, or whatever a migration
   * failed with.
   */
  readonly ready: Promise<void>
  readonly close: () => Promise<void>
}

export interface PrepareInput extends DatabaseInput {
  /** Tells this process from others. */
  readonly instance: string
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>
}

/**
 * The database as a server needs it: opened, with its tables of this release. One that cannot be reached does not keep
 * the server from starting: it is asked again, for ever, and until then every query fails with `db_unavailable`.
 *
 * @throws What keeps it from ever being ready, when that is known at once.
 */
export async function prepareDatabase(input: PrepareInput): Promise<PreparedDatabase> {
  if (input.url === undefined && input.file !== undefined && input.file !== ':memory:')
    await mkdir(dirname(input.file), { recursive: true, mode: 0o700 })
  const opened = await openDatabase(input)
  const url = typeof input.url === 'object' ? input.url.reveal() : input.url
  let hasTables = false
  const database: Database = {
    ...opened,
    ping: async () => {
      if (!hasTables)
        throw storeError('db_unavailable', `The database ${opened.place} has no tables of this release yet.`)
      await opened.ping()
    },
  }
  const changes = await createChanges({ ...input, database, url })
  const closing = new AbortController()
  const close = async (): Promise<void> => {
    closing.abort()
    await changes.close()
    await database.close()
  }
  const attempt = async (): Promise<void> => {
    await migrateAt(input, database)
    await opened.ping()
    hasTables = true
  }
  try {
    await attempt()
    return { database, changes, ready: Promise.resolve(), close }
  } catch (error) {
    if (!mayPass(error, database)) {
      await close()
      throw error
    }
    input.log.warn({ err: error }, `the database ${database.place} is not there yet; it is asked again`)
    const ready = attemptUntilReady(attempt, database, input, closing.signal)
    // Whoever waits for it is told; nobody has to.
    ready.catch(() => undefined)
    return { database, changes, ready, close }
  }
}

async function attemptUntilReady(
  attempt: () => Promise<void>,
  database: Database,
  { log, random = Math.random }: PrepareInput,
  closing: AbortSignal,
): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    await sleep(pauseMs * (0.5 + random() / 2), undefined, { signal: closing })
    try {
      await attempt()
      log.info(`the database ${database.place} is ready`)
      return
    } catch (error) {
      if (!mayPass(error, database)) throw error
    }
  }
}

/** Steps may take their time, so PostgreSQL is asked over a connection without a time limit. */
async function migrateAt(input: PrepareInput, database: Database): Promise<void> {
  const own =
    database.dialect === 'sqlite'
      ? database
      : await openDatabase({ ...input, limits: { ...input.limits, connections: 1, statementTimeoutMs: 0 } })
  try {
    const taken = await migrate(own)
    for (const { version, name } of taken) input.log.debug(`the database has step ${version} now: ${name}`)
  } finally {
    if (own !== database) await own.close()
  }
}

/** A file that cannot be opened stays so; a lock and a network come and go. */
function mayPass(error: unknown, { dialect }: Database): boolean {
  if (dialect === 'sqlite') return isStoreError(error, 'db_overloaded', 'storage_full')
  return isStoreError(error, 'db_unavailable', 'db_overloaded', 'storage_full', 'transaction_conflict')
}
