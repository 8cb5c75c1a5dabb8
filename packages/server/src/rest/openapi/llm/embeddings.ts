import { z } from 'zod'
import { model, openaiUsage, user } from './description.ts'
import type { LlmDescription } from './description.ts'

const request = z
  .looseObject({
    model,
    input: z
      .union([z.string(), z.array(z.string()), z.array(z.int()), z.array(z.array(z.int()))])
      .meta({ description: 'One text or many; lists of numbers are tokens' }),
    dimensions: z.int().min(1).optional(),
    encoding_format: z.enum(['float', 'base64']).optional(),
    user,
  })
  .meta({ id: 'EmbeddingRequest' })

const answer = z
  .looseObject({
    object: z.literal('list'),
    model: z.string(),
    data: z.array(
      z.looseObject({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    usage: openaiUsage,
  })
  .meta({ id: 'EmbeddingList' })

export const embeddings: LlmDescription = {
  summary: 'Turns texts into vectors, in OpenAI’s shape',
  request,
  answer,
  example: { model: '<model>', input: ['Hello'] },
}
