import { z } from 'zod'
import { gatewayFields, model, openaiUsage, stream, temperature, topP, user } from './description.ts'
import type { LlmDescription } from './description.ts'

const request = z
  .looseObject({
    model,
    prompt: z.union([z.string(), z.array(z.string())]),
    suffix: z.string().optional(),
    stream,
    max_tokens: z.int().min(1).optional(),
    temperature,
    top_p: topP,
    n: z.int().min(1).max(128).optional(),
    echo: z.boolean().optional(),
    stop: z.union([z.string(), z.array(z.string())]).optional(),
    user,
    ...gatewayFields,
  })
  .meta({ id: 'CompletionRequest' })

const answer = z
  .looseObject({
    id: z.string(),
    object: z.literal('text_completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(z.looseObject({ index: z.int(), text: z.string(), finish_reason: z.string() })),
    usage: openaiUsage,
  })
  .meta({ id: 'Completion' })

export const completions: LlmDescription = {
  summary: 'Continues a text, in OpenAI’s older shape; chat models answer it as a message',
  request,
  answer,
  stream: 'OpenAI’s chunks, each a `data:` line, closed by `data: [DONE]`',
  example: { model: '<model>', prompt: 'Once upon a time', max_tokens: 64 },
}
