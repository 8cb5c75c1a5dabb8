import { z } from 'zod'
import {
  gatewayFields,
  model,
  openaiTool,
  openaiUsage,
  stream,
  temperature,
  topP,
  user,
} from './description.ts'
import type { LlmDescription } from './description.ts'

const part = z
  .looseObject({
    type: z.string().meta({ description: '`text`, `image_url`, `input_audio` or `file`' }),
    text: z.string().optional(),
    image_url: z.looseObject({ url: z.string(), detail: z.string().optional() }).optional(),
  })
  .meta({ id: 'ChatContentPart' })

const toolCall = z.looseObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string().meta({ description: 'A JSON text' }) }),
})

const message = z
  .looseObject({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
    content: z.union([z.string(), z.array(part)]).nullish(),
    tool_calls: z.array(toolCall).optional(),
    tool_call_id: z.string().optional().meta({ description: 'In a `tool` message: the call it answers' }),
  })
  .meta({ id: 'ChatMessage' })

const request = z
  .looseObject({
    model,
    messages: z.array(message).meta({ description: 'The conversation so far' }),
    stream,
    stream_options: z
      .looseObject({ include_usage: z.boolean().optional() })
      .optional()
      .meta({ description: '`include_usage: true` adds the token counts to a stream' }),
    max_completion_tokens: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'The most the answer may be long, thinking included' }),
    max_tokens: z.int().min(1).optional().meta({ description: 'Its older name' }),
    temperature,
    top_p: topP,
    n: z.int().min(1).max(128).optional().meta({ description: 'How many answers to give' }),
    stop: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .meta({ description: 'Texts at which the answer ends' }),
    tools: z
      .array(openaiTool)
      .optional()
      .meta({ description: 'Functions that the model may ask to be called' }),
    tool_choice: z
      .union([z.string(), z.looseObject({})])
      .optional()
      .meta({ description: '`auto`, `none`, `required`, or one tool by its name' }),
    parallel_tool_calls: z
      .boolean()
      .optional()
      .meta({ description: 'Whether one answer may hold several calls' }),
    response_format: z
      .looseObject({ type: z.string() })
      .optional()
      .meta({ description: '`text`, `json_object`, or `json_schema` with a schema' }),
    reasoning_effort: z.string().optional().meta({ description: 'How long a reasoning model may think' }),
    seed: z.int().optional().meta({ description: 'For answers that repeat, as far as the provider can' }),
    user,
    ...gatewayFields,
  })
  .meta({ id: 'ChatCompletionRequest' })

const answer = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          reasoning_content: z.string().optional(),
          tool_calls: z.array(toolCall).optional(),
        }),
        finish_reason: z.string().meta({ description: '`stop`, `length`, `tool_calls` or `content_filter`' }),
      }),
    ),
    usage: openaiUsage,
  })
  .meta({ id: 'ChatCompletion' })

export const chat: LlmDescription = {
  summary: 'Answers a conversation, in OpenAI’s shape, by any model',
  request,
  answer,
  stream: 'OpenAI’s chunks, each a `data:` line, closed by `data: [DONE]`',
  example: { model: '<model>', messages: [{ role: 'user', content: 'Hello' }] },
}
