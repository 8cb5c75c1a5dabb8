import { EmptyChannelError } from '../errors.ts'

/**
 * A typed cell of the state. What the tasks of a superstep write is handed over at its end, all at once and in a fixed
 * order; until then everyone reads the old value.
 *
 * @example
 * const total = new BinaryOperatorAggregate<number>((sum, n) => sum + n, () => 0).fromCheckpoint()
 * total.update([1, 2])
 * total.get() // 3
 */
export abstract class BaseChannel<Value = unknown, Update = Value, Stored = unknown> {
  /** Phantom types, for inference only. */
  declare readonly ValueType: Value
  declare readonly UpdateType: Update

  /** Name of the kind, the same in every copy of this package. */
  abstract readonly lc_graph_name: string

  /** False for channels that are kept out of checkpoints. */
  get isTracked(): boolean {
    return true
  }

  /** True for channels that change when a superstep passes in which nobody writes them. */
  get isTransient(): boolean {
    return false
  }

  /** True for channels that change when nothing else is left to run. */
  get isDeferred(): boolean {
    return false
  }

  /** A channel of the same kind that holds what was stored, or nothing yet. */
  abstract fromCheckpoint(stored?: Stored): BaseChannel<Value, Update, Stored>

  /**
   * Takes what one superstep wrote, in order; an empty list says that a superstep passed.
   * @returns whether the channel changed.
   */
  abstract update(values: readonly Update[]): boolean

  /** @throws {EmptyChannelError} when there is no value. */
  abstract get(): Value

  abstract isAvailable(): boolean

  /** What is stored; `undefined` for nothing. */
  abstract checkpoint(): Stored | undefined

  /** A node that it triggered has run. @returns whether the channel changed. */
  consume(): boolean {
    return false
  }

  /** Nothing else is left to run. @returns whether the channel changed. */
  finish(): boolean {
    return false
  }

  /** Whether two declarations of one key mean the same. */
  equals(other: BaseChannel): boolean {
    return this.lc_graph_name === other.lc_graph_name
  }
}

/** Whether a value is a channel, also one of another copy of this package. */
export function isChannel(value: unknown): value is BaseChannel {
  return typeof value === 'object' && value !== null && 'lc_graph_name' in value && 'fromCheckpoint' in value
}

/** Holds at most one value; the base of the kinds that differ only in how writes meet. */
export abstract class ValueChannel<Value, Update = Value> extends BaseChannel<Value, Update, Value> {
  protected held = false
  protected value: Value | undefined

  protected hold(value: Value): void {
    this.held = true
    this.value = value
  }

  protected clear(): void {
    this.held = false
    this.value = undefined
  }

  protected restore(stored: Value | undefined): this {
    if (stored !== undefined) this.hold(stored)
    return this
  }

  get(): Value {
    if (!this.held) throw new EmptyChannelError()
    return this.value as Value
  }

  isAvailable(): boolean {
    return this.held
  }

  checkpoint(): Value | undefined {
    return this.value
  }
}
