import type { Json, JsonObject } from '../types/json.ts'

/** Lenient readers for what providers send: a value of another kind is as good as none. */

export function objectOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

export function arrayOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

/** The members of a list that are objects. */
export function objectsOf(value: Json | undefined): JsonObject[] {
  return arrayOf(value).filter((member): member is JsonObject => objectOf(member) !== undefined)
}

export function stringOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A string that says something. */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A finite number. */
export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A token count: a whole number that is not negative. */
export function countOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

export function booleanOf(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** Parses JSON text, `undefined` when it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Arguments of a tool call as an object, for wires that want one. Text that is no object is kept under `input`. */
export function argumentsObject(text: string): JsonObject {
  if (text.trim() === '') return {}
  const value = parseJson(text)
  return objectOf(value) ?? { input: value ?? text }
}

/** Arguments of a tool call as text, for wires that send an object, a text or nothing. */
export function argumentsText(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The same object without the fields that are `undefined`, so that it can be compared and printed as it is sent. */
export function compact(object: JsonObject): JsonObject {
  const result: JsonObject = {}
  for (const key in object) if (object[key] !== undefined) result[key] = object[key]
  return result
}

/** Splits a `data:` URL into its media type and base64 text; `undefined` for any other address. */
export function parseDataUrl(url: string): { mediaType: string; data: string } | undefined {
  if (!url.startsWith('data:')) return undefined
  const comma = url.indexOf(',')
  if (comma < 0) return undefined
  const head = url.slice(5, comma)
  if (!head.endsWith(';base64')) return undefined
  const mediaType = head.slice(0, -';base64'.length).split(';')[0] ?? ''
  return { mediaType: mediaType === '' ? 'application/octet-stream' : mediaType, data: url.slice(comma + 1) }
}
