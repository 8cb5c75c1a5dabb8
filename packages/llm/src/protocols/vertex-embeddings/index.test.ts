import { expect, it } from 'vitest'
import {
  vertexEmbeddingsProtocol,
  vertexMultimodalEmbeddingsProtocol,
  vertexSingleEmbeddingsProtocol,
} from './index.ts'

const render = { model: 'text-embedding-005', quirks: {}, newId: () => '1' }
const parse = { provider: 'vertex_ai', model: 'm', quirks: {}, newId: () => '1' }

it('asks for texts as instances', () => {
  const request = vertexEmbeddingsProtocol.renderRequest(
    {
      model: 'm',
      inputs: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      dimensions: 8,
      inputType: 'clustering',
    },
    render,
  )
  expect(request).toEqual({
    path: '/models/text-embedding-005:predict',
    body: {
      instances: [
        { content: 'a', task_type: 'CLUSTERING' },
        { content: 'b', task_type: 'CLUSTERING' },
      ],
      parameters: { outputDimensionality: 8 },
    },
  })
  expect(vertexSingleEmbeddingsProtocol.maxInputs).toBe(1)
})

it('asks for images where the model takes them', () => {
  const inputs = [
    {
      type: 'image' as const,
      source: { type: 'base64' as const, mediaType: 'image/png', data: 'AA' },
      text: 'a',
    },
  ]
  const request = { model: 'm', inputs, dimensions: 128 }
  expect(vertexMultimodalEmbeddingsProtocol.renderRequest(request, render).body).toEqual({
    instances: [{ text: 'a', image: { bytesBase64Encoded: 'AA', mimeType: 'image/png' } }],
    parameters: { dimension: 128 },
  })
  expect(() => vertexEmbeddingsProtocol.renderRequest(request, render)).toThrow(
    expect.objectContaining({ code: 'bad_request', param: 'input' }),
  )
})

it('reads vectors and adds up the tokens of each', () => {
  const prediction = (values: number[], tokens: number) => ({
    embeddings: { values, statistics: { token_count: tokens, truncated: false } },
  })
  const body = { predictions: [prediction([1, 2], 5), prediction([3, 4], 6)] }
  expect(vertexEmbeddingsProtocol.parseAnswer(body, parse)).toEqual({
    model: '',
    embeddings: [
      [1, 2],
      [3, 4],
    ],
    usage: { inputTokens: 11, outputTokens: 0, totalTokens: 11, source: 'provider' },
  })
  const image = { predictions: [{ imageEmbedding: [9], textEmbedding: [8] }] }
  expect(vertexMultimodalEmbeddingsProtocol.parseAnswer(image, parse).embeddings).toEqual([[9]])
})
