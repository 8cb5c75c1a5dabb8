import type { EmbeddingAnswer } from '../../types/embedding.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { parseFailure } from '../cohere/failure.ts'
import { noVectors, vectorsOf } from '../embedding-answer.ts'
import type { EmbeddingProtocol, ParseContext } from '../protocol.ts'
import { countOf, objectOf } from '../wire.ts'
import { renderCohereInputs } from './inputs.ts'

/** Cohere's embed API, version 2. */
export const cohereEmbeddingsProtocol: EmbeddingProtocol = {
  id: 'cohere-embeddings',
  params: new Set(['dimensions', 'encoding_format', 'input_type']),
  maxInputs: 96,
  renderRequest: (request, context) => ({
    path: '/v2/embed',
    body: { model: context.model, ...renderCohereInputs(request) },
  }),
  parseAnswer,
  parseFailure,
}

/** Also reads what Bedrock's Cohere models answer, which is the same without the bill. */
export function parseAnswer(body: Json, context: ParseContext): EmbeddingAnswer {
  const answer = objectOf(body)
  const embeddings = vectorsOf(answer?.['embeddings'])
  if (embeddings.length === 0) throw noVectors(context)
  return { model: '', embeddings, usage: parseUsage(objectOf(answer?.['meta'])) }
}

function parseUsage(meta: JsonObject | undefined): Usage | undefined {
  const billed = objectOf(meta?.['billed_units'])
  const textTokens = countOf(billed?.['input_tokens'])
  const inputImageTokens = countOf(billed?.['image_tokens'])
  if (billed === undefined || (textTokens === undefined && inputImageTokens === undefined)) return undefined
  const inputTokens = (textTokens ?? 0) + (inputImageTokens ?? 0)
  return {
    inputTokens,
    outputTokens: 0,
    totalTokens: inputTokens,
    inputImageTokens,
    source: 'provider',
    raw: billed,
  }
}
