import { createError } from '../../errors.ts'
import type { EmbeddingAnswer, EmbeddingInput, EmbeddingRequest } from '../../types/embedding.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { parseFailure } from '../gemini/failure.ts'
import { renderMedia } from '../gemini/media.ts'
import { modelPath } from '../gemini/path.ts'
import { parseUsage } from '../gemini/usage.ts'
import type { EmbeddingProtocol, ParseContext, RenderContext, WireRequest } from '../protocol.ts'
import { compact, numberOf, objectOf, objectsOf, arrayOf } from '../wire.ts'

/** Google's `:batchEmbedContents`, which embeds text and, with newer models, images beside it. */
export const geminiEmbeddingsProtocol: EmbeddingProtocol = {
  id: 'gemini-embeddings',
  params: new Set(['dimensions', 'input_type']),
  maxInputs: 100,
  renderRequest,
  parseAnswer,
  parseFailure,
}

/** Each input is a request of its own, so extra fields (`title`, `taskType`) belong into each. */
function renderRequest(request: EmbeddingRequest, context: RenderContext): WireRequest {
  const model = `models/${context.model.replace(/^models\//, '')}`
  const requests = request.inputs.map((input) => ({
    ...request.extra,
    ...compact({
      model,
      content: { parts: renderParts(input) },
      taskType: request.inputType?.toUpperCase(),
      outputDimensionality: request.dimensions,
    }),
  }))
  return { path: modelPath(context.model, 'batchEmbedContents'), body: { requests } }
}

function renderParts(input: EmbeddingInput): JsonObject[] {
  if (input.type === 'text') return [{ text: input.text }]
  if (input.type === 'image')
    return [...(input.text === undefined ? [] : [{ text: input.text }]), renderMedia(input.source)]
  throw createError({
    code: 'bad_request',
    message: 'This embedding API takes text and images, not token ids.',
    param: 'input',
  })
}

function parseAnswer(body: Json, context: ParseContext): EmbeddingAnswer {
  const root = objectOf(body)
  const single = objectOf(root?.embedding)
  const embeddings = single === undefined ? objectsOf(root?.embeddings) : [single]
  if (root === undefined || embeddings.length === 0)
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer holds no embeddings`,
      provider: context.provider,
      model: context.model,
    })
  const usage = parseUsage(root.usageMetadata)
  return {
    model: '',
    embeddings: embeddings.map((embedding) => vectorOf(embedding.values)),
    ...(usage === undefined ? {} : { usage }),
  }
}

function vectorOf(values: Json | undefined): number[] {
  return arrayOf(values).map((value) => numberOf(value) ?? 0)
}
