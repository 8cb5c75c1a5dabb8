import type { SourceLocation } from '../findings.ts'

/** What a configuration file can hold. */
export type Plain = null | boolean | number | string | Plain[] | PlainObject

export interface PlainObject {
  [key: string]: Plain
}

/** A value together with the place where it is written: for an entry of a map, the place of its key. */
export type Located =
  | { kind: 'map'; at: SourceLocation; entries: Map<string, Located> }
  | { kind: 'list'; at: SourceLocation; items: Located[] }
  | { kind: 'scalar'; at: SourceLocation; value: null | boolean | number | string }

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object at a key, or an empty one. */
export function objectAt(value: unknown, key: string): PlainObject {
  const child = isPlainObject(value) ? value[key] : undefined
  return isPlainObject(child) ? child : {}
}

/** The list at a key, or an empty one. */
export function listAt(value: unknown, key: string): Plain[] {
  const child = isPlainObject(value) ? value[key] : undefined
  return Array.isArray(child) ? child : []
}
