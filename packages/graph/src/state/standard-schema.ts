/** One thing that a validator found wrong. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What a validator answers. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** Any validator that follows Standard Schema (zod, valibot, arktype …). Its structure only: no package is needed. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** A validator of objects that shows its fields, as zod's does. */
export interface ObjectSchema<
  Shape extends Record<string, StandardSchema> = Record<string, StandardSchema>,
> extends StandardSchema {
  readonly shape: Shape
}

/** What a validator accepts. */
export type SchemaInput<Schema> = Schema extends {
  readonly '~standard': { readonly types?: { readonly input: infer Input } | undefined }
}
  ? Input
  : unknown

/** What a validator yields. */
export type SchemaOutput<Schema> = Schema extends {
  readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined }
}
  ? Output
  : unknown

/** Whether a value is a validator. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    '~standard' in value &&
    typeof (value['~standard'] as { validate?: unknown } | null)?.validate === 'function'
  )
}

/** Whether a value is a validator of objects whose fields can be seen. */
export function isObjectSchema(value: unknown): value is ObjectSchema {
  return (
    isStandardSchema(value) && 'shape' in value && typeof value.shape === 'object' && value.shape !== null
  )
}

/**
 * What a validator makes of a missing value, as a maker of fresh ones. `undefined` when it has no default, or when only
 * a promise could tell.
 */
export function schemaDefault(schema: StandardSchema | undefined): (() => unknown) | undefined {
  if (schema === undefined) return undefined
  const ask = (): unknown => {
    const result = schema['~standard'].validate(undefined)
    return 'value' in result ? result.value : undefined
  }
  try {
    return ask() === undefined ? undefined : ask
  } catch {
    return undefined
  }
}

/** Whether a value is a validator that can write its JSON Schema. */
export function isSerializableSchema(value: unknown): value is StandardSchema {
  if (!isStandardSchema(value)) return false
  if (typeof (value as { toJSONSchema?: unknown }).toJSONSchema === 'function') return true
  return (value['~standard'] as { readonly jsonSchema?: unknown }).jsonSchema !== undefined
}

/** The JSON Schema of a validator; `undefined` when it cannot write one. */
export function schemaJson(schema: unknown): Record<string, unknown> | undefined {
  return isSerializableSchema(schema) ? (toJsonSchema(schema) as Record<string, unknown>) : undefined
}

/** A JSON Schema from a validator that can write one, or a JSON Schema as it is. */
export function toJsonSchema(schema: unknown): unknown {
  if (!isStandardSchema(schema)) return schema
  const own = schema as { toJSONSchema?: unknown }
  if (typeof own.toJSONSchema === 'function') return plainJson((own.toJSONSchema as () => unknown)())
  const { jsonSchema } = schema['~standard'] as { readonly jsonSchema?: unknown }
  if (typeof jsonSchema === 'function') return (jsonSchema as () => unknown)()
  const { output } = (jsonSchema ?? {}) as { output?: unknown }
  if (typeof output !== 'function') return jsonSchema ?? {}
  return (output as (options: { target: string }) => unknown).call(jsonSchema, { target: 'draft-2020-12' })
}

/** What a validator hangs on its JSON Schema besides data is left behind: the schema is stored and sent. */
const plainJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown
