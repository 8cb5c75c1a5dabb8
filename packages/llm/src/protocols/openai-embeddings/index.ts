import { createError } from '../../errors.ts'
import type { EmbeddingAnswer, EmbeddingInput, EmbeddingRequest } from '../../types/embedding.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import { decodeFloats, decodeSignedBytes } from '../floats.ts'
import { parseFailure } from '../openai-chat/failure.ts'
import { parseUsage } from '../openai-chat/usage.ts'
import type { EmbeddingProtocol, ParseContext, RenderContext, WireRequest } from '../protocol.ts'
import { arrayOf, compact, countOf, objectOf, objectsOf, textOf } from '../wire.ts'

/** OpenAI's `/embeddings`, which most services speak. */
export const openaiEmbeddingsProtocol: EmbeddingProtocol = {
  id: 'openai-embeddings',
  params: new Set(['dimensions', 'encoding_format', 'user', 'input_type']),
  maxInputs: 2048,
  renderRequest,
  parseAnswer,
  parseFailure,
}

function renderRequest(request: EmbeddingRequest, context: RenderContext): WireRequest {
  const body = compact({
    model: context.model,
    input: renderInputs(request.inputs),
    dimensions: request.dimensions,
    encoding_format: request.encodingFormat,
    input_type: request.inputType ?? context.quirks.embeddingInputType,
    user: request.user,
  })
  return { path: '/embeddings', body: { ...context.quirks.extraBody, ...request.extra, ...body } }
}

function renderInputs(inputs: readonly EmbeddingInput[]): Json {
  const rendered = inputs.map((input): Json => {
    if (input.type === 'text') return input.text
    if (input.type === 'tokens') return input.tokens
    throw createError({
      code: 'bad_request',
      message:
        'This embedding API takes text and token ids only; an image needs a multimodal embedding model.',
      param: 'input',
    })
  })
  const [only] = rendered
  return rendered.length === 1 && typeof only === 'string' ? only : rendered
}

function parseAnswer(body: Json, context: ParseContext): EmbeddingAnswer {
  const root = objectOf(body)
  const data = objectsOf(root?.data)
  if (root === undefined || data.length === 0)
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer holds no embeddings (no data)`,
      provider: context.provider,
      model: context.model,
    })
  const ordered = [...data].sort((left, right) => (countOf(left.index) ?? 0) - (countOf(right.index) ?? 0))
  const usage = parseUsage(root.usage, context.quirks)
  return {
    model: textOf(root.model) ?? '',
    embeddings: ordered.map((row) => parseVector(row, context.quirks)),
    ...(usage === undefined ? {} : { usage }),
  }
}

function parseVector({ embedding }: JsonObject, quirks: Quirks): number[] {
  if (typeof embedding === 'string')
    return quirks.embeddingBytes === 'int8' ? decodeSignedBytes(embedding) : decodeFloats(embedding)
  return arrayOf(embedding).filter((value): value is number => typeof value === 'number')
}
