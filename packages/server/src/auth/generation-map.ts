/**
 * A map that forgets what was not asked for lately. It keeps two generations: when the younger one is full it
 * becomes the older one, and what is asked for there moves up. So it holds at most `capacity` entries, a hit costs
 * one look-up, and nothing is moved around for it.
 */
export class GenerationMap<Value> {
  readonly #half: number
  readonly #onForget: ((value: Value) => void) | undefined
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  /** `onForget` hears of what had to make room. */
  constructor(capacity: number, onForget?: (value: Value) => void) {
    this.#half = Math.max(1, Math.floor(capacity / 2))
    this.#onForget = onForget
  }

  get(key: string): Value | undefined {
    const value = this.#young.get(key)
    if (value !== undefined) return value
    const older = this.#old.get(key)
    if (older === undefined) return undefined
    this.set(key, older)
    return older
  }

  set(key: string, value: Value): void {
    this.#old.delete(key)
    if (!this.#young.has(key) && this.#young.size >= this.#half) {
      if (this.#onForget !== undefined) for (const forgotten of this.#old.values()) this.#onForget(forgotten)
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  *values(): Iterable<Value> {
    yield* this.#young.values()
    yield* this.#old.values()
  }
}
