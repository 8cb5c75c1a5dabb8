import { createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import type { Json, JsonObject } from '../types/json.ts'

/**
 * Strict readers for what clients send. Each names the field by its path (`messages[2].content`) and
 * refuses a value of the wrong type or range; an absent or null field is `undefined`.
 */

export function invalid(path: string, wanted: string, value: Json | undefined): SwitchyardError {
  return createError({
    code: 'bad_request',
    message: `Invalid value for '${path}': expected ${wanted}, got ${describe(value)}.`,
    param: path,
    reason: 'invalid_type',
  })
}

function outOfRange(path: string, wanted: string, value: number): SwitchyardError {
  return createError({
    code: 'bad_request',
    message: `Invalid value for '${path}': expected ${wanted}, got ${value}.`,
    param: path,
    reason: 'out_of_range',
  })
}

export function missing(path: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    message: `Missing required parameter: '${path}'.`,
    param: path,
    reason: 'missing_required_parameter',
  })
}

/** What a value is, without quoting it: requests may hold secrets. */
function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'string' ? 'a string' : typeof value === 'number' ? 'a number' : `a ${typeof value}`
}

function present(value: Json | undefined): value is Exclude<Json, null> {
  return value !== undefined && value !== null
}

export function optionalString(body: JsonObject, key: string, path: string = key): string | undefined {
  const value = body[key]
  if (!present(value)) return undefined
  if (typeof value !== 'string') throw invalid(path, 'a string', value)
  return value
}

export function requiredString(body: JsonObject, key: string, path: string = key): string {
  const value = optionalString(body, key, path)
  if (value === undefined) throw missing(path)
  return value
}

export interface Range {
  min?: number
  max?: number
  integer?: boolean
}

export function optionalNumber(
  body: JsonObject,
  key: string,
  range: Range = {},
  path: string = key,
): number | undefined {
  const value = body[key]
  if (!present(value)) return undefined
  const wanted = range.integer === true ? 'an integer' : 'a number'
  if (typeof value !== 'number') throw invalid(path, wanted, value)
  if (!Number.isFinite(value) || (range.integer === true && !Number.isInteger(value)))
    throw invalid(path, wanted, value)
  if (range.min !== undefined && value < range.min) throw outOfRange(path, `at least ${range.min}`, value)
  if (range.max !== undefined && value > range.max) throw outOfRange(path, `at most ${range.max}`, value)
  return value
}

export function optionalBoolean(body: JsonObject, key: string, path: string = key): boolean | undefined {
  const value = body[key]
  if (!present(value)) return undefined
  if (typeof value !== 'boolean') throw invalid(path, 'a boolean', value)
  return value
}

export function optionalObject(body: JsonObject, key: string, path: string = key): JsonObject | undefined {
  const value = body[key]
  if (!present(value)) return undefined
  return checkObject(value, path)
}

export function optionalArray(body: JsonObject, key: string, path: string = key): Json[] | undefined {
  const value = body[key]
  if (!present(value)) return undefined
  if (!Array.isArray(value)) throw invalid(path, 'an array', value)
  return value
}

export function requiredArray(body: JsonObject, key: string, path: string = key): Json[] {
  const value = optionalArray(body, key, path)
  if (value === undefined) throw missing(path)
  return value
}

export function checkObject(value: Json | undefined, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(path, 'an object', value)
  return value
}

/** One word of a list. */
export function optionalWord<Word extends string>(
  body: JsonObject,
  key: string,
  words: readonly Word[],
  path: string = key,
): Word | undefined {
  const value = optionalString(body, key, path)
  if (value === undefined) return undefined
  const word = words.find((candidate) => candidate === value)
  if (word === undefined)
    throw createError({
      code: 'bad_request',
      message: `Invalid value for '${path}': expected one of ${words.map((candidate) => `'${candidate}'`).join(', ')}.`,
      param: path,
      reason: 'invalid_value',
    })
  return word
}

/** The fields of `body` that are not in `known`: what we do not read and forward as it is. */
export function restOf(body: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined
  for (const key in body) {
    if (known.has(key) || body[key] === undefined) continue
    rest ??= {}
    rest[key] = body[key]
  }
  return rest
}
