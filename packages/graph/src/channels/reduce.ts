import { overwriteOf } from '../control.ts'
import { InvalidUpdateError } from '../errors.ts'
import type { BaseChannel } from './channel.ts'
import { ValueChannel } from './channel.ts'

/** How a value and an update meet. */
export type BinaryOperator<Value, Update = Value> = (value: Value, update: Update) => Value

/** Folds what is written into the value, in the order of the tasks. Without an initial value the first write is it. */
export class BinaryOperatorAggregate<Value, Update = Value> extends ValueChannel<Value, Update> {
  readonly lc_graph_name: string = 'BinaryOperatorAggregate'
  readonly operator: BinaryOperator<Value, Update>
  readonly initialValueFactory: (() => Value) | undefined

  constructor(operator: BinaryOperator<Value, Update>, initialValueFactory?: () => Value) {
    super()
    this.operator = operator
    this.initialValueFactory = initialValueFactory
    if (initialValueFactory !== undefined) this.hold(initialValueFactory())
  }

  fromCheckpoint(stored?: Value): BinaryOperatorAggregate<Value, Update> {
    if (stored === undefined) return new BinaryOperatorAggregate(this.operator, this.initialValueFactory)
    return new BinaryOperatorAggregate<Value, Update>(this.operator).withInitial(
      this.initialValueFactory,
      stored,
    )
  }

  private withInitial(initial: (() => Value) | undefined, stored: Value): this {
    ;(this as { initialValueFactory: (() => Value) | undefined }).initialValueFactory = initial
    return this.restore(stored)
  }

  update(values: readonly Update[]): boolean {
    if (values.length === 0) return false
    const replacement = soleOverwrite(values)
    if (replacement !== undefined) {
      this.hold(replacement.value as Value)
      return true
    }
    let rest = values
    if (!this.held) {
      this.hold(values[0] as Value)
      rest = values.slice(1)
    }
    let value = this.value as Value
    for (const update of rest) value = this.operator(value, update)
    this.value = value
    return true
  }

  override equals(other: BaseChannel): boolean {
    if (this === (other as unknown)) return true
    return other instanceof BinaryOperatorAggregate && other.operator === this.operator
  }
}

/** The overwrite among the writes of a superstep, if there is one. */
function soleOverwrite(values: readonly unknown[]): { readonly value: unknown } | undefined {
  let found: { readonly value: unknown } | undefined
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue
    const overwrite = overwriteOf(value)
    if (overwrite === undefined) continue
    if (found !== undefined) {
      throw new InvalidUpdateError('Can receive only one Overwrite value per step.', {
        lc_error_code: 'INVALID_CONCURRENT_GRAPH_UPDATE',
      })
    }
    found = overwrite
  }
  return found
}

/** How a value and all updates of a superstep meet. However they are batched, the result must be the same. */
export type BatchReducer<Value, Update = Value> = (value: Value, updates: Update[]) => Value

/**
 * As {@link BinaryOperatorAggregate}, with a reducer that takes all writes of a superstep at once. Every list is stored
 * as what was added to it, so this kind stores no less than the others; it is here for programs that name it.
 */
export class DeltaChannel<Value, Update = Value> extends ValueChannel<Value, Update> {
  readonly lc_graph_name: string = 'DeltaChannel'
  readonly reducer: BatchReducer<Value, Update>
  readonly initialValueFactory: (() => Value) | undefined

  constructor(
    reducer: BatchReducer<Value, Update>,
    options: { readonly default?: () => Value; readonly initialValueFactory?: () => Value } = {},
  ) {
    super()
    this.reducer = reducer
    this.initialValueFactory = options.initialValueFactory ?? options.default
    if (this.initialValueFactory !== undefined) this.hold(this.initialValueFactory())
  }

  fromCheckpoint(stored?: Value): DeltaChannel<Value, Update> {
    const options = this.initialValueFactory === undefined ? {} : { default: this.initialValueFactory }
    return new DeltaChannel<Value, Update>(this.reducer, options).restore(stored)
  }

  update(values: readonly Update[]): boolean {
    if (values.length === 0) return false
    const replacement = soleOverwrite(values)
    if (replacement !== undefined) this.hold(replacement.value as Value)
    else this.hold(this.reducer(this.held ? (this.value as Value) : ([] as Value), [...values]))
    return true
  }

  override equals(other: BaseChannel): boolean {
    return other instanceof DeltaChannel && other.reducer === this.reducer
  }
}
