import type { Json, JsonObject } from '../../types/json.ts'
import { arrayOf, objectOf, stringOf, textOf } from '../wire.ts'
import { camelKeys } from './keys.ts'

/**
 * Gemini takes schemas in two forms: its own `Schema`, a part of OpenAPI's, which every model and API
 * version knows, and JSON Schema (`…JsonSchema` fields), which only newer ones do. We write its own form
 * whenever that loses nothing the model has to keep, and JSON Schema otherwise.
 */

/** Fields that mean the same in both forms. */
const SHARED = new Set([
  'title',
  'description',
  'nullable',
  'required',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'propertyOrdering',
])

/** Notes for people and tools: Gemini refuses or ignores them. */
const NOTES = new Set([
  '$schema',
  '$id',
  '$comment',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'strict',
])

const FORMATS = new Set(['date-time', 'enum', 'int32', 'int64', 'float', 'double'])

/** A JSON Schema in Gemini's own form; `undefined` when that form cannot say it. */
export function toGeminiSchema(value: Json | undefined): JsonObject | undefined {
  const schema = objectOf(value)
  if (schema === undefined) return undefined
  const result: JsonObject = {}
  for (const key in schema) if (!writeField(result, key, schema[key])) return undefined
  return complete(result) ? result : undefined
}

/** Writes one field of a schema; `false` when Gemini's form has nothing for it. */
function writeField(result: JsonObject, key: string, value: Json | undefined): boolean {
  if (value === undefined || NOTES.has(key)) return true
  if (SHARED.has(key)) {
    result[key] = value
    return true
  }
  switch (key) {
    case 'type':
      return writeType(result, value)
    case 'format':
      if (typeof value === 'string' && FORMATS.has(value)) result.format = value
      return true
    case 'enum':
      return writeEnum(result, arrayOf(value))
    case 'const':
      return writeEnum(result, [value])
    case 'properties':
      return writeProperties(result, objectOf(value))
    case 'items': {
      const items = toGeminiSchema(value)
      result.items = items
      return items !== undefined
    }
    case 'anyOf':
      return writeAlternatives(result, arrayOf(value))
    // What the object may hold beside its properties is only checked, never written by the model.
    case 'additionalProperties':
      return typeof value === 'boolean'
    default:
      return false
  }
}

function writeType(result: JsonObject, value: Json): boolean {
  const types = (Array.isArray(value) ? value : [value]).filter((type) => typeof type === 'string')
  const solid = types.filter((type) => type.toLowerCase() !== 'null')
  if (solid.length !== 1) return false
  result.type = solid[0]?.toUpperCase()
  if (solid.length < types.length) result.nullable = true
  return true
}

/** Only strings can be listed. */
function writeEnum(result: JsonObject, values: readonly Json[]): boolean {
  const words = values.filter((word) => word !== null)
  if (words.length === 0 || words.some((word) => typeof word !== 'string' || word === '')) return false
  result.enum = words
  result.type ??= 'STRING'
  if (words.length < values.length) result.nullable = true
  return true
}

function writeProperties(result: JsonObject, properties: JsonObject | undefined): boolean {
  const written: JsonObject = {}
  for (const name in properties) {
    const property = toGeminiSchema(properties[name])
    if (property === undefined) return false
    written[name] = property
  }
  result.properties = written
  result.type ??= 'OBJECT'
  return Object.keys(written).length > 0
}

function writeAlternatives(result: JsonObject, members: readonly Json[]): boolean {
  const solid = members.filter((member) => objectOf(member)?.type !== 'null')
  if (solid.length < members.length) result.nullable = true
  const written = solid.map(toGeminiSchema)
  const [only] = written
  if (written.length === 1 && only !== undefined) {
    for (const key in only) result[key] ??= only[key]
    return true
  }
  if (written.length === 0 || written.some((member) => member === undefined)) return false
  result.anyOf = written.filter((member) => member !== undefined)
  return true
}

/** Gemini wants to know what an object and a list hold, and nothing beside alternatives. */
function complete(schema: JsonObject): boolean {
  if (schema.anyOf !== undefined) return schema.type === undefined && schema.properties === undefined
  if (schema.type === 'OBJECT') return schema.properties !== undefined
  if (schema.type === 'ARRAY') return schema.items !== undefined
  return schema.type !== undefined
}

const COUNTS = new Set(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'])

/** A schema in Gemini's own form as JSON Schema, for the services that know only that. */
export function fromGeminiSchema(value: JsonObject): JsonObject {
  const schema = camelKeys(value)
  const result: JsonObject = {}
  for (const key in schema) {
    const field = schema[key]
    if (field === undefined || key === 'nullable' || key === 'propertyOrdering') continue
    if (key === 'type') result.type = stringOf(field)?.toLowerCase()
    else if (key === 'format') {
      if (field !== 'enum') result.format = field
    } else if (key === 'properties') result.properties = mapSchemas(objectOf(field) ?? {})
    else if (key === 'items') result.items = fromGeminiSchema(objectOf(field) ?? {})
    else if (key === 'anyOf')
      result.anyOf = arrayOf(field).map((member) => fromGeminiSchema(objectOf(member) ?? {}))
    // Protocol buffers write 64-bit counts as text.
    else result[key] = COUNTS.has(key) && typeof field === 'string' ? Number(field) : field
  }
  return schema.nullable === true ? allowNull(result) : result
}

function mapSchemas(properties: JsonObject): JsonObject {
  const result: JsonObject = {}
  for (const name in properties) result[name] = fromGeminiSchema(objectOf(properties[name]) ?? {})
  return result
}

function allowNull(schema: JsonObject): JsonObject {
  const type = textOf(schema.type)
  if (type !== undefined) {
    const words = Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}
    return { ...schema, type: [type, 'null'], ...words }
  }
  return Array.isArray(schema.anyOf) ? { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] } : schema
}
