import { createReader, defaultFrameLimits } from './frame.ts'
import type { Frame, FrameLimits, FrameReader } from './frame.ts'
import { frameTooLong } from './invalid-frame-error.ts'
import { createLineReader } from './lines.ts'

/**
 * Server-sent events, as lenient as the services are different: any line end, comments, fields in any order, no space
 * after the colon, a last event without its blank line. `id` and `retry` are ignored; an event without data is none.
 */
export function createSseReader(limits: FrameLimits = defaultFrameLimits): FrameReader {
  const lines = createLineReader(limits.maxFrameBytes)
  let event: string | undefined
  let data: string | undefined

  const dispatch = (frames: Frame[]): void => {
    if (data !== undefined) frames.push(event === undefined ? { data } : { event, data })
    event = undefined
    data = undefined
  }

  const readLine = (line: string): void => {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    if (field !== 'data' && field !== 'event') return
    const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1)
    if (field === 'event') {
      event = value === '' ? undefined : value
      return
    }
    data = data === undefined ? value : `${data}\n${value}`
    if (data.length > limits.maxFrameBytes) throw frameTooLong(limits.maxFrameBytes)
  }

  return createReader({
    read(chunk, frames) {
      lines.push(chunk, (line) => (line === '' ? dispatch(frames) : readLine(line)))
    },
    finish(frames) {
      lines.end(readLine)
      dispatch(frames)
    },
  })
}
