import type { BatchReducer } from '../channels/index.ts'
import type { StandardSchema } from './standard-schema.ts'

const REDUCED: unique symbol = Symbol.for('langgraph.state.reduced_value') as never
const DELTA: unique symbol = Symbol.for('langgraph.state.delta_value') as never
const UNTRACKED: unique symbol = Symbol.for('langgraph.state.untracked_value') as never

const isMarked = (value: unknown, mark: symbol): boolean =>
  typeof value === 'object' && value !== null && mark in value

interface ReducedValueOptions<Value, Input> {
  readonly reducer: (current: Value, next: Input) => Value
  readonly jsonSchemaExtra?: Record<string, unknown>
}

/**
 * A key of a {@link StateSchema} whose updates meet its value by a reducer.
 * @example new ReducedValue(z.array(z.string()).default(() => []), { inputSchema: z.string(), reducer: (all, one) => [...all, one] })
 */
export class ReducedValue<Value = unknown, Input = Value> {
  readonly valueSchema: StandardSchema<unknown, Value>
  /** Validates updates. */
  readonly inputSchema: StandardSchema<unknown, Input | Value>
  readonly reducer: (current: Value, next: Input) => Value
  readonly jsonSchemaExtra: Record<string, unknown> | undefined
  declare readonly ValueType: Value
  declare readonly InputType: Input

  constructor(
    valueSchema: StandardSchema<unknown, Value>,
    options: ReducedValueOptions<Value, Input> & { readonly inputSchema: StandardSchema<unknown, Input> },
  )
  constructor(valueSchema: StandardSchema<Input, Value>, options: ReducedValueOptions<Value, Value>)
  constructor(
    valueSchema: StandardSchema<unknown, Value>,
    options: ReducedValueOptions<Value, Input> & { readonly inputSchema?: StandardSchema<unknown, Input> },
  ) {
    this.valueSchema = valueSchema
    this.inputSchema = options.inputSchema ?? valueSchema
    this.reducer = options.reducer
    this.jsonSchemaExtra = options.jsonSchemaExtra
    Object.defineProperty(this, REDUCED, { value: true })
  }

  static isInstance(value: unknown): value is ReducedValue {
    return isMarked(value, REDUCED)
  }
}

/** As {@link ReducedValue}, with a reducer that takes all updates of a superstep at once. */
export class DeltaValue<Value = unknown, Input = Value> {
  readonly valueSchema: StandardSchema<unknown, Value>
  readonly inputSchema: StandardSchema<unknown, Input> | undefined
  readonly reducer: BatchReducer<Value, Input>
  readonly jsonSchemaExtra: Record<string, unknown> | undefined
  declare readonly ValueType: Value
  declare readonly InputType: Input

  constructor(
    valueSchema: StandardSchema<unknown, Value>,
    options: {
      readonly reducer: BatchReducer<Value, Input>
      readonly inputSchema?: StandardSchema<unknown, Input>
      readonly jsonSchemaExtra?: Record<string, unknown>
    },
  ) {
    this.valueSchema = valueSchema
    this.inputSchema = options.inputSchema
    this.reducer = options.reducer
    this.jsonSchemaExtra = options.jsonSchemaExtra
    Object.defineProperty(this, DELTA, { value: true })
  }

  static isInstance(value: unknown): value is DeltaValue {
    return isMarked(value, DELTA)
  }
}

/** A key of a {@link StateSchema} that is never stored. Unguarded, the last of several writers of a superstep counts. */
export class UntrackedValue<Value = unknown> {
  readonly schema: StandardSchema<unknown, Value> | undefined
  readonly guard: boolean
  declare readonly ValueType: Value
  declare readonly InputType: Value

  constructor(schema?: StandardSchema<unknown, Value>, options: { readonly guard?: boolean } = {}) {
    this.schema = schema
    this.guard = options.guard ?? true
    Object.defineProperty(this, UNTRACKED, { value: true })
  }

  static isInstance(value: unknown): value is UntrackedValue {
    return isMarked(value, UNTRACKED)
  }
}
