import type { JsonObject } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'

/**
 * Models without schemas of their own answer in JSON through a tool that takes the wanted schema: its input is
 * the answer. The name is reserved: a call of it is read as text, wherever it appears.
 */
export const JSON_ANSWER_TOOL = 'json_tool_call'

/** Said to a model that is to answer with JSON of no particular shape. */
export const JSON_INSTRUCTION = 'Answer with one valid JSON object and nothing else.'

export function jsonAnswerTool(schema: JsonObject, description: string | undefined): JsonObject {
  return {
    toolSpec: {
      name: JSON_ANSWER_TOOL,
      description: description ?? 'Give the answer by calling this tool. Its input is the whole answer.',
      inputSchema: { json: schema },
    },
  }
}

/** Bedrock's own structured output; the schema travels as text. */
export function jsonOutputConfig(format: NonNullable<ChatRequest['responseFormat']>): JsonObject | undefined {
  if (format.type !== 'json-schema') return undefined
  const jsonSchema: JsonObject = { name: format.name, schema: JSON.stringify(format.schema) }
  if (format.description !== undefined) jsonSchema['description'] = format.description
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } }
}
