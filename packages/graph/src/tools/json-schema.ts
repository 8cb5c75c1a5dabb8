type Schema = Readonly<Record<string, unknown>>

/** No schema of a tool is deeper; one that refers to itself for ever is not followed further. */
const DEEPEST = 64

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

function isType(value: unknown, type: unknown): boolean {
  const actual = typeOf(value)
  if (type === 'integer') return Number.isInteger(value)
  return actual === type
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The part of a schema that `#/…` names. */
function referred(root: Schema, reference: string): unknown {
  const steps = reference.replace(/^#\/?/, '').split('/')
  return steps.reduce<unknown>((at, step) => {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (key === '') return at
    return isSchema(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }, root)
}

function numberFaults(value: number, schema: Schema): string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Record<
    string,
    number
  >
  return [
    ...(minimum !== undefined && value < minimum ? [`must be at least ${minimum}`] : []),
    ...(maximum !== undefined && value > maximum ? [`must be at most ${maximum}`] : []),
    ...(exclusiveMinimum !== undefined && value <= exclusiveMinimum
      ? [`must be above ${exclusiveMinimum}`]
      : []),
    ...(exclusiveMaximum !== undefined && value >= exclusiveMaximum
      ? [`must be below ${exclusiveMaximum}`]
      : []),
    ...(multipleOf !== undefined && multipleOf > 0 && !Number.isInteger(value / multipleOf)
      ? [`must be a multiple of ${multipleOf}`]
      : []),
  ]
}

function textFaults(value: string, { minLength, maxLength, pattern }: Schema): string[] {
  const length = [...value].length
  return [
    ...(typeof minLength === 'number' && length < minLength
      ? [`must have at least ${minLength} characters`]
      : []),
    ...(typeof maxLength === 'number' && length > maxLength
      ? [`must have at most ${maxLength} characters`]
      : []),
    ...(typeof pattern === 'string' && !matches(value, pattern) ? [`must match ${pattern}`] : []),
  ]
}

function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    // A pattern that is none here cannot be checked: the tool itself decides.
    return true
  }
}

/**
 * What is wrong with a value, each with its place; empty when it fits. Knows the words that schemas of tools are made of
 * (types, `enum`, `const`, objects, arrays, bounds, `anyOf`/`oneOf`/`allOf`, `$ref` within the schema); words that it
 * does not know forbid nothing.
 */
export function schemaFaults(value: unknown, schema: unknown): string[] {
  if (!isSchema(schema)) return []
  const root = schema

  function check(value: unknown, schema: unknown, place: string, depth: number): string[] {
    if (schema === false) return [`${place || 'value'} is not allowed`]
    if (!isSchema(schema) || depth > DEEPEST) return []
    const at = (faults: readonly string[]): string[] =>
      faults.map((fault) => `${place || 'the value'} ${fault}`)
    if (typeof schema['$ref'] === 'string' && schema['$ref'].startsWith('#')) {
      return check(value, referred(root, schema['$ref']), place, depth + 1)
    }
    const types = schema['type'] === undefined ? [] : [schema['type']].flat()
    if (types.length > 0 && !types.some((type) => isType(value, type))) {
      return at([`must be ${types.join(' or ')}, not ${shown(value)}`])
    }
    if (
      schema['enum'] !== undefined &&
      !asList(schema['enum']).some((one) => JSON.stringify(one) === JSON.stringify(value))
    ) {
      return at([`must be one of ${asList(schema['enum']).map(shown).join(', ')}, not ${shown(value)}`])
    }
    if ('const' in schema && JSON.stringify(schema['const']) !== JSON.stringify(value)) {
      return at([`must be ${shown(schema['const'])}`])
    }
    return [
      ...(typeof value === 'number' ? at(numberFaults(value, schema)) : []),
      ...(typeof value === 'string' ? at(textFaults(value, schema)) : []),
      ...(isSchema(value) ? objectFaults(value, schema, place, depth) : []),
      ...(Array.isArray(value) ? listFaults(value as unknown[], schema, place, depth) : []),
      ...choiceFaults(value, schema, place, depth),
    ]
  }

  function objectFaults(value: Schema, schema: Schema, place: string, depth: number): string[] {
    const properties = isSchema(schema['properties']) ? schema['properties'] : {}
    const missing = asList(schema['required']).filter((key) => !Object.hasOwn(value, String(key)))
    const faults = missing.map((key) => `${place === '' ? '' : `${place}.`}${String(key)} is missing`)
    for (const [key, inner] of Object.entries(value)) {
      const where = place === '' ? key : `${place}.${key}`
      const known = Object.hasOwn(properties, key)
      faults.push(...check(inner, known ? properties[key] : schema['additionalProperties'], where, depth + 1))
    }
    return faults
  }

  function listFaults(value: readonly unknown[], schema: Schema, place: string, depth: number): string[] {
    const { minItems, maxItems, items } = schema
    const first = asList(schema['prefixItems'])
    return [
      ...(typeof minItems === 'number' && value.length < minItems
        ? [`${place} must have at least ${minItems} items`]
        : []),
      ...(typeof maxItems === 'number' && value.length > maxItems
        ? [`${place} must have at most ${maxItems} items`]
        : []),
      ...value.flatMap((inner, index) =>
        check(inner, first[index] ?? items, `${place}[${index}]`, depth + 1),
      ),
    ]
  }

  function choiceFaults(value: unknown, schema: Schema, place: string, depth: number): string[] {
    const faults = asList(schema['allOf']).flatMap((part) => check(value, part, place, depth + 1))
    for (const word of ['anyOf', 'oneOf'] as const) {
      const tried = asList(schema[word]).map((part) => check(value, part, place, depth + 1))
      if (tried.length > 0 && tried.every(({ length }) => length > 0)) {
        // The choice that came nearest says most.
        faults.push(...(tried.toSorted((left, right) => left.length - right.length)[0] ?? []))
      }
    }
    return faults
  }

  return check(value, schema, '', 0)
}
