import type { BaseChannel } from '../channels/index.ts'
import { isChannel, LastValue } from '../channels/index.ts'
import { StateGraphInputError } from '../errors.ts'
import type { AnnotationRoot, SingleReducer, StateDefinition, StateType, UpdateType } from './annotation.ts'
import { AnnotationRoot as Root, toChannel } from './annotation.ts'
import type { ObjectSchema, StandardSchema } from './standard-schema.ts'
import { isObjectSchema, isStandardSchema } from './standard-schema.ts'
import type { StateSchemaInit } from './state-schema.ts'
import { StateSchema, updateSchema } from './state-schema.ts'
import type { ObjectSchemaState, ObjectSchemaUpdate } from './zod-meta.ts'
import { schemaMetaRegistry } from './zod-meta.ts'

/** Everything that declares a state. */
export type StateInit =
  | AnnotationRoot<StateDefinition>
  | StateSchema<StateSchemaInit>
  | ObjectSchema
  | StateDefinition

/** What nodes read of a state, however it is declared. A type that is no declaration stands for itself. */
export type StateOf<Init> = Init extends { readonly State: infer State }
  ? State
  : Init extends { readonly '~standard': unknown }
    ? ObjectSchemaState<Init>
    : Init extends StateDefinition
      ? StateType<Init>
      : Init

/** What nodes write to a state, however it is declared. */
export type UpdateOf<Init> = Init extends { readonly Update: infer Update }
  ? Update
  : Init extends { readonly '~standard': unknown }
    ? ObjectSchemaUpdate<Init>
    : Init extends StateDefinition
      ? UpdateType<Init>
      : Partial<Init>

/** A state as the runtime uses it. */
export interface StateSpec {
  /** Prototypes; each run makes its own from them. */
  readonly channels: Readonly<Record<string, BaseChannel>>
  /** What validates an update, by key; absent where nothing is validated. */
  readonly validators?: Readonly<Record<string, StandardSchema>> | undefined
  /** What it was declared by, where that can write a JSON Schema. */
  readonly source?: StateSchema | ObjectSchema | undefined
  /** Whether keys that are not declared are dropped from input before it is validated. */
  readonly strict: boolean
}

/** Whether a value declares a state. */
export function isStateInit(value: unknown): value is StateInit {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (StateSchema.isInstance(value) || isObjectSchema(value) || Root.isInstance(value)) return true
  const entries = Object.values(value)
  return (
    entries.length > 0 &&
    entries.every((entry) => typeof entry === 'function' || isChannel(entry)) &&
    !isStandardSchema(value)
  )
}

/** @throws {StateGraphInputError} when the value declares no state. */
export function toStateSpec(init: unknown): StateSpec {
  if (StateSchema.isInstance(init)) {
    return {
      channels: init.getChannels(),
      validators: validatorsOf(init.init, updateSchema),
      source: init,
      strict: false,
    }
  }
  if (isObjectSchema(init)) {
    const update = (field: StandardSchema): StandardSchema => schemaMetaRegistry.updateSchema(field)
    return {
      channels: schemaMetaRegistry.getChannelsForSchema(init),
      validators: validatorsOf(init.shape, update),
      source: init,
      strict: true,
    }
  }
  if (Root.isInstance(init)) return { channels: makeChannels(init.spec), strict: false }
  if (isStateInit(init)) return { channels: makeChannels(init as StateDefinition), strict: false }
  throw new StateGraphInputError()
}

/** The older form `{ channels: { key: null | channel | { reducer | value, default } } }`. */
export function legacyStateSpec(channels: Readonly<Record<string, unknown>>): StateSpec {
  return {
    channels: Object.fromEntries(Object.entries(channels).map(([key, entry]) => [key, legacyChannel(entry)])),
    strict: false,
  }
}

function legacyChannel(entry: unknown): BaseChannel {
  if (isChannel(entry)) return entry
  if (typeof entry === 'function') return callOrLast(entry as () => unknown)
  return toChannel(entry as SingleReducer<unknown>) as BaseChannel
}

function callOrLast(make: () => unknown): BaseChannel {
  const made = make()
  return isChannel(made) ? made : new LastValue()
}

function makeChannels(definition: StateDefinition): Record<string, BaseChannel> {
  return Object.fromEntries(
    Object.entries(definition).map(([key, entry]) => [key, typeof entry === 'function' ? entry() : entry]),
  )
}

function validatorsOf<Field>(
  fields: Readonly<Record<string, Field>>,
  schemaOf: (field: Field) => StandardSchema | undefined,
): Record<string, StandardSchema> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, field]) => {
      const schema = schemaOf(field)
      return schema === undefined ? [] : [[key, schema]]
    }),
  )
}
