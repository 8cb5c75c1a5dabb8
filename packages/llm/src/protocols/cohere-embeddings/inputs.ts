import type { EmbeddingInput, EmbeddingRequest } from '../../types/embedding.ts'
import type { JsonObject } from '../../types/json.ts'
import { imageUrl, requireText } from '../embedding-answer.ts'
import { compact } from '../wire.ts'

/** Cohere demands to know what the vectors are for; LiteLLM's default is to be searched. */
const DEFAULT_INPUT_TYPE = 'search_document'

/** The fields that Cohere's own API and Bedrock's Cohere models share. */
export function renderCohereInputs({ inputs, inputType, dimensions, extra }: EmbeddingRequest): JsonObject {
  const own = compact({
    ...contentOf(inputs),
    input_type: inputType ?? (inputs.every(isBareImage) ? 'image' : DEFAULT_INPUT_TYPE),
    output_dimension: dimensions,
  })
  return { embedding_types: ['float'], ...extra, ...own }
}

/** Texts alone and images alone have fields of their own; mixed content needs the newer form. */
function contentOf(inputs: readonly EmbeddingInput[]): JsonObject {
  if (inputs.every((input) => input.type !== 'image')) return { texts: inputs.map(requireText) }
  if (inputs.every(isBareImage)) return { images: inputs.map(imageUrl) }
  return { inputs: inputs.map((input) => ({ content: contentParts(input) })) }
}

function contentParts(input: EmbeddingInput): JsonObject[] {
  if (input.type !== 'image') return [{ type: 'text', text: requireText(input) }]
  const image = { type: 'image_url', image_url: { url: imageUrl(input) } }
  return input.text === undefined ? [image] : [{ type: 'text', text: input.text }, image]
}

function isBareImage(input: EmbeddingInput): input is Extract<EmbeddingInput, { type: 'image' }> {
  return input.type === 'image' && input.text === undefined
}
