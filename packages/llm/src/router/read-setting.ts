import { createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import type { Json } from '../types/json.ts'

/** @throws `bad_request` for anything else than an object or nothing. */
export function objectOf(
  value: unknown,
  path: string,
): Readonly<Record<string, Json | undefined>> | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(path, 'an object')
  return value as Readonly<Record<string, Json | undefined>>
}

/** @throws `bad_request` for anything else than a whole number, at least 0, or nothing. */
export function countOf(value: unknown, path: string): number | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw wrong(path, 'a whole number, at least 0')
  return value
}

/** Seconds, as milliseconds. @throws `bad_request` for anything else than a number, at least 0, or nothing. */
export function millisecondsOf(value: unknown, path: string): number | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw wrong(path, 'a number of seconds, at least 0')
  return value * 1000
}

/** Names a setting and what it has to be. */
export function wrong(path: string, wanted: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'invalid_router_setting',
    param: path,
    message: `Invalid router setting '${path}': expected ${wanted}.`,
  })
}
