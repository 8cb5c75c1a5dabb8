import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

const NAME = /^(\d{8})\.log$/

export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(8, '0')}.log`)
}

/** The numbers of a journal's segments, oldest first. */
export async function listSegments(folder: string): Promise<number[]> {
  const names = await readdir(folder)
  return names
    .flatMap((name) => {
      const digits = NAME.exec(name)?.[1]
      return digits === undefined ? [] : [Number(digits)]
    })
    .sort((a, b) => a - b)
}

/** The files of a journal, as they are done away with. */
export interface Segments {
  /** Says that lines of a file are damaged: it will be kept. */
  torn: (path: string, lines: number) => void
  /** Deletes a segment, or keeps it as `….torn` when some of it could not be read. */
  remove: (segment: number) => Promise<void>
}

/** @param onTorn told of a file with lines that the disk has changed. */
export function createSegments(folder: string, onTorn: Segments['torn']): Segments {
  const damaged = new Set<string>()
  return {
    torn: (path, lines) => {
      damaged.add(path)
      onTorn(path, lines)
    },
    remove: async (segment) => {
      const path = segmentPath(folder, segment)
      await (damaged.has(path) ? rename(path, `${path}.torn`) : rm(path, { force: true }))
    },
  }
}
