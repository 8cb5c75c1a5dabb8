import { createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import type { EmbeddingInput } from '../types/embedding.ts'
import type { Json } from '../types/json.ts'
import { decodeFloats } from './floats.ts'
import type { ParseContext } from './protocol.ts'
import { arrayOf, objectOf } from './wire.ts'

/** Shared by the formats for embeddings that are not OpenAI's. */

/** A vector as numbers or packed as base64. */
export function vectorOf(value: Json | undefined): number[] {
  if (typeof value === 'string') return decodeFloats(value)
  return arrayOf(value).filter((number): number is number => typeof number === 'number')
}

/** A list of vectors, or an object with such a list for each number format, of which floats come first. */
export function vectorsOf(value: Json | undefined): number[][] {
  const byFormat = objectOf(value)
  const list = byFormat === undefined ? value : (byFormat['float'] ?? Object.values(byFormat)[0])
  return arrayOf(list).map(vectorOf)
}

export function noVectors(context: ParseContext): SwitchyardError {
  return createError({
    code: 'invalid_response',
    message: `${context.provider}: the answer holds no embeddings.`,
    provider: context.provider,
    model: context.model,
  })
}

/** The text of an input, for models that embed nothing else. */
export function requireText(input: EmbeddingInput): string {
  if (input.type === 'text') return input.text
  throw unsupportedInput(input)
}

export function unsupportedInput(input: EmbeddingInput): SwitchyardError {
  const given = input.type === 'tokens' ? 'token ids' : 'images'
  return createError({
    code: 'bad_request',
    message: `This embedding model takes no ${given} in this form: send text.`,
    param: 'input',
  })
}

/** An image as an address; `data:` where the bytes are given. */
export function imageUrl(input: Extract<EmbeddingInput, { type: 'image' }>): string {
  const { source } = input
  if (source.type === 'base64') return `data:${source.mediaType};base64,${source.data}`
  if (source.type === 'url') return source.url
  throw unsupportedInput(input)
}
