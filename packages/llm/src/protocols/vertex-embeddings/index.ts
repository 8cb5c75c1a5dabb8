import { createError } from '../../errors.ts'
import type { EmbeddingAnswer, EmbeddingInput, EmbeddingRequest } from '../../types/embedding.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { MediaSource } from '../../types/message.ts'
import type { Usage } from '../../types/usage.ts'
import { parseFailure } from '../gemini/failure.ts'
import { modelPath } from '../gemini/path.ts'
import type { EmbeddingProtocol, ParseContext, RenderContext, WireRequest } from '../protocol.ts'
import { arrayOf, compact, countOf, numberOf, objectOf, objectsOf, parseDataUrl } from '../wire.ts'

/** Vertex's `:predict` for text embeddings. */
export const vertexEmbeddingsProtocol: EmbeddingProtocol = createProtocol(
  'vertex-embeddings',
  250,
  renderText,
)

/** The same for models that take one text a call (`gemini-embedding-001`). */
export const vertexSingleEmbeddingsProtocol: EmbeddingProtocol = {
  ...vertexEmbeddingsProtocol,
  id: 'vertex-single-embeddings',
  maxInputs: 1,
}

/** Vertex's `:predict` for `multimodalembedding`, which embeds one text or image a call. */
export const vertexMultimodalEmbeddingsProtocol: EmbeddingProtocol = createProtocol(
  'vertex-multimodal-embeddings',
  1,
  renderMultimodal,
)

type RenderInstance = (input: EmbeddingInput, request: EmbeddingRequest) => JsonObject

function createProtocol(id: string, maxInputs: number, renderInstance: RenderInstance): EmbeddingProtocol {
  const renderRequest = (request: EmbeddingRequest, context: RenderContext): WireRequest => {
    const size = id === 'vertex-multimodal-embeddings' ? 'dimension' : 'outputDimensionality'
    const body = compact({
      instances: request.inputs.map((input) => renderInstance(input, request)),
      parameters: request.dimensions === undefined ? undefined : { [size]: request.dimensions },
    })
    return { path: modelPath(context.model, 'predict'), body: { ...request.extra, ...body } }
  }
  return {
    id,
    params: new Set(['dimensions', 'input_type']),
    maxInputs,
    renderRequest,
    parseAnswer,
    parseFailure,
  }
}

function renderText(input: EmbeddingInput, request: EmbeddingRequest): JsonObject {
  if (input.type === 'text')
    return compact({ content: input.text, task_type: request.inputType?.toUpperCase() })
  throw refuse('text only')
}

function renderMultimodal(input: EmbeddingInput): JsonObject {
  if (input.type === 'text') return { text: input.text }
  if (input.type === 'image') return compact({ text: input.text, image: renderImage(input.source) })
  throw refuse('text and images, not token ids')
}

function renderImage(source: MediaSource): JsonObject {
  if (source.type === 'base64') return { bytesBase64Encoded: source.data, mimeType: source.mediaType }
  if (source.type === 'file-id') return { gcsUri: source.id }
  const data = parseDataUrl(source.url)
  return data === undefined
    ? { gcsUri: source.url }
    : { bytesBase64Encoded: data.data, mimeType: data.mediaType }
}

function refuse(wanted: string): Error {
  return createError({
    code: 'bad_request',
    message: `This embedding API takes ${wanted}.`,
    param: 'input',
  })
}

function parseAnswer(body: Json, context: ParseContext): EmbeddingAnswer {
  const predictions = objectsOf(objectOf(body)?.predictions)
  if (predictions.length === 0)
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer holds no embeddings (no predictions)`,
      provider: context.provider,
      model: context.model,
    })
  const usage = parsePredictionUsage(predictions)
  return {
    model: '',
    embeddings: predictions.map(vectorOf),
    ...(usage === undefined ? {} : { usage }),
  }
}

/** An image's vector stands beside that of its text; the image is what was asked for. */
function vectorOf(prediction: JsonObject): number[] {
  const values =
    objectOf(prediction.embeddings)?.values ?? prediction.imageEmbedding ?? prediction.textEmbedding
  return arrayOf(values).map((value) => numberOf(value) ?? 0)
}

/** Each prediction counts its own tokens. */
function parsePredictionUsage(predictions: readonly JsonObject[]): Usage | undefined {
  const counts = predictions.flatMap((prediction) => {
    const count = countOf(objectOf(objectOf(prediction.embeddings)?.statistics)?.token_count)
    return count === undefined ? [] : [count]
  })
  if (counts.length === 0) return undefined
  const inputTokens = counts.reduce((sum, count) => sum + count, 0)
  return { inputTokens, outputTokens: 0, totalTokens: inputTokens, source: 'provider' }
}
