import { createReader, defaultFrameLimits } from './frame.ts'
import type { Frame, FrameLimits, FrameReader } from './frame.ts'
import { InvalidFrameError } from './invalid-frame-error.ts'
import { createPendingBytes } from './pending-bytes.ts'

const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * A JSON array that is streamed piece by piece (Gemini without `alt=sse`): each element is a frame as soon as it is
 * complete. A body that is one value instead of an array is one frame. Only the nesting is read here, so an element
 * that is not JSON fails where it is parsed; a body that ends inside an element or the array is `truncated`.
 */
export function createJsonArrayReader(limits: FrameLimits = defaultFrameLimits): FrameReader {
  const decoder = new TextDecoder()
  const pending = createPendingBytes(limits.maxFrameBytes)
  let inArray = false
  let inElement = false
  let inString = false
  let escaped = false
  let depth = 0

  const deliver = (bytes: Uint8Array, frames: Frame[]): void => {
    pending.append(bytes)
    frames.push({ data: decoder.decode(pending.view()) })
    pending.drop(pending.length)
    inElement = false
  }

  /** Reads a byte of an element: whether the element ends with it, before it, or goes on. */
  const step = (byte: number): 'with' | 'before' | 'on' => {
    if (inString) {
      if (escaped) escaped = false
      else if (byte === backslash) escaped = true
      else if (byte === quote) {
        inString = false
        if (depth === 0) return 'with'
      }
      return 'on'
    }
    if (byte === quote) inString = true
    else if (byte === openBrace || byte === openBracket) depth += 1
    else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) return 'before'
      depth -= 1
      if (depth === 0) return 'with'
    } else if (depth === 0 && (byte === comma || isSpace(byte))) return 'before'
    return 'on'
  }

  const between = (byte: number): void => {
    if (isSpace(byte) || byte === comma) return
    if (byte === closeBracket && inArray) inArray = false
    else if (byte === openBracket && !inArray) inArray = true
    else if (byte === closeBracket || byte === closeBrace) {
      throw new InvalidFrameError('malformed', 'the streamed JSON closes what it never opened')
    } else inElement = true
  }

  return createReader({
    read(chunk, frames) {
      let start = 0
      for (let index = 0; index < chunk.length; index += 1) {
        const byte = chunk[index] ?? 0
        if (!inElement) {
          between(byte)
          if (!inElement) continue
          start = index
        }
        const ends = step(byte)
        if (ends === 'on') continue
        deliver(chunk.subarray(start, ends === 'with' ? index + 1 : index), frames)
        if (ends === 'before') between(byte)
      }
      if (inElement) pending.append(chunk.subarray(start))
    },
    finish(frames) {
      const isWhole = inElement && depth === 0 && !inString && !inArray
      if (isWhole) return deliver(new Uint8Array(0), frames)
      if (inElement || inArray)
        throw new InvalidFrameError('truncated', 'the streamed JSON ended before it was closed')
    },
  })
}

/** JSON's white space, and the three bytes of a byte order mark. */
const spaces: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf])

function isSpace(byte: number): boolean {
  return spaces.has(byte)
}
