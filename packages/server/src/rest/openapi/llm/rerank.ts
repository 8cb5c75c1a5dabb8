import { z } from 'zod'
import { model } from './description.ts'
import type { LlmDescription } from './description.ts'

const request = z
  .looseObject({
    model,
    query: z.string(),
    documents: z
      .array(z.union([z.string(), z.record(z.string(), z.unknown())]))
      .min(1)
      .meta({ description: 'Texts, or objects whose `text`, or the fields of `rank_fields`, is looked at' }),
    top_n: z.int().min(1).optional().meta({ description: 'How many of the best are wanted' }),
    return_documents: z.boolean().optional().meta({ description: 'Whether results hold their documents' }),
    rank_fields: z.array(z.string()).optional(),
    max_tokens_per_doc: z.int().min(1).optional(),
    max_chunks_per_doc: z.int().min(1).optional(),
  })
  .meta({ id: 'RerankRequest' })

const answer = z
  .looseObject({
    id: z.string(),
    results: z.array(
      z.looseObject({
        index: z.int().meta({ description: 'Place of the document in the request' }),
        relevance_score: z.number(),
        document: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
    meta: z.looseObject({
      billed_units: z
        .looseObject({ search_units: z.int().optional(), total_tokens: z.int().optional() })
        .optional(),
      tokens: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }).optional(),
    }),
  })
  .meta({ id: 'RerankAnswer' })

export const rerank: LlmDescription = {
  summary: 'Puts documents in order by how well each answers a query, in Cohere’s shape',
  request,
  answer,
  example: { model: '<model>', query: 'Where do wagons go?', documents: ['To the yard', 'It rains'] },
}
