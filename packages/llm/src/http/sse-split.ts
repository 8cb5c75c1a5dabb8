import { defaultFrameLimits } from './frame.ts'
import type { FrameLimits } from './frame.ts'
import { createPendingBytes } from './pending-bytes.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Cuts a stream of server-sent events into the raw bytes of each event, its blank line included, without decoding.
 * The events joined, and the rest, are the stream byte for byte.
 */
export interface SseEventSplitter {
  /** An event that lies in one chunk is a view of it. Throws `InvalidFrameError` when an event passes the limit. */
  push(chunk: Buffer, onEvent: (event: Buffer) => void): void
  /** Bytes held back because their event is incomplete. */
  rest(): number
  /** Hands over the bytes held back: an event whose blank line never came, or nothing. */
  end(onEvent: (event: Buffer) => void): void
}

export function createSseEventSplitter(limits: FrameLimits = defaultFrameLimits): SseEventSplitter {
  const pending = createPendingBytes(limits.maxFrameBytes)
  /** Whether the current line has no bytes yet. */
  let lineIsEmpty = true
  /** A CR was the last byte: an LF that follows belongs to it. */
  let afterReturn = false
  /** The blank line was ended by a CR whose LF is still to come, as the stream's line ends are CRLF. */
  let awaitsLineFeed = false
  let linesEndWithBoth = false

  const deliver = (event: Buffer, onEvent: (event: Buffer) => void): void => {
    if (pending.length === 0) return onEvent(event)
    pending.append(event)
    const whole = Buffer.from(pending.view())
    pending.drop(pending.length)
    onEvent(whole)
  }

  const pushLineFeedsOnly = (chunk: Buffer, onEvent: (event: Buffer) => void): number => {
    let start = 0
    let lineStart = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, lineStart)) {
      if (lineIsEmpty && end === lineStart) {
        deliver(chunk.subarray(start, end + 1), onEvent)
        start = end + 1
      }
      lineIsEmpty = true
      lineStart = end + 1
    }
    if (lineStart < chunk.length) lineIsEmpty = false
    return start
  }

  const pushAnyLineEnds = (chunk: Buffer, onEvent: (event: Buffer) => void): number => {
    let start = 0
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]
      if (byte === lineFeed && afterReturn) {
        afterReturn = false
        linesEndWithBoth = true
        if (awaitsLineFeed) {
          deliver(chunk.subarray(start, index + 1), onEvent)
          start = index + 1
        }
        awaitsLineFeed = false
        continue
      }
      if (awaitsLineFeed) {
        deliver(chunk.subarray(start, index), onEvent)
        start = index
        awaitsLineFeed = false
      }
      afterReturn = byte === carriageReturn
      if (byte !== lineFeed && !afterReturn) {
        lineIsEmpty = false
        continue
      }
      const isBlank = lineIsEmpty
      lineIsEmpty = true
      if (!isBlank) continue
      if (afterReturn && linesEndWithBoth) awaitsLineFeed = true
      else {
        deliver(chunk.subarray(start, index + 1), onEvent)
        start = index + 1
      }
    }
    return start
  }

  return {
    push(chunk, onEvent) {
      const hasReturns = afterReturn || chunk.includes(carriageReturn)
      const start = hasReturns ? pushAnyLineEnds(chunk, onEvent) : pushLineFeedsOnly(chunk, onEvent)
      if (start < chunk.length) pending.append(chunk.subarray(start))
    },
    rest: () => pending.length,
    end(onEvent) {
      if (pending.length > 0) deliver(Buffer.alloc(0), onEvent)
    },
  }
}
