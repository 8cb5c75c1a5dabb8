import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** `SQLITE_BUSY`: another connection holds the lock. */
const BUSY = 5

/**
 * Takes a folder for as long as this process lives, or until the returned function is called. `undefined`: another
 * living process has it.
 *
 * It is SQLite's own lock on a file that stays empty: the kernel drops it with the process, however that dies. A
 * process id in a file says nothing in a container, where every process is number 1.
 */
export function lockFolder(folder: string): (() => void) | undefined {
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return () => database.close()
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return undefined
    throw error
  }
}
