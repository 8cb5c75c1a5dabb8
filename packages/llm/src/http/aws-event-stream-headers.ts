import { InvalidFrameError } from './invalid-frame-error.ts'

/** The value of a message header. Integers of all widths are numbers, except 64-bit ones; a UUID is its text. */
export type EventStreamHeader = boolean | number | bigint | string | Uint8Array | Date
export type EventStreamHeaders = Readonly<Record<string, EventStreamHeader>>

const uuidBytes = 16

export function parseEventStreamHeaders(bytes: Uint8Array): Record<string, EventStreamHeader> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder()
  const headers: Record<string, EventStreamHeader> = Object.create(null)
  let offset = 0
  const take = (count: number): number => {
    const start = offset
    offset += count
    if (offset > bytes.length) throw malformed('a header runs past the end of the headers')
    return start
  }
  const takeSized = (): Uint8Array => {
    const length = view.getUint16(take(2))
    const start = take(length)
    return bytes.subarray(start, start + length)
  }
  const takeValue = (type: number): EventStreamHeader => {
    switch (type) {
      case 0:
        return true
      case 1:
        return false
      case 2:
        return view.getInt8(take(1))
      case 3:
        return view.getInt16(take(2))
      case 4:
        return view.getInt32(take(4))
      case 5:
        return view.getBigInt64(take(8))
      case 6:
        return takeSized().slice()
      case 7:
        return decoder.decode(takeSized())
      case 8:
        return new Date(Number(view.getBigInt64(take(8))))
      case 9:
        return uuidText(bytes.subarray(take(uuidBytes), offset))
      default:
        throw malformed(`a header has the unknown type ${type}`)
    }
  }
  while (offset < bytes.length) {
    const nameLength = view.getUint8(take(1))
    const nameStart = take(nameLength)
    const name = decoder.decode(bytes.subarray(nameStart, nameStart + nameLength))
    headers[name] = takeValue(view.getUint8(take(1)))
  }
  return headers
}

export function renderEventStreamHeaders(headers: EventStreamHeaders): Uint8Array {
  const encoder = new TextEncoder()
  const bytes: number[] = []
  for (const [name, value] of Object.entries(headers)) {
    const encodedName = encoder.encode(name)
    bytes.push(encodedName.length, ...encodedName)
    if (typeof value === 'boolean') bytes.push(value ? 0 : 1)
    else if (typeof value === 'number') bytes.push(4, ...bigEndian(4, (view) => view.setInt32(0, value)))
    else if (typeof value === 'bigint') bytes.push(5, ...bigEndian(8, (view) => view.setBigInt64(0, value)))
    else if (value instanceof Date) {
      bytes.push(8, ...bigEndian(8, (view) => view.setBigInt64(0, BigInt(value.getTime()))))
    } else {
      const encoded = typeof value === 'string' ? encoder.encode(value) : value
      bytes.push(
        typeof value === 'string' ? 7 : 6,
        ...bigEndian(2, (view) => view.setUint16(0, encoded.length)),
        ...encoded,
      )
    }
  }
  return Uint8Array.from(bytes)
}

function bigEndian(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length)
  write(new DataView(bytes.buffer))
  return bytes
}

function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function malformed(what: string): InvalidFrameError {
  return new InvalidFrameError('malformed', `AWS event stream: ${what}`)
}
