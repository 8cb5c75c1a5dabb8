import type { BaseChannel } from '../channels/index.ts'
import { BinaryOperatorAggregate, DeltaChannel, LastValue, UntrackedValueChannel } from '../channels/index.ts'
import { InvalidUpdateError } from '../errors.ts'
import type { DeclaredNode } from '../node/function.ts'
import type { SchemaInput, SchemaOutput, SchemaResult, StandardSchema } from './standard-schema.ts'
import { isStandardSchema, schemaDefault, toJsonSchema } from './standard-schema.ts'
import { DeltaValue, ReducedValue, UntrackedValue } from './values.ts'

/** A field of a {@link StateSchema}: a validator, or a value with a reducer, or one that is not stored. */
export type StateSchemaField = StandardSchema | { readonly ValueType: unknown; readonly InputType: unknown }

/** The fields that a {@link StateSchema} is made from. */
export type StateSchemaInit = Readonly<Record<string, StateSchemaField>>

/** What nodes read. */
export type StateSchemaValue<Init extends StateSchemaInit> = {
  [Key in keyof Init]: Init[Key] extends { readonly ValueType: infer Value } ? Value : SchemaOutput<Init[Key]>
}

/** What nodes write. */
export type StateSchemaUpdate<Init extends StateSchemaInit> = {
  [Key in keyof Init]?: Init[Key] extends { readonly InputType: infer Input } ? Input : SchemaInput<Init[Key]>
}

const MARK: unique symbol = Symbol.for('langgraph.state.state_schema') as never

/**
 * A state whose keys are declared by any validator of the Standard Schema family. Input and updates are validated.
 *
 * @example
 * const State = new StateSchema({
 *   question: z.string(),
 *   notes: new ReducedValue(z.array(z.string()).default(() => []), { inputSchema: z.string(), reducer: (all, one) => [...all, one] }),
 * })
 */
export class StateSchema<Init extends StateSchemaInit = StateSchemaInit> {
  readonly init: Init
  declare readonly State: StateSchemaValue<Init>
  declare readonly Update: StateSchemaUpdate<Init>
  /** The type of a function that is a node over this state. */
  declare readonly Node: DeclaredNode<StateSchemaValue<Init>, StateSchemaUpdate<Init>>['node']

  constructor(init: Init) {
    this.init = init
    Object.defineProperty(this, MARK, { value: true })
  }

  /** One fresh channel a field. */
  getChannels(): Record<string, BaseChannel> {
    return Object.fromEntries(
      Object.entries(this.init).map(([key, field]) => [key, fieldChannel(key, field)]),
    )
  }

  getChannelKeys(): string[] {
    return Object.keys(this.init)
  }

  getAllKeys(): string[] {
    return Object.keys(this.init)
  }

  /** JSON Schema of the whole state. */
  getJsonSchema(): Record<string, unknown> {
    const entries = Object.entries(this.init).map(([key, field]) => [key, valueSchema(field)] as const)
    const required = entries
      .filter(([, schema]) => schema !== undefined && schemaDefault(schema) === undefined)
      .map(([key]) => key)
    return {
      type: 'object',
      properties: Object.fromEntries(
        entries.flatMap(([key, schema]) =>
          schema === undefined
            ? []
            : [[key, { ...(toJsonSchema(schema) as object), ...extraOf(this.init[key]) }]],
        ),
      ),
      ...(required.length > 0 && { required }),
    }
  }

  /** JSON Schema of an update: every key is optional. */
  getInputJsonSchema(): Record<string, unknown> {
    const entries = Object.entries(this.init).flatMap(([key, field]) => {
      const schema = updateSchema(field)
      return schema === undefined ? [] : [[key, toJsonSchema(schema)]]
    })
    return { type: 'object', properties: Object.fromEntries(entries) }
  }

  /** @throws {InvalidUpdateError} naming the first field that does not fit. Keys without a field pass. */
  async validateInput<Data>(data: Data): Promise<Data> {
    if (typeof data !== 'object' || data === null) return data
    const checked: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(data)) {
      const schema = updateSchema(this.init[key])
      checked[key] = schema === undefined ? value : await validateField(key, schema, value)
    }
    return checked as Data
  }

  static isInstance(value: unknown): value is StateSchema {
    return typeof value === 'object' && value !== null && MARK in value
  }
}

/** @throws {InvalidUpdateError} when the value does not fit; a promise only when the validator needs one. */
export function validateField(key: string, schema: StandardSchema, value: unknown): unknown {
  const result = schema['~standard'].validate(value)
  return result instanceof Promise ? result.then((later) => settle(key, later)) : settle(key, result)
}

function settle(key: string, result: SchemaResult<unknown>): unknown {
  if ('value' in result) return result.value
  const details = result.issues.map(({ message, path }) => {
    const at = [key, ...(path ?? []).map((part) => (typeof part === 'object' ? part.key : part))]
    return `${at.map(String).join('.')}: ${message}`
  })
  throw new InvalidUpdateError(`Validation failed for field "${key}": ${details.join('; ')}`, {
    cause: result.issues,
  })
}

function fieldChannel(key: string, field: StateSchemaField): BaseChannel {
  if (ReducedValue.isInstance(field)) {
    return new BinaryOperatorAggregate(field.reducer, schemaDefault(field.valueSchema))
  }
  if (DeltaValue.isInstance(field)) {
    const initial = schemaDefault(field.valueSchema)
    return new DeltaChannel(field.reducer, initial === undefined ? {} : { default: initial })
  }
  if (UntrackedValue.isInstance(field)) {
    const initial = schemaDefault(field.schema)
    return new UntrackedValueChannel({
      guard: field.guard,
      ...(initial !== undefined && { initialValueFactory: initial }),
    })
  }
  if (isStandardSchema(field)) return new LastValue(schemaDefault(field))
  throw new Error(
    `Invalid state field "${key}": must be a schema, ReducedValue, DeltaValue or UntrackedValue`,
  )
}

function valueSchema(field: StateSchemaField): StandardSchema | undefined {
  if (ReducedValue.isInstance(field) || DeltaValue.isInstance(field)) return field.valueSchema
  if (UntrackedValue.isInstance(field)) return field.schema
  return isStandardSchema(field) ? field : undefined
}

/** What validates an update of a field; nothing where anything goes. */
export function updateSchema(field: StateSchemaField | undefined): StandardSchema | undefined {
  if (ReducedValue.isInstance(field)) return field.inputSchema
  if (DeltaValue.isInstance(field)) return field.inputSchema
  if (UntrackedValue.isInstance(field)) return field.schema
  return isStandardSchema(field) ? field : undefined
}

function extraOf(field: StateSchemaField | undefined): Record<string, unknown> | undefined {
  return ReducedValue.isInstance(field) || DeltaValue.isInstance(field) ? field.jsonSchemaExtra : undefined
}
