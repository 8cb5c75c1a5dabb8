import { frameTooLong } from './invalid-frame-error.ts'

/** Bytes kept from one chunk to the next. They are copied, so that a tiny rest never holds a large chunk alive. */
export interface PendingBytes {
  readonly length: number
  /** Throws `InvalidFrameError` when more than the limit would be kept. */
  append(bytes: Uint8Array): void
  /** The bytes kept; valid until the next `append` or `drop`. */
  view(): Uint8Array
  /** Forgets the first `count` bytes. */
  drop(count: number): void
}

const firstCapacity = 1024

/** @param slackBytes kept beyond the limit without complaint, for bytes that do not count. */
export function createPendingBytes(maxBytes: number, slackBytes: number = 0): PendingBytes {
  let store: Uint8Array = new Uint8Array(0)
  let length = 0
  return {
    get length() {
      return length
    },
    append(bytes) {
      const needed = length + bytes.length
      if (needed > maxBytes + slackBytes) throw frameTooLong(maxBytes)
      if (needed > store.length) {
        const grown = new Uint8Array(Math.max(needed, store.length * 2, firstCapacity))
        grown.set(store.subarray(0, length))
        store = grown
      }
      store.set(bytes, length)
      length = needed
    },
    view: () => store.subarray(0, length),
    drop(count) {
      if (count < length) store.copyWithin(0, count, length)
      length = Math.max(0, length - count)
    },
  }
}
