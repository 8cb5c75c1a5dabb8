import type { EmbeddingAnswer, EmbeddingInput, EmbeddingRequest } from '../../types/embedding.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { imageUrl, noVectors, requireText, vectorOf } from '../embedding-answer.ts'
import type { EmbeddingProtocol, ParseContext, RenderContext } from '../protocol.ts'
import { compact, countOf, objectOf, objectsOf, textOf } from '../wire.ts'
import { parseFailure } from './failure.ts'

const shared = {
  params: new Set(['dimensions', 'encoding_format', 'input_type'] as const),
  maxInputs: 1_000,
  parseAnswer,
  parseFailure,
}

/** Voyage's `/embeddings` for text. */
export const voyageEmbeddingsProtocol: EmbeddingProtocol = {
  ...shared,
  id: 'voyage-embeddings',
  renderRequest: (request, context) => ({
    path: '/embeddings',
    body: { ...settingsOf(request, context), input: request.inputs.map(requireText) },
  }),
}

/** For models that see a text together with its neighbours: each input is a document of its own. */
export const voyageContextualEmbeddingsProtocol: EmbeddingProtocol = {
  ...shared,
  id: 'voyage-contextual-embeddings',
  renderRequest: (request, context) => ({
    path: '/contextualizedembeddings',
    body: { ...settingsOf(request, context), inputs: request.inputs.map((input) => [requireText(input)]) },
  }),
}

/** For models that take images beside text. */
export const voyageMultimodalEmbeddingsProtocol: EmbeddingProtocol = {
  ...shared,
  id: 'voyage-multimodal-embeddings',
  renderRequest: (request, context) => ({
    path: '/multimodalembeddings',
    body: {
      ...settingsOf(request, context),
      inputs: request.inputs.map((input) => ({ content: contentParts(input) })),
    },
  }),
}

/** Vectors are asked for as numbers, whatever the caller will get. */
function settingsOf(
  { inputType, dimensions, extra }: EmbeddingRequest,
  { model }: RenderContext,
): JsonObject {
  return { ...extra, ...compact({ model, input_type: inputType, output_dimension: dimensions }) }
}

function contentParts(input: EmbeddingInput): JsonObject[] {
  if (input.type !== 'image') return [{ type: 'text', text: requireText(input) }]
  const url = imageUrl(input)
  const image = url.startsWith('data:')
    ? { type: 'image_base64', image_base64: url }
    : { type: 'image_url', image_url: url }
  return input.text === undefined ? [image] : [{ type: 'text', text: input.text }, image]
}

function parseAnswer(body: Json, context: ParseContext): EmbeddingAnswer {
  const answer = objectOf(body)
  const embeddings = inOrder(objectsOf(answer?.['data'])).flatMap((row) => {
    // Contextual models list the pieces of each document.
    const pieces = objectsOf(row['data'])
    return pieces.length > 0 ? inOrder(pieces).map(embeddingOf) : [embeddingOf(row)]
  })
  if (embeddings.length === 0) throw noVectors(context)
  return {
    model: textOf(answer?.['model']) ?? '',
    embeddings,
    usage: parseUsage(objectOf(answer?.['usage'])),
  }
}

function inOrder(rows: readonly JsonObject[]): JsonObject[] {
  return rows.toSorted((left, right) => (countOf(left['index']) ?? 0) - (countOf(right['index']) ?? 0))
}

function embeddingOf(row: JsonObject): number[] {
  return vectorOf(row['embedding'])
}

function parseUsage(raw: JsonObject | undefined): Usage | undefined {
  const inputTokens = countOf(raw?.['total_tokens'])
  if (inputTokens === undefined) return undefined
  return { inputTokens, outputTokens: 0, totalTokens: inputTokens, source: 'provider', raw }
}
