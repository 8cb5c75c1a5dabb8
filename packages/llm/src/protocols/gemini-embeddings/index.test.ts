import { expect, it } from 'vitest'
import { geminiEmbeddingsProtocol } from './index.ts'

const render = { model: 'gemini-embedding-2', quirks: {}, newId: () => '1' }
const parse = { provider: 'gemini', model: 'm', quirks: {}, newId: () => '1' }

it('asks for each input on its own', () => {
  const image = { type: 'base64' as const, mediaType: 'image/png', data: 'AA' }
  const request = geminiEmbeddingsProtocol.renderRequest(
    {
      model: 'm',
      inputs: [
        { type: 'text', text: 'a' },
        { type: 'image', source: image, text: 'b' },
      ],
      dimensions: 8,
      inputType: 'retrieval_query',
      extra: { title: 't' },
    },
    render,
  )
  const common = {
    model: 'models/gemini-embedding-2',
    taskType: 'RETRIEVAL_QUERY',
    outputDimensionality: 8,
    title: 't',
  }
  expect(request).toEqual({
    path: '/models/gemini-embedding-2:batchEmbedContents',
    body: {
      requests: [
        { ...common, content: { parts: [{ text: 'a' }] } },
        {
          ...common,
          content: { parts: [{ text: 'b' }, { inlineData: { mimeType: 'image/png', data: 'AA' } }] },
        },
      ],
    },
  })
})

it('refuses token ids', () => {
  const request = { model: 'm', inputs: [{ type: 'tokens' as const, tokens: [1] }] }
  expect(() => geminiEmbeddingsProtocol.renderRequest(request, render)).toThrow(
    expect.objectContaining({ code: 'bad_request', param: 'input' }),
  )
})

it.each([
  [
    { embeddings: [{ values: [1, 2] }, { values: [3, 4] }] },
    [
      [1, 2],
      [3, 4],
    ],
  ],
  [{ embedding: { values: [1] } }, [[1]]],
])('reads %j', (body, embeddings) => {
  expect(geminiEmbeddingsProtocol.parseAnswer(body, parse)).toEqual({ model: '', embeddings })
})

it('reads usage where there is some, and refuses an answer without vectors', () => {
  const body = { embeddings: [{ values: [1] }], usageMetadata: { promptTokenCount: 7 } }
  expect(geminiEmbeddingsProtocol.parseAnswer(body, parse).usage).toMatchObject({
    inputTokens: 7,
    outputTokens: 0,
  })
  expect(() => geminiEmbeddingsProtocol.parseAnswer({}, parse)).toThrow(
    expect.objectContaining({ code: 'invalid_response' }),
  )
})
