import { describe, expect, test } from 'vitest'
import type { EmbeddingInput, EmbeddingRequest } from '../types/embedding.ts'
import type { Json, JsonObject } from '../types/json.ts'
import {
  bedrockCohereEmbeddingsProtocol,
  bedrockNovaEmbeddingsProtocol,
  bedrockTitanEmbeddingsProtocol,
  bedrockTitanImageEmbeddingsProtocol,
} from './bedrock-embeddings/index.ts'
import { cohereEmbeddingsProtocol } from './cohere-embeddings/index.ts'
import { ollamaEmbeddingsProtocol } from './ollama-embeddings/index.ts'
import type { EmbeddingProtocol } from './protocol.ts'
import {
  voyageContextualEmbeddingsProtocol,
  voyageEmbeddingsProtocol,
  voyageMultimodalEmbeddingsProtocol,
} from './voyage-embeddings/index.ts'

const text = (words: string): EmbeddingInput => ({ type: 'text', text: words })
const image: EmbeddingInput = {
  type: 'image',
  source: { type: 'base64', mediaType: 'image/png', data: 'AA==' },
}
const imageAddress = 'data:image/png;base64,AA=='

describe('requests', () => {
  test.each<[string, EmbeddingProtocol, Omit<EmbeddingRequest, 'model'>, string, JsonObject]>([
    [
      'cohere: LiteLLM searches by default',
      cohereEmbeddingsProtocol,
      { inputs: [text('a'), text('b')] },
      '/v2/embed',
      { model: 'm:0', texts: ['a', 'b'], input_type: 'search_document', embedding_types: ['float'] },
    ],
    [
      'cohere: images alone',
      cohereEmbeddingsProtocol,
      { inputs: [image] },
      '/v2/embed',
      { model: 'm:0', images: [imageAddress], input_type: 'image', embedding_types: ['float'] },
    ],
    [
      'cohere: mixed',
      cohereEmbeddingsProtocol,
      { inputs: [text('a'), { ...image, text: 'b' }], inputType: 'search_query', dimensions: 256 },
      '/v2/embed',
      {
        model: 'm:0',
        inputs: [
          { content: [{ type: 'text', text: 'a' }] },
          {
            content: [
              { type: 'text', text: 'b' },
              { type: 'image_url', image_url: { url: imageAddress } },
            ],
          },
        ],
        input_type: 'search_query',
        output_dimension: 256,
        embedding_types: ['float'],
      },
    ],
    [
      'voyage',
      voyageEmbeddingsProtocol,
      { inputs: [text('a')], inputType: 'query', dimensions: 8, extra: { truncation: false } },
      '/embeddings',
      { model: 'm:0', input: ['a'], input_type: 'query', output_dimension: 8, truncation: false },
    ],
    [
      'voyage, contextual',
      voyageContextualEmbeddingsProtocol,
      { inputs: [text('a'), text('b')] },
      '/contextualizedembeddings',
      { model: 'm:0', inputs: [['a'], ['b']] },
    ],
    [
      'voyage, multimodal',
      voyageMultimodalEmbeddingsProtocol,
      { inputs: [{ ...image, text: 'a' }] },
      '/multimodalembeddings',
      {
        model: 'm:0',
        inputs: [
          {
            content: [
              { type: 'text', text: 'a' },
              { type: 'image_base64', image_base64: imageAddress },
            ],
          },
        ],
      },
    ],
    [
      'titan',
      bedrockTitanEmbeddingsProtocol,
      { inputs: [text('a')], dimensions: 256, extra: { normalize: false } },
      '/model/m%3A0/invoke',
      { inputText: 'a', dimensions: 256, normalize: false },
    ],
    [
      'titan, multimodal',
      bedrockTitanImageEmbeddingsProtocol,
      { inputs: [{ ...image, text: 'a' }], dimensions: 256 },
      '/model/m%3A0/invoke',
      { inputText: 'a', inputImage: 'AA==', embeddingConfig: { outputEmbeddingLength: 256 } },
    ],
    [
      'nova',
      bedrockNovaEmbeddingsProtocol,
      { inputs: [text('a')], dimensions: 256 },
      '/model/m%3A0/invoke',
      {
        taskType: 'SINGLE_EMBEDDING',
        singleEmbeddingParams: {
          embeddingPurpose: 'GENERIC_INDEX',
          embeddingDimension: 256,
          text: { truncationMode: 'END', value: 'a' },
        },
      },
    ],
    [
      'cohere on bedrock',
      bedrockCohereEmbeddingsProtocol,
      { inputs: [text('a')] },
      '/model/m%3A0/invoke',
      { texts: ['a'], input_type: 'search_document', embedding_types: ['float'] },
    ],
    [
      'ollama: unknown fields are options',
      ollamaEmbeddingsProtocol,
      { inputs: [text('a')], dimensions: 8, extra: { truncate: false, num_ctx: 9 } },
      '/api/embed',
      { model: 'm:0', input: ['a'], dimensions: 8, truncate: false, options: { num_ctx: 9 } },
    ],
  ])('%s', (_name, protocol, request, path, body) => {
    const context = { model: 'm:0', quirks: {}, newId: () => 'made' }
    expect(protocol.renderRequest({ model: 'm', ...request }, context)).toEqual({ path, body })
  })

  test('token ids are refused where only text is taken', () => {
    const request: EmbeddingRequest = { model: 'm', inputs: [{ type: 'tokens', tokens: [1] }] }
    const context = { model: 'm', quirks: {}, newId: () => 'made' }
    expect(() => voyageEmbeddingsProtocol.renderRequest(request, context)).toThrow('takes no token ids')
  })
})

