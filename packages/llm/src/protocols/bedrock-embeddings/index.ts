import type { EmbeddingAnswer, EmbeddingInput, EmbeddingRequest } from '../../types/embedding.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { parseFailure } from '../bedrock-converse/failure.ts'
import { parseAnswer as parseCohereAnswer } from '../cohere-embeddings/index.ts'
import { renderCohereInputs } from '../cohere-embeddings/inputs.ts'
import { imageUrl, noVectors, requireText, unsupportedInput, vectorOf } from '../embedding-answer.ts'
import type { EmbeddingProtocol, ParseContext, RenderContext, WireRequest } from '../protocol.ts'
import { compact, countOf, objectOf, objectsOf, parseDataUrl } from '../wire.ts'

/** Bedrock invokes an embedding model with the vendor's own body; these are the vendors. */

/** Amazon Titan text models: one text a call. */
export const bedrockTitanEmbeddingsProtocol: EmbeddingProtocol = {
  id: 'bedrock-titan-embeddings',
  params: new Set(['dimensions', 'encoding_format']),
  maxInputs: 1,
  renderRequest: (request, context) =>
    invoke(context, request, { inputText: requireText(onlyInput(request)), dimensions: request.dimensions }),
  parseAnswer: parseSingle,
  parseFailure,
}

/** Amazon Titan's multimodal model: a text, an image, or both. */
export const bedrockTitanImageEmbeddingsProtocol: EmbeddingProtocol = {
  id: 'bedrock-titan-image-embeddings',
  params: new Set(['dimensions', 'encoding_format']),
  maxInputs: 1,
  renderRequest: (request, context) => {
    const input = onlyInput(request)
    const { dimensions } = request
    return invoke(context, request, {
      inputText: input.type === 'image' ? input.text : requireText(input),
      inputImage: input.type === 'image' ? imageOf(input).data : undefined,
      embeddingConfig: dimensions === undefined ? undefined : { outputEmbeddingLength: dimensions },
    })
  },
  parseAnswer: parseSingle,
  parseFailure,
}

/** Amazon Nova's multimodal embeddings: a text or an image a call. `input_type` is its `embeddingPurpose`. */
export const bedrockNovaEmbeddingsProtocol: EmbeddingProtocol = {
  id: 'bedrock-nova-embeddings',
  params: new Set(['dimensions', 'encoding_format', 'input_type']),
  maxInputs: 1,
  renderRequest: (request, context) =>
    invoke(context, request, {
      taskType: 'SINGLE_EMBEDDING',
      singleEmbeddingParams: compact({
        embeddingPurpose: request.inputType ?? 'GENERIC_INDEX',
        embeddingDimension: request.dimensions,
        ...novaContent(onlyInput(request)),
      }),
    }),
  parseAnswer: (body, context) => {
    const embeddings = objectsOf(objectOf(body)?.['embeddings']).map((row) => vectorOf(row['embedding']))
    if (embeddings.length === 0) throw noVectors(context)
    return { model: '', embeddings }
  },
  parseFailure,
}

/** Cohere's models on Bedrock. */
export const bedrockCohereEmbeddingsProtocol: EmbeddingProtocol = {
  id: 'bedrock-cohere-embeddings',
  params: new Set(['dimensions', 'encoding_format', 'input_type']),
  maxInputs: 96,
  renderRequest: (request, context) => ({ path: invokePath(context), body: renderCohereInputs(request) }),
  parseAnswer: parseCohereAnswer,
  parseFailure,
}

function invoke(context: RenderContext, { extra }: EmbeddingRequest, own: JsonObject): WireRequest {
  return { path: invokePath(context), body: { ...extra, ...compact(own) } }
}

function invokePath({ model }: RenderContext): string {
  return `/model/${encodeURIComponent(model)}/invoke`
}

function onlyInput({ inputs }: EmbeddingRequest): EmbeddingInput {
  return inputs[0] ?? { type: 'text', text: '' }
}

function imageOf(input: Extract<EmbeddingInput, { type: 'image' }>): { mediaType: string; data: string } {
  const image = parseDataUrl(imageUrl(input))
  if (image === undefined) throw unsupportedInput(input)
  return image
}

function novaContent(input: EmbeddingInput): JsonObject {
  if (input.type !== 'image') return { text: { truncationMode: 'END', value: requireText(input) } }
  const { mediaType, data } = imageOf(input)
  return { image: { format: mediaType.replace(/^image\//, ''), source: { bytes: data } } }
}

function parseSingle(body: Json, context: ParseContext): EmbeddingAnswer {
  const answer = objectOf(body)
  const byType = Object.values(objectOf(answer?.['embeddingsByType']) ?? {})
  const vector = vectorOf(answer?.['embedding'] ?? byType[0])
  if (vector.length === 0) throw noVectors(context)
  const inputTokens = countOf(answer?.['inputTextTokenCount'])
  return {
    model: '',
    embeddings: [vector],
    usage:
      inputTokens === undefined
        ? undefined
        : {
            inputTokens,
            outputTokens: 0,
            totalTokens: inputTokens,
            source: 'provider',
            raw: { inputTextTokenCount: inputTokens },
          },
  }
}
