import { crc32 } from 'node:zlib'

/** Keys of requests that were asked before, by their bytes: writing a body in canonical form costs more than the rest of a hit. */
export interface KnownKeys {
  /** @param place everything but the body that bears on the key. */
  readonly keyOf: (place: string, body: Buffer, make: () => string) => string
}

interface Known {
  readonly body: Buffer
  readonly key: string
}

const MAX_BYTES = 8 * 1024 * 1024
/** A longer body would push too many others out. */
const MAX_BODY_BYTES = 1024 * 1024
/** What an entry takes beside its body. */
const ENTRY_BYTES = 512

/** A body up to here is read whole; of a longer one so much at its beginning, in its middle and at its end. */
const WHOLE_BYTES = 12 * 1024
const PART_BYTES = 4 * 1024

/** Bodies that differ mostly differ at the end, where the last question is. */
function sampleOf(body: Buffer): number {
  if (body.length <= WHOLE_BYTES) return crc32(body)
  const middle = (body.length - PART_BYTES) >>> 1
  const begun = crc32(body.subarray(0, PART_BYTES))
  return crc32(body.subarray(-PART_BYTES), crc32(body.subarray(middle, middle + PART_BYTES), begun))
}

export function createKnownKeys(): KnownKeys {
  const entries = new Map<string, Known>()
  let bytes = 0

  const drop = (name: string): void => {
    const entry = entries.get(name)
    if (entry === undefined) return
    entries.delete(name)
    bytes -= entry.body.length + ENTRY_BYTES
  }

  return {
    keyOf: (place, body, make) => {
      if (body.length > MAX_BODY_BYTES) return make()
      // A checksum finds the one that may be the same, in a fifth of the time of a hash that could tell; then all bytes count.
      let name = `${place}\n${body.length} ${sampleOf(body)}`
      let found = entries.get(name)
      if (found?.body.equals(body) === true) return found.key
      if (found !== undefined && body.length > WHOLE_BYTES) {
        // The same sample, another body: both are to be known.
        name += ` ${crc32(body)}`
        found = entries.get(name)
        if (found?.body.equals(body) === true) return found.key
      }
      const key = make()
      drop(name)
      // A body is a part of what a connection has read, which is not to stay.
      entries.set(name, { body: Buffer.from(body), key })
      bytes += body.length + ENTRY_BYTES
      for (const oldest of entries.keys()) {
        if (bytes <= MAX_BYTES) break
        drop(oldest)
      }
      return key
    },
  }
}
