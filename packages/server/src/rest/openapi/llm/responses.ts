import { z } from 'zod'
import { gatewayFields, model, stream, temperature, topP, user } from './description.ts'
import type { LlmDescription } from './description.ts'

const request = z
  .looseObject({
    model,
    input: z
      .union([z.string(), z.array(z.looseObject({}))])
      .meta({ description: 'A text, or a list of messages, tool calls and their results' }),
    instructions: z.string().optional().meta({ description: 'What the model is to keep to' }),
    stream,
    max_output_tokens: z.int().min(1).optional(),
    temperature,
    top_p: topP,
    tools: z.array(z.looseObject({ type: z.string() })).optional(),
    tool_choice: z.union([z.string(), z.looseObject({})]).optional(),
    parallel_tool_calls: z.boolean().optional(),
    reasoning: z.looseObject({ effort: z.string().optional(), summary: z.string().optional() }).optional(),
    text: z.looseObject({}).optional().meta({ description: 'The form of the answer: `{ format: … }`' }),
    store: z.boolean().optional(),
    previous_response_id: z.string().optional(),
    user,
    ...gatewayFields,
  })
  .meta({ id: 'ResponseRequest' })

const answer = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int(),
    model: z.string(),
    status: z.string().meta({ description: '`completed`, `incomplete` or `failed`' }),
    output: z.array(z.looseObject({ type: z.string() })),
    usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'Response' })

export const responses: LlmDescription = {
  summary: 'Answers an input, in the shape of OpenAI’s Responses API, by any model',
  request,
  answer,
  stream: 'OpenAI’s `response.…` events, closed by `response.completed`',
  example: { model: '<model>', input: 'Hello' },
}
