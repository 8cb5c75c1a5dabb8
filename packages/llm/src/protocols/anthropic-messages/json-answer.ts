import type { Json, JsonObject } from '../../types/json.ts'
import type { ResponseFormat } from '../../types/request.ts'
import { compact, objectOf } from '../wire.ts'

type JsonSchemaFormat = Extract<ResponseFormat, { type: 'json-schema' }>

/**
 * Models without schemas of their own answer in JSON through a tool that takes the wanted schema: its input is
 * the answer. The name is reserved: a call of it is read as text, wherever it appears.
 */
export const JSON_ANSWER_TOOL = 'json_tool_call'

/** Said to a model that is to answer with JSON of no particular shape. */
export const JSON_INSTRUCTION =
  'Answer with one valid JSON object and nothing else: no explanation, no code fence.'

export function schemaInstruction(format: JsonSchemaFormat): string {
  return `Answer with one JSON object that is valid against this JSON Schema, and nothing else:\n${JSON.stringify(format.schema)}`
}

export function renderJsonTool(format: JsonSchemaFormat): JsonObject {
  return {
    name: JSON_ANSWER_TOOL,
    description:
      format.description ?? 'Give the final answer by calling this tool. Its input is the whole answer.',
    input_schema: { type: 'object', ...format.schema },
  }
}

/** Anthropic's own structured output. */
export function renderOutputFormat(format: JsonSchemaFormat): JsonObject {
  return { type: 'json_schema', schema: closeObjects(format.schema) }
}

const SCHEMA_MAPS = ['properties', '$defs', 'definitions'] as const
const SCHEMA_LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const

/** Anthropic refuses object schemas that do not say that they are closed. */
function closeObjects(schema: JsonObject): JsonObject {
  const closed: JsonObject = { ...schema }
  if (schema.type === 'object' && schema.additionalProperties === undefined)
    closed.additionalProperties = false
  for (const key of SCHEMA_MAPS) {
    const members = objectOf(schema[key])
    if (members !== undefined)
      closed[key] = compact(
        Object.fromEntries(Object.entries(members).map(([name, member]) => [name, closeMember(member)])),
      )
  }
  for (const key of SCHEMA_LISTS) {
    const members = schema[key]
    if (Array.isArray(members)) closed[key] = members.map((member) => closeMember(member) ?? null)
  }
  if (schema.items !== undefined) closed.items = closeMember(schema.items)
  return closed
}

function closeMember(member: Json | undefined): Json | undefined {
  const schema = objectOf(member)
  return schema === undefined ? member : closeObjects(schema)
}
