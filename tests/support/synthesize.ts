type Schema = Record<string, unknown>

/**
 * A value that satisfies a JSON Schema, always the same one: constants and first choices where there are any,
 * the property's own name as text, the least number allowed. Recursion ends after a few levels.
 */
export function synthesize(schema: unknown, name = 'value', root: unknown = schema, depth = 0): unknown {
  if (!isRecord(schema)) return name
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  if (typeof schema['$ref'] === 'string') {
    return synthesize(resolve(schema['$ref'], root), name, root, depth + 1)
  }
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices)) return synthesize(choices[0], name, root, depth + 1)
  if (Array.isArray(schema['allOf'])) {
    const parts = schema['allOf'].map((part: unknown) => synthesize(part, name, root, depth + 1))
    return parts.every(isRecord) ? Object.assign({}, ...parts) : parts[0]
  }
  switch (typeOf(schema)) {
    case 'object':
      return synthesizeObject(schema, root, depth)
    case 'array': {
      const length = Math.max(numberOr(schema['minItems'], 0), depth > 6 ? 0 : 1)
      return Array.from({ length }, () => synthesize(schema['items'], name, root, depth + 1))
    }
    case 'integer':
    case 'number':
      return leastNumber(schema)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return synthesizeString(schema, name)
  }
}

function synthesizeObject(schema: Schema, root: unknown, depth: number): Schema {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const names = Object.keys(properties).filter((name) => depth <= 6 || required.includes(name))
  return Object.fromEntries(
    names.map((name) => [name, depth > 12 ? null : synthesize(properties[name], name, root, depth + 1)]),
  )
}

function synthesizeString(schema: Schema, name: string): string {
  const formats: Record<string, string> = {
    'date-time': '2026-01-02T03:04:05Z',
    date: '2026-01-02',
    time: '03:04:05Z',
    email: 'someone@example.com',
    uri: 'https://example.com/',
    uuid: '00000000-0000-4000-8000-000000000000',
  }
  const text = formats[String(schema['format'])] ?? name
  return text
    .padEnd(numberOr(schema['minLength'], 0), 'x')
    .slice(0, numberOr(schema['maxLength'], Number.POSITIVE_INFINITY))
}

function leastNumber(schema: Schema): number {
  if (typeof schema['minimum'] === 'number') return schema['minimum']
  if (typeof schema['exclusiveMinimum'] === 'number') return schema['exclusiveMinimum'] + 1
  return Math.min(1, numberOr(schema['maximum'], 1))
}

function typeOf(schema: Schema): unknown {
  const type = schema['type']
  if (Array.isArray(type)) return type.find((one) => one !== 'null')
  if (type !== undefined) return type
  if ('properties' in schema) return 'object'
  return 'items' in schema ? 'array' : undefined
}

function resolve(reference: string, root: unknown): unknown {
  let found = root
  for (const step of reference.split('/').slice(1)) found = isRecord(found) ? found[step] : undefined
  return found
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback
}

/** Narrows parsed JSON to an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
