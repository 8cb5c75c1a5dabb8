import type { JsonObject } from '../../types/json.ts'
import type { DialectFields } from '../../types/message.ts'

/** Fields of this wire beside our own form; `undefined` when there are none. */
export function dialectOf(fields: JsonObject | undefined): DialectFields | undefined {
  if (fields === undefined || Object.keys(fields).length === 0) return undefined
  return { protocol: 'openai-responses', fields }
}

/** The fields that were kept for this wire. */
export function fieldsOf(dialect: DialectFields | undefined): JsonObject {
  return dialect?.protocol === 'openai-responses' ? dialect.fields : {}
}

/** The fields of `item` that are not in `known` and say something. */
export function leftOver(item: JsonObject, known: ReadonlySet<string>): JsonObject {
  const rest: JsonObject = {}
  for (const key in item) {
    const value = item[key]
    if (!known.has(key) && value !== undefined && value !== null) rest[key] = value
  }
  return rest
}
