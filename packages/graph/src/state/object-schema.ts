import type {
  ObjectSchema,
  SchemaInput,
  SchemaIssue,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from './standard-schema.ts'
import { schemaJson } from './standard-schema.ts'

type Shape = Readonly<Record<string, StandardSchema>>

/** An object schema made of the fields of any validators, for states that need no validator of one package. */
export interface ExtensibleSchema<Fields extends Shape> extends StandardSchema<
  { [Key in keyof Fields]: SchemaInput<Fields[Key]> },
  { [Key in keyof Fields]: SchemaOutput<Fields[Key]> }
> {
  readonly shape: { [Key in keyof Fields]: Fields[Key] }
  /** The same with further fields, of any validator. */
  extend<More extends Shape>(more: More): ExtensibleSchema<Omit<Fields, keyof More> & More>
}

/** A schema of objects with these fields; further keys are dropped, as zod drops them. */
export function objectSchema<const Fields extends Shape>(fields: Fields): ExtensibleSchema<Fields> {
  const validate = (value: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> => {
    if (typeof value !== 'object' || value === null) return { issues: [{ message: 'Expected an object' }] }
    const results = Object.entries(fields).map(([key, field]) =>
      field['~standard'].validate((value as Record<string, unknown>)[key]),
    )
    const keys = Object.keys(fields)
    return results.some((result) => result instanceof Promise)
      ? Promise.all(results).then((settled) => combine(keys, settled))
      : combine(keys, results as SchemaResult<unknown>[])
  }
  const made: ObjectSchema & { extend: (more: Shape) => unknown; toJSONSchema: () => unknown } = {
    shape: fields,
    '~standard': { version: 1, vendor: 'switchyard', validate },
    extend: (more) => objectSchema({ ...fields, ...more }),
    toJSONSchema: () => ({
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(fields).map(([key, field]) => [key, schemaJson(field) ?? {}]),
      ),
      additionalProperties: false,
    }),
  }
  return made as unknown as ExtensibleSchema<Fields>
}

function combine(
  keys: readonly string[],
  results: readonly SchemaResult<unknown>[],
): SchemaResult<Record<string, unknown>> {
  const issues: SchemaIssue[] = []
  const value: Record<string, unknown> = {}
  for (const [index, result] of results.entries()) {
    const key = keys[index] as string
    if ('value' in result) {
      if (result.value !== undefined) value[key] = result.value
    } else issues.push(...result.issues.map(({ message, path = [] }) => ({ message, path: [key, ...path] })))
  }
  return issues.length > 0 ? { issues } : { value }
}
