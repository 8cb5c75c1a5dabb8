const redacted = '[redacted]'
const inspect = Symbol.for('nodejs.util.inspect.custom')

/**
 * A text that must not be printed. Logging it, putting it into JSON or into another string shows `[redacted]`;
 * the place that needs the text itself says so with `reveal()`.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself: for the wire and for comparisons, never for output. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [Symbol.toPrimitive](): string {
    return redacted
  }

  static {
    Object.defineProperty(this.prototype, inspect, { value: () => redacted })
  }
}
