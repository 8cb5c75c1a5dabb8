import type { Json, JsonObject } from '@switchyard/llm/kit'

/** What values are made from: the strings and the numbers that somebody said, in order. */
export interface Hints {
  strings: readonly string[]
  numbers: readonly number[]
}

/** Schemas may refer to themselves; below this depth the smallest choice is taken. */
const DEEP = 6
/** A schema comes from a client: it may ask for this many values and no more. */
const MAX_VALUES = 2_000
const MAX_DEPTH = 64
const MAX_TEXT = 10_000

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT1H',
  email: 'demo@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

/**
 * A value that fits a JSON schema: what is required and nothing more, strings and numbers from the hints. The same
 * schema and hints always give the same value. `pattern`, `not` and conditions are not followed.
 */
export function sampleOf(schema: Json | undefined, hints: Hints): Json {
  const walk: Walk = { root: objectOf(schema), hints, strings: 0, numbers: 0, values: 0 }
  return valueOf(walk.root, walk, 0, 0)
}

interface Walk {
  root: JsonObject
  hints: Hints
  /** How many hints are used up. */
  strings: number
  numbers: number
  values: number
}

/** `index` tells the items of one list apart, so that they may be asked to be unique. */
function valueOf(given: JsonObject, walk: Walk, depth: number, index: number): Json {
  walk.values++
  if (walk.values > MAX_VALUES || depth > MAX_DEPTH) return null
  const schema = resolve(given, walk.root, depth)
  if (schema['const'] !== undefined) return schema['const']
  const choices = listOf(schema['enum'])
  if (choices.length > 0) return choices[index % choices.length] ?? null
  switch (typeOf(schema)) {
    case 'object':
      return objectValue(schema, walk, depth)
    case 'array':
      return arrayValue(schema, walk, depth)
    case 'integer':
    case 'number':
      return numberValue(schema, walk, index)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return stringValue(schema, walk, index)
  }
}

/** Follows references, merges `allOf` and takes one of `anyOf` and `oneOf`. */
function resolve(given: JsonObject, root: JsonObject, depth: number): JsonObject {
  let schema = given
  for (let step = 0; step < MAX_STEPS; step++) {
    const { $ref: reference, allOf, anyOf, oneOf, ...own } = schema
    const all = listOf(allOf)
    const some = [...listOf(anyOf), ...listOf(oneOf)].map(objectOf)
    if (typeof reference === 'string') schema = merge(target(reference, root), own)
    else if (all.length > 0) schema = all.map(objectOf).reduce(merge, own)
    else if (some.length > 0) schema = merge(own, choose(some, depth))
    else return schema
  }
  return {}
}

/** References that lead to references end somewhere. */
const MAX_STEPS = 32

function choose(options: readonly JsonObject[], depth: number): JsonObject {
  const small = (option: JsonObject): boolean =>
    option['$ref'] === undefined && !['object', 'array'].includes(typeOf(option))
  const wanted = depth < DEEP ? options.find((option) => option['type'] !== 'null') : options.find(small)
  return wanted ?? options[0] ?? {}
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  return {
    ...left,
    ...right,
    properties: { ...objectOf(left['properties']), ...objectOf(right['properties']) },
    required: [...listOf(left['required']), ...listOf(right['required'])],
  }
}

/** `#/$defs/Name`; references to other documents are not followed. */
function target(reference: string, root: JsonObject): JsonObject {
  if (!reference.startsWith('#')) return {}
  const steps = reference.split('/').slice(1)
  const names = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return names.reduce<JsonObject>(
    (found, name) => objectOf(Object.hasOwn(found, name) ? found[name] : {}),
    root,
  )
}

function typeOf(schema: JsonObject): string {
  const { type } = schema
  const named = Array.isArray(type) ? (type.find((one) => one !== 'null') ?? type[0]) : type
  if (typeof named === 'string') return named
  if (Object.keys(objectOf(schema['properties'])).length > 0) return 'object'
  return schema['items'] === undefined && schema['prefixItems'] === undefined ? 'string' : 'array'
}

function objectValue(schema: JsonObject, walk: Walk, depth: number): JsonObject {
  const properties = objectOf(schema['properties'])
  const required = new Set(listOf(schema['required']).filter((name) => typeof name === 'string'))
  const entries = [...required].map((name): [string, Json] => [
    name,
    valueOf(objectOf(Object.hasOwn(properties, name) ? properties[name] : {}), walk, depth + 1, 0),
  ])
  return Object.fromEntries(entries)
}

function arrayValue(schema: JsonObject, walk: Walk, depth: number): Json[] {
  const first = listOf(schema['prefixItems'])
  const least = Math.max(numberOf(schema['minItems']) ?? 0, depth < DEEP ? 1 : 0, first.length)
  const count = Math.min(least, numberOf(schema['maxItems']) ?? least, MAX_VALUES)
  const items: Json[] = []
  while (items.length < count && walk.values <= MAX_VALUES)
    items.push(valueOf(objectOf(first[items.length] ?? schema['items']), walk, depth + 1, items.length))
  return items
}

function numberValue(schema: JsonObject, walk: Walk, index: number): number {
  const whole = typeOf(schema) === 'integer'
  const step = numberOf(schema['multipleOf']) ?? (whole ? 1 : undefined)
  const gap = step ?? 0.5
  const above = numberOf(schema['exclusiveMinimum'])
  const below = numberOf(schema['exclusiveMaximum'])
  const least = numberOf(schema['minimum']) ?? (above === undefined ? -Infinity : above + gap)
  const most = numberOf(schema['maximum']) ?? (below === undefined ? Infinity : below - gap)
  const said = walk.hints.numbers[walk.numbers++] ?? 1 + index
  const bounded = Math.min(Math.max(said, least), most)
  if (step === undefined || step <= 0) return bounded
  const rounded = Math.round(bounded / step) * step
  if (rounded < least) return rounded + step
  return rounded > most ? rounded - step : rounded
}

function stringValue(schema: JsonObject, walk: Walk, index: number): string {
  const { format } = schema
  if (typeof format === 'string' && Object.hasOwn(formats, format)) return formats[format] ?? ''
  const { strings } = walk.hints
  const said = strings[Math.min(walk.strings++, strings.length - 1)] ?? 'demo'
  const text = index === 0 || strings.length > index ? said : `${said} ${index + 1}`
  const least = Math.min(numberOf(schema['minLength']) ?? 0, MAX_TEXT)
  const most = numberOf(schema['maxLength']) ?? MAX_TEXT
  return text.padEnd(least, '.').slice(0, most)
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
