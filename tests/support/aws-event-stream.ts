import { crc32 } from 'node:zlib'

/** Encodes one AWS event-stream message with string headers (type 7), both checksums correct. */
export function encodeAwsMessage(headers: Record<string, string>, payload: Buffer): Buffer {
  const encoded = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)))
  const total = 12 + encoded.length + payload.length + 4
  const message = Buffer.alloc(total)
  message.writeUInt32BE(total, 0)
  message.writeUInt32BE(encoded.length, 4)
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
  encoded.copy(message, 12)
  payload.copy(message, 12 + encoded.length)
  message.writeUInt32BE(crc32(message.subarray(0, total - 4)), total - 4)
  return message
}

function encodeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name)
  const valueBytes = Buffer.from(value)
  const lengths = Buffer.alloc(2)
  lengths.writeUInt16BE(valueBytes.length)
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, Buffer.from([7]), lengths, valueBytes])
}
