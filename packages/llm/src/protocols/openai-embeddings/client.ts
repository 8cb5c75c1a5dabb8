import type { EmbeddingAnswer, EmbeddingInput, EmbeddingRequest } from '../../types/embedding.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import {
  invalid,
  missing,
  optionalNumber,
  optionalString,
  optionalWord,
  requiredString,
  restOf,
} from '../check.ts'
import { encodeFloats } from '../floats.ts'
import { compact, objectOf, parseDataUrl, textOf } from '../wire.ts'

const KNOWN = new Set(['model', 'input', 'dimensions', 'encoding_format', 'input_type', 'user'])

/** Reads an `/embeddings` body. */
export function parseEmbeddingRequest(body: JsonObject): EmbeddingRequest {
  const model = requiredString(body, 'model')
  if (model === '') throw missing('model')
  return {
    model,
    inputs: parseInputs(body.input),
    dimensions: optionalNumber(body, 'dimensions', { min: 1, integer: true }),
    encodingFormat: optionalWord(body, 'encoding_format', ['float', 'base64']),
    inputType: optionalString(body, 'input_type'),
    user: optionalString(body, 'user'),
    extra: restOf(body, KNOWN),
  }
}

function parseInputs(input: Json | undefined): EmbeddingInput[] {
  if (input === undefined || input === null) throw missing('input')
  if (typeof input === 'string') return [parseText(input)]
  if (!Array.isArray(input)) throw invalid('input', 'a string or an array', input)
  if (input.length === 0) throw invalid('input', 'at least one input', input)
  if (isTokens(input)) return [{ type: 'tokens', tokens: input }]
  return input.map((value, index): EmbeddingInput => {
    if (typeof value === 'string') return parseText(value)
    if (Array.isArray(value) && isTokens(value)) return { type: 'tokens', tokens: value }
    const part = objectOf(value)
    const url = textOf(objectOf(part?.image_url)?.url) ?? textOf(part?.image_url)
    if (url !== undefined) return parseText(url)
    const text = textOf(part?.text)
    if (text !== undefined) return { type: 'text', text }
    throw invalid(`input[${index}]`, 'a string or an array of token ids', value)
  })
}

function isTokens(value: readonly Json[]): value is number[] {
  return value.length > 0 && value.every((token) => typeof token === 'number' && Number.isInteger(token))
}

/** A `data:` address of an image stands for the image (LiteLLM's way of multimodal embeddings). */
function parseText(text: string): EmbeddingInput {
  const data = text.startsWith('data:image/') ? parseDataUrl(text) : undefined
  return data === undefined ? { type: 'text', text } : { type: 'image', source: { type: 'base64', ...data } }
}

/** Writes an `/embeddings` answer. */
export function renderEmbeddingAnswer(
  answer: EmbeddingAnswer,
  request: EmbeddingRequest,
  model: string,
): JsonObject {
  const base64 = request.encodingFormat === 'base64'
  return {
    object: 'list',
    model,
    data: answer.embeddings.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: base64 ? encodeFloats(vector) : vector,
    })),
    usage: compact({
      prompt_tokens: answer.usage?.inputTokens ?? 0,
      total_tokens: answer.usage?.totalTokens ?? answer.usage?.inputTokens ?? 0,
    }),
  }
}
