import type { JsonObject } from '../../types/json.ts'
import type { ResponseFormat } from '../../types/request.ts'
import { JSON_ANSWER_TOOL, renderOutputFormat } from '../anthropic-messages/json-answer.ts'

type JsonSchemaFormat = Extract<ResponseFormat, { type: 'json-schema' }>

/** The tool through which a model without schemas of its own gives its answer in JSON. */
export function jsonAnswerTool(format: JsonSchemaFormat): JsonObject {
  return {
    toolSpec: {
      name: JSON_ANSWER_TOOL,
      description:
        format.description ?? 'Give the final answer by calling this tool. Its input is the whole answer.',
      inputSchema: { json: { type: 'object', ...format.schema } },
    },
  }
}

/** Bedrock's own structured output; the schema travels as text. */
export function jsonOutputConfig(format: JsonSchemaFormat): JsonObject {
  const schema = JSON.stringify(renderOutputFormat(format)['schema'])
  const description = format.description === undefined ? {} : { description: format.description }
  return {
    textFormat: {
      type: 'json_schema',
      structure: { jsonSchema: { name: format.name, schema, ...description } },
    },
  }
}
