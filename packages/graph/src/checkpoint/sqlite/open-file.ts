import { DatabaseSync } from 'node:sqlite'
import { migrate, readPragma } from './migrations.ts'

/**
 * A commit writes to the end of every table, each time whole pages: with small ones it writes less. Counts for new files
 * only.
 */
const PAGE_BYTES = 2048
/** What SQLite's log of writes may grow to before it is emptied into the file, which waits for the disk. It stays around. */
const LOG_BYTES = 1_800_000

export interface FileOptions {
  readonly synchronous?: 'normal' | 'full' | undefined
  readonly busyTimeoutMs?: number | undefined
}

/** Opens a file with the tables of a saver, which are made when they are missing. */
export function openFile(path: string, { synchronous, busyTimeoutMs = 5000 }: FileOptions): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
    database.exec('PRAGMA journal_mode = WAL')
    database.exec(`PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}`)
    const pages = Math.ceil(LOG_BYTES / readPragma(database, 'page_size'))
    database.exec(`PRAGMA wal_autocheckpoint = ${pages}`)
    migrate(database, path)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
