/** Allocated at once, without waiting for the bytes to come. */
const TRUSTED_BYTES = 1024 * 1024
const FIRST_BYTES = 16 * 1024

/**
 * Collects chunks into one buffer. A chunk that is everything is taken as it is. A length that was
 * only announced reserves no more than a megabyte, and chunks of one byte cost one byte each.
 */
export class GrowingBuffer {
  #bytes: Buffer | undefined
  #length = 0
  readonly #expected: number | undefined

  /** @param expected How many bytes will come, when it is known. */
  constructor(expected: number | undefined) {
    this.#expected = expected
  }

  get length(): number {
    return this.#length
  }

  add(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (this.#bytes === undefined) {
      this.#bytes = chunk
    } else {
      // The first chunk is somebody else's memory, and full: this grows before anything is written to it.
      if (length > this.#bytes.length) this.#grow(length)
      chunk.copy(this.#bytes, this.#length)
    }
    this.#length = length
  }

  /** What came so far, without a copy. */
  take(): Buffer {
    return this.#bytes?.subarray(0, this.#length) ?? Buffer.alloc(0)
  }

  #grow(needed: number): void {
    const expected = this.#expected
    const announced = expected === undefined ? FIRST_BYTES : Math.min(expected, TRUSTED_BYTES)
    const wanted = Math.max(announced, needed, this.#length * 2)
    const grown = Buffer.allocUnsafe(
      expected === undefined ? wanted : Math.min(wanted, Math.max(expected, needed)),
    )
    this.#bytes?.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
