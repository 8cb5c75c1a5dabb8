import { parseEventStreamHeaders, renderEventStreamHeaders } from './aws-event-stream-headers.ts'
import type { EventStreamHeader, EventStreamHeaders } from './aws-event-stream-headers.ts'
import { crc32 } from './crc32.ts'
import { createReader, defaultFrameLimits } from './frame.ts'
import type { Frame, FrameLimits, FrameReader } from './frame.ts'
import { frameTooLong, InvalidFrameError } from './invalid-frame-error.ts'
import { createPendingBytes } from './pending-bytes.ts'

const preludeBytes = 12
const checksumBytes = 4
const smallestMessage = preludeBytes + checksumBytes

/**
 * AWS event-stream messages (`application/vnd.amazon.eventstream`): total length, length of the headers, checksum of
 * both, headers, payload, checksum of all; big-endian. A frame's `event` is the event type, the exception type or the
 * error code, as its `kind` says.
 */
export function createAwsEventStreamReader(limits: FrameLimits = defaultFrameLimits): FrameReader {
  const pending = createPendingBytes(Number.MAX_SAFE_INTEGER)
  const decoder = new TextDecoder()
  let needed = preludeBytes

  /** Reads the message at `offset`: its length, or undefined while it is incomplete. */
  const readMessage = (bytes: Uint8Array, offset: number, frames: Frame[]): number | undefined => {
    const available = bytes.length - offset
    needed = preludeBytes
    if (available < preludeBytes) return undefined
    const prelude = readPrelude(bytes.subarray(offset, offset + preludeBytes), limits.maxFrameBytes)
    needed = prelude.totalBytes
    if (available < needed) return undefined
    frames.push(readFrame(bytes.subarray(offset, offset + needed), prelude.headerBytes, decoder))
    return needed
  }

  return createReader({
    read(chunk, frames) {
      let bytes = chunk
      if (pending.length > 0) {
        pending.append(chunk)
        if (pending.length < needed) return
        bytes = pending.view()
      }
      let offset = 0
      let length = readMessage(bytes, offset, frames)
      while (length !== undefined) {
        offset += length
        length = readMessage(bytes, offset, frames)
      }
      if (pending.length > 0) pending.drop(offset)
      else if (offset < bytes.length) pending.append(bytes.subarray(offset))
    },
    finish() {
      if (pending.length === 0) return
      throw new InvalidFrameError('truncated', 'AWS event stream: the body ended inside a message')
    },
  })
}

/** Renders one message. Integer headers become 32-bit, bigint ones 64-bit. */
export function encodeEventStreamMessage(headers: EventStreamHeaders, payload: Uint8Array): Uint8Array {
  const encodedHeaders = renderEventStreamHeaders(headers)
  const message = new Uint8Array(smallestMessage + encodedHeaders.length + payload.length)
  const view = new DataView(message.buffer)
  view.setUint32(0, message.length)
  view.setUint32(4, encodedHeaders.length)
  view.setUint32(8, crc32(message.subarray(0, 8)))
  message.set(encodedHeaders, preludeBytes)
  message.set(payload, preludeBytes + encodedHeaders.length)
  view.setUint32(message.length - checksumBytes, crc32(message.subarray(0, message.length - checksumBytes)))
  return message
}

function readPrelude(prelude: Uint8Array, maxBytes: number): { totalBytes: number; headerBytes: number } {
  const view = new DataView(prelude.buffer, prelude.byteOffset, prelude.byteLength)
  if (view.getUint32(8) !== crc32(prelude.subarray(0, 8))) throw badChecksum('prelude')
  const totalBytes = view.getUint32(0)
  const headerBytes = view.getUint32(4)
  if (totalBytes > maxBytes) throw frameTooLong(maxBytes)
  if (totalBytes < smallestMessage + headerBytes) {
    throw new InvalidFrameError('malformed', 'AWS event stream: a message is shorter than its own headers')
  }
  return { totalBytes, headerBytes }
}

function readFrame(message: Uint8Array, headerBytes: number, decoder: TextDecoder): Frame {
  const payloadEnd = message.length - checksumBytes
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  if (view.getUint32(payloadEnd) !== crc32(message.subarray(0, payloadEnd))) throw badChecksum('message')
  const payloadStart = preludeBytes + headerBytes
  const headers = parseEventStreamHeaders(message.subarray(preludeBytes, payloadStart))
  const data = decoder.decode(message.subarray(payloadStart, payloadEnd))
  switch (headers[':message-type']) {
    case 'exception':
      return { event: text(headers[':exception-type']), data, kind: 'exception' }
    case 'error':
      return {
        event: text(headers[':error-code']),
        data: data || (text(headers[':error-message']) ?? ''),
        kind: 'error',
      }
    default:
      return { event: text(headers[':event-type']), data, kind: 'event' }
  }
}

function text(header: EventStreamHeader | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

function badChecksum(part: string): InvalidFrameError {
  return new InvalidFrameError('bad_checksum', `AWS event stream: the checksum of a ${part} is wrong`)
}
