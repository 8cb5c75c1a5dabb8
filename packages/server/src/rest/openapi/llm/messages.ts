import { z } from 'zod'
import { gatewayFields, model, stream, topP } from './description.ts'
import type { LlmDescription } from './description.ts'

const block = z
  .looseObject({
    type: z
      .string()
      .meta({ description: '`text`, `image`, `document`, `tool_use`, `tool_result`, `thinking` …' }),
    text: z.string().optional(),
  })
  .meta({ id: 'ContentBlock' })

const request = z
  .looseObject({
    model,
    messages: z.array(
      z.looseObject({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(block)]) }),
    ),
    max_tokens: z.int().min(1).meta({ description: 'The most the answer may be long' }),
    system: z
      .union([z.string(), z.array(block)])
      .optional()
      .meta({ description: 'What the model is to keep to' }),
    stream,
    temperature: z.number().min(0).max(1).optional(),
    top_p: topP,
    top_k: z.int().min(0).optional(),
    stop_sequences: z.array(z.string()).optional(),
    tools: z
      .array(
        z.looseObject({
          name: z.string(),
          description: z.string().optional(),
          input_schema: z.record(z.string(), z.unknown()).optional().meta({ description: 'A JSON schema' }),
        }),
      )
      .optional(),
    tool_choice: z.looseObject({ type: z.string() }).optional(),
    thinking: z.looseObject({ type: z.string(), budget_tokens: z.int().optional() }).optional(),
    metadata: z.looseObject({ user_id: z.string().optional() }).optional(),
    ...gatewayFields,
  })
  .meta({ id: 'MessageRequest' })

const answer = z
  .looseObject({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    model: z.string(),
    content: z.array(block),
    stop_reason: z.string().meta({ description: '`end_turn`, `max_tokens`, `tool_use`, `stop_sequence` …' }),
    usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }),
  })
  .meta({ id: 'Message' })

export const messages: LlmDescription = {
  summary: 'Answers a conversation, in Anthropic’s shape, by any model',
  request,
  answer,
  stream: 'Anthropic’s events, from `message_start` to `message_stop`',
  example: { model: '<model>', max_tokens: 256, messages: [{ role: 'user', content: 'Hello' }] },
}
