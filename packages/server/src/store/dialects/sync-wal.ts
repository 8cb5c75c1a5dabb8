import { open } from 'node:fs/promises'

/**
 * Brings SQLite's log of changes to the disk without its help and without keeping the process from anything else. What
 * is not in the log any more has been brought to the file itself, which SQLite waits for.
 */
export async function syncWal(file: string): Promise<void> {
  try {
    // The locks of SQLite are on other files, so that closing this one lets go of none.
    const log = await open(`${file}-wal`, 'r+')
    try {
      await log.datasync()
    } finally {
      await log.close()
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
