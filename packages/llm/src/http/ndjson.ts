import { createReader, defaultFrameLimits } from './frame.ts'
import type { FrameLimits, FrameReader } from './frame.ts'
import { createLineReader } from './lines.ts'

/** One JSON document a line. Blank lines, which some services send to keep the connection alive, are skipped. */
export function createNdjsonReader(limits: FrameLimits = defaultFrameLimits): FrameReader {
  const lines = createLineReader(limits.maxFrameBytes)
  return createReader({
    read(chunk, frames) {
      lines.push(chunk, (line) => {
        if (line.trim() !== '') frames.push({ data: line })
      })
    },
    finish(frames) {
      lines.end((line) => {
        if (line.trim() !== '') frames.push({ data: line })
      })
    },
  })
}