describe('answers', () => {
  const context = { provider: 'p', model: 'm', quirks: {}, newId: () => 'made' }

  test.each<[string, EmbeddingProtocol, Json, number[][], number | undefined]>([
    [
      'cohere',
      cohereEmbeddingsProtocol,
      { embeddings: { float: [[1, 2]] }, meta: { billed_units: { input_tokens: 3 } } },
      [[1, 2]],
      3,
    ],
    [
      'voyage, in the order of the inputs',
      voyageEmbeddingsProtocol,
      {
        data: [
          { index: 1, embedding: [2] },
          { index: 0, embedding: [1] },
        ],
        usage: { total_tokens: 12 },
      },
      [[1], [2]],
      12,
    ],
    [
      'voyage, packed',
      voyageEmbeddingsProtocol,
      { data: [{ embedding: 'AACAPwAAAEA=' }] },
      [[1, 2]],
      undefined,
    ],
    [
      'voyage, contextual',
      voyageContextualEmbeddingsProtocol,
      { data: [{ index: 0, data: [{ index: 0, embedding: [1] }] }] },
      [[1]],
      undefined,
    ],
    ['titan', bedrockTitanEmbeddingsProtocol, { embedding: [1], inputTextTokenCount: 4 }, [[1]], 4],
    ['titan by type', bedrockTitanEmbeddingsProtocol, { embeddingsByType: { float: [1] } }, [[1]], undefined],
    ['nova', bedrockNovaEmbeddingsProtocol, { embeddings: [{ embedding: [1] }] }, [[1]], undefined],
    ['cohere on bedrock', bedrockCohereEmbeddingsProtocol, { embeddings: [[1], [2]] }, [[1], [2]], undefined],
    ['ollama', ollamaEmbeddingsProtocol, { embeddings: [[1]], prompt_eval_count: 2 }, [[1]], 2],
  ])('%s', (_name, protocol, body, embeddings, inputTokens) => {
    const answer = protocol.parseAnswer(body, context)
    expect(answer.embeddings).toEqual(embeddings)
    expect(answer.usage?.inputTokens).toBe(inputTokens)
    expect(() => protocol.parseAnswer({}, context)).toThrow('holds no embeddings')
  })

  test('voyage says what is wrong in `detail`', () => {
    const failure = { status: 400, headers: {}, body: { detail: 'Model x is not supported.' } }
    expect(voyageEmbeddingsProtocol.parseFailure(failure, context)).toMatchObject({
      code: 'bad_request',
      message: 'p: Model x is not supported.',
    })
  })
})
