import { readdir } from 'node:fs/promises'
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
