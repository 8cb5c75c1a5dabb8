import { frameTooLong } from './invalid-frame-error.ts'
import { createPendingBytes } from './pending-bytes.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const longestLineEnd = 2
const byteOrderMark = '\uFEFF'

/** Cuts UTF-8 bytes into lines that end with LF, CRLF or CR. A byte order mark at the very beginning is dropped. */
export interface LineReader {
  /** Calls `onLine` with each complete line, without its end. */
  push(chunk: Uint8Array, onLine: (line: string) => void): void
  /** Calls `onLine` with the last line when it had no end. A code point cut in two at the end is left out. */
  end(onLine: (line: string) => void): void
}

/**
 * Bytes are only decoded up to the last line end seen: a code point never spans a line end, so no decoder state is
 * carried, each byte is decoded once, and the whole text of a chunk is decoded in one native call.
 */
export function createLineReader(maxLineBytes: number): LineReader {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const pending = createPendingBytes(maxLineBytes, longestLineEnd)
  let atStart = true
  let skipLineFeed = false

  const decode = (bytes: Uint8Array, mayEndInsideCodePoint = false): string => {
    const text = decoder.decode(bytes, { stream: mayEndInsideCodePoint })
    if (!atStart) return text
    atStart = false
    return text.startsWith(byteOrderMark) ? text.slice(1) : text
  }

  const complete = (bytes: Uint8Array): string => {
    if (pending.length === 0) return decode(bytes)
    const firstEnd = endOfFirstLine(bytes)
    pending.append(bytes.subarray(0, firstEnd))
    const text = decode(pending.view())
    pending.drop(pending.length)
    return firstEnd === bytes.length ? text : text + decode(bytes.subarray(firstEnd))
  }

  return {
    push(chunk, onLine) {
      let bytes = chunk
      if (skipLineFeed && bytes.length > 0) {
        if (bytes[0] === lineFeed) bytes = bytes.subarray(1)
        skipLineFeed = false
      }
      const end = endOfLastLine(bytes)
      if (end > 0) {
        skipLineFeed = bytes[end - 1] === carriageReturn && end === bytes.length
        const text = complete(bytes.subarray(0, end))
        forEachLine(text, maxLineBytes, onLine)
      }
      if (end < bytes.length) pending.append(bytes.subarray(end))
    },
    end(onLine) {
      if (pending.length === 0) return
      const line = decode(pending.view(), true)
      pending.drop(pending.length)
      if (line !== '') onLine(line)
    },
  }
}

function endOfLastLine(bytes: Uint8Array): number {
  const afterLineFeed = bytes.lastIndexOf(lineFeed) + 1
  return afterLineFeed + bytes.subarray(afterLineFeed).lastIndexOf(carriageReturn) + 1
}

function endOfFirstLine(bytes: Uint8Array): number {
  const feed = bytes.indexOf(lineFeed)
  const head = feed === -1 ? bytes : bytes.subarray(0, feed)
  const carriage = head.indexOf(carriageReturn)
  if (carriage === -1) return feed + 1
  return carriage + 1 === feed ? feed + 1 : carriage + 1
}

function forEachLine(text: string, maxLineLength: number, onLine: (line: string) => void): void {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  let start = 0
  for (let end = lines.indexOf('\n'); end !== -1; end = lines.indexOf('\n', start)) {
    if (end - start > maxLineLength) throw frameTooLong(maxLineLength)
    onLine(lines.slice(start, end))
    start = end + 1
  }
}
