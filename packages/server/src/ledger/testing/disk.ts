import { closeSync, openSync, writeSync } from 'node:fs'
import type { JournalFiles } from '../journal/journal.ts'

/** A disk of a size of one's choice. */
export interface TestDisk {
  readonly files: JournalFiles
  /** How many bytes it takes from now on. */
  setFree: (bytes: number) => void
  readonly syncs: () => number
}

export function testDisk(): TestDisk {
  let free = Number.POSITIVE_INFINITY
  let syncs = 0
  return {
    files: {
      open: (path) => openSync(path, 'ax'),
      write: (file, text) => {
        if (free <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        const written = writeSync(file, Buffer.from(text).subarray(0, free))
        free -= written
        return written
      },
      sync: (_, done) => {
        syncs += 1
        done(null)
      },
      close: closeSync,
    },
    setFree: (bytes) => {
      free = bytes
    },
    syncs: () => syncs,
  }
}
