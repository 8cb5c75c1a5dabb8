import type { JsonObject } from '../../types/json.ts'

/** Google's JSON takes every field in camelCase and in snake_case; this reads both as camelCase, one level deep. */
export function camelKeys(object: JsonObject): JsonObject {
  const result: JsonObject = {}
  for (const key in object) result[camelKey(key)] = object[key]
  return result
}

export function camelKey(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}

/** The same object with the fields of `more` added; objects in both are joined, otherwise the first one's value stands. */
export function mergeUnder(first: JsonObject, more: JsonObject | undefined): JsonObject {
  if (more === undefined) return first
  const result: JsonObject = { ...first }
  for (const key in more) {
    const known = result[key]
    const added = more[key]
    if (known === undefined) result[key] = added
    else if (isObject(known) && isObject(added)) result[key] = mergeUnder(known, added)
  }
  return result
}

function isObject(value: JsonObject[string]): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
