import type { Json } from '@switchyard/llm/kit'
import { bodyOf, eventsIn, startOfLast, textIn } from './sse-bytes.ts'

/** Bytes of the end of a stream that are kept, to be read when it is over: usage and finish stand there. */
const TAIL_BYTES = 16 * 1024
/** Bytes of its beginning: Anthropic tells the input's usage there. */
const HEAD_BYTES = 8 * 1024
/** Among so many last events, every format tells how it ended: OpenAI's by its finish, the usage and a last word. */
const LAST_EVENTS = 3
/** A last word is followed by no more than a blank line or two. */
const END_BYTES = 16

/** The beginning and the end of a stream that passes, in whole events. */
export class KeptEnds {
  readonly #head: Buffer[] = []
  #headBytes = 0
  #tail: Buffer[] = []
  #tailBytes = 0
  #totalBytes = 0

  add(whole: Buffer): void {
    this.#totalBytes += whole.length
    if (this.#headBytes < HEAD_BYTES) {
      this.#head.push(whole)
      this.#headBytes += whole.length
    }
    this.#tail.push(whole)
    this.#tailBytes += whole.length
    if (this.#tailBytes >= TAIL_BYTES * 2) this.#shorten()
  }

  /** Whether the stream has ended with a word. */
  endsWith(word: string): boolean {
    const last = this.#tail.at(-1)
    if (last === undefined) return false
    return last.toString('latin1', Math.max(0, last.length - word.length - END_BYTES)).includes(word)
  }

  /**
   * The last few events, and the first where the format tells the input's usage there: enough to know how a
   * whole answer ended.
   */
  ends(boundary: Buffer, withFirst: boolean): Iterable<Json> {
    const last = this.#tail.at(-1)
    const start = last === undefined ? 0 : startOfLast(last, boundary, LAST_EVENTS)
    // Mostly all of them have come together.
    if (last !== undefined && start > 0 && !withFirst) return bodies([last.subarray(start)], boundary)
    return this.#scatteredEnds(boundary, withFirst)
  }

  *#scatteredEnds(boundary: Buffer, withFirst: boolean): Generator<Json> {
    const first = withFirst ? this.#head[0] : undefined
    const pieces: Buffer[] = []
    let missing = LAST_EVENTS
    for (const piece of this.#tail.toReversed()) {
      const start = startOfLast(piece, boundary, missing)
      pieces.unshift(piece.subarray(start))
      missing -= countEvents(piece, start, boundary)
      if (missing <= 0) break
    }
    if (first !== undefined)
      yield* bodies([first.subarray(0, first.indexOf(boundary) + boundary.length)], boundary)
    yield* bodies(pieces, boundary)
  }

  /** Every kept event, once. */
  all(boundary: Buffer): Generator<Json> {
    return bodies(new Set([...this.#head, ...this.#tail]), boundary)
  }

  /** What the answer said: exact where all of it is kept, else as much text as what is kept makes likely. */
  text(boundary: Buffer): string {
    let text = ''
    for (const body of this.all(boundary)) text += textIn(body)
    let keptBytes = 0
    for (const piece of new Set([...this.#head, ...this.#tail])) keptBytes += piece.length
    if (keptBytes >= this.#totalBytes || keptBytes === 0) return text
    const length = Math.ceil((text.length * this.#totalBytes) / keptBytes)
    return text.repeat(Math.ceil(this.#totalBytes / keptBytes)).slice(0, length)
  }

  #shorten(): void {
    let first = 0
    for (const piece of this.#tail) {
      if (this.#tailBytes - piece.length < TAIL_BYTES) break
      this.#tailBytes -= piece.length
      first++
    }
    this.#tail = this.#tail.slice(first)
  }
}

function* bodies(pieces: Iterable<Buffer>, boundary: Buffer): Generator<Json> {
  for (const piece of pieces)
    for (const event of eventsIn(piece, boundary)) {
      const body = bodyOf(event)
      if (body !== undefined) yield body
    }
}

function countEvents(piece: Buffer, start: number, boundary: Buffer): number {
  let count = 0
  for (let at = start; at < piece.length; count++) {
    const next = piece.indexOf(boundary, at)
    if (next < 0) return count + 1
    at = next + boundary.length
  }
  return count
}
