import type { OpenapiDocument } from '../openapi/document.ts'

/** An endpoint as the page shows it. */
export interface Operation {
  id: string
  method: 'get' | 'post'
  path: string
  tag: string
  summary: string
  /** Other paths of the same endpoint. */
  aliases: string[]
  isPublic: boolean
  fields: Field[]
  /** A body that works. */
  example: unknown
  /** Its body is a form with parts. */
  isForm: boolean
  /** What the answer is, in words. */
  answer: string
  /** Names of what it holds. */
  answerFields: string[]
}

export interface Field {
  name: string
  type: string
  required: boolean
  description: string
  place: 'path' | 'query' | 'body'
}

/** The endpoints of a description, each once, with its other paths. */
export function readOperations(document: OpenapiDocument): Operation[] {
  const { components } = document
  const resolve = (value: unknown): Shape => {
    const shape = shapeOf(value)
    const name = textOf(shape['$ref']).split('/').at(-1) ?? ''
    return name === '' ? shape : shapeOf(shapeOf(components?.schemas)[name])
  }
  const operations: Operation[] = []
  const aliases: { main: string; path: string; method: string }[] = []
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of ['get', 'post'] as const) {
      const described = shapeOf(shapeOf(item)[method])
      if (described['operationId'] === undefined) continue
      const main = described['x-alias-of']
      if (typeof main === 'string') aliases.push({ main, path, method })
      else operations.push(readOperation(path, method, described, resolve))
    }
  for (const { main, path, method } of aliases)
    operations.find((one) => one.path === main && one.method === method)?.aliases.push(path)
  return operations
}

type Shape = Readonly<Record<string, unknown>>

function readOperation(
  path: string,
  method: 'get' | 'post',
  described: Shape,
  resolve: (value: unknown) => Shape,
): Operation {
  const contents = shapeOf(shapeOf(described['requestBody'])['content'])
  const isForm = contents['multipart/form-data'] !== undefined
  const content = shapeOf(contents[isForm ? 'multipart/form-data' : 'application/json'])
  const success = shapeOf(shapeOf(described['responses'])['200'])
  const answer = shapeOf(shapeOf(success['content'])['application/json'])
  const parameters = listOf(described['parameters']).map((value) => readParameter(shapeOf(value), resolve))
  return {
    id: textOf(described['operationId']),
    method,
    path,
    tag: textOf(listOf(described['tags'])[0]),
    summary: textOf(described['summary']),
    aliases: [],
    isPublic: listOf(described['security']).length === 0,
    fields: [...parameters, ...readProperties(resolve(content['schema']), resolve)],
    example: content['example'],
    isForm,
    answer: textOf(success['description']),
    answerFields: Object.keys(shapeOf(resolve(answer['schema'])['properties'])),
  }
}

function readParameter(parameter: Shape, resolve: (value: unknown) => Shape): Field {
  const schema = resolve(parameter['schema'])
  return {
    name: textOf(parameter['name']),
    type: nameType(parameter['schema'], resolve),
    required: parameter['required'] === true,
    description: textOf(parameter['description'] ?? schema['description']),
    place: parameter['in'] === 'path' ? 'path' : 'query',
  }
}

function readProperties(schema: Shape, resolve: (value: unknown) => Shape): Field[] {
  const required = listOf(schema['required'])
  return Object.entries(shapeOf(schema['properties'])).map(([name, value]) => ({
    name,
    type: nameType(value, resolve),
    required: required.includes(name),
    description: textOf(resolve(value)['description']),
    place: 'body',
  }))
}

/** A word or two for a schema: `string`, `list of objects`, `string or list of strings`. */
function nameType(value: unknown, resolve: (value: unknown) => Shape): string {
  const schema = resolve(value)
  const choices = listOf(schema['anyOf']).filter((choice) => shapeOf(choice)['type'] !== 'null')
  if (choices.length > 0) return [...new Set(choices.map((choice) => nameType(choice, resolve)))].join(' or ')
  const words = listOf(schema['enum'])
  if (words.length > 0) return words.map(String).join(', ')
  if (schema['const'] !== undefined) return String(schema['const'])
  const type = [schema['type']].flat().find((name) => name !== 'null')
  if (type !== 'array') return typeof type === 'string' ? type : 'any'
  const items = nameType(schema['items'], resolve)
  return items === 'any' ? 'list' : `list of ${items}s`
}

function shapeOf(value: unknown): Shape {
  return typeof value === 'object' && value !== null ? (value as Shape) : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
