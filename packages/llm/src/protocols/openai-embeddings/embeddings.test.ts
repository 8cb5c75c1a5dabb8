import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../types/json.ts'
import { decodeFloats, encodeFloats } from '../floats.ts'
import { parseEmbeddingRequest, renderEmbeddingAnswer } from './client.ts'
import { openaiEmbeddingsProtocol as protocol } from './index.ts'

const context = { provider: 'acme', model: 'm', quirks: {}, newId: () => 'id' }

describe('as a client speaks it', () => {
  test.each<[string, Json, JsonObject[]]>([
    ['a text', 'a', [{ type: 'text', text: 'a' }]],
    [
      'texts',
      ['a', 'b'],
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    ],
    ['token ids', [1, 2], [{ type: 'tokens', tokens: [1, 2] }]],
    [
      'lists of token ids',
      [[1], [2]],
      [
        { type: 'tokens', tokens: [1] },
        { type: 'tokens', tokens: [2] },
      ],
    ],
    [
      'an image',
      ['data:image/png;base64,AA=='],
      [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } }],
    ],
    [
      'an image part',
      [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }],
      [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } }],
    ],
  ])('%s', (_name, input, inputs) => {
    expect(parseEmbeddingRequest({ model: 'm', input }).inputs).toEqual(inputs)
  })

  test.each<[string, JsonObject, string]>([
    ['no model', { input: 'a' }, 'model'],
    ['no input', { model: 'm' }, 'input'],
    ['an empty list', { model: 'm', input: [] }, 'input'],
    ['an input that is a number', { model: 'm', input: 1 }, 'input'],
    ['a member that is none', { model: 'm', input: ['a', null] }, 'input[1]'],
    ['no dimensions at all', { model: 'm', input: 'a', dimensions: 0 }, 'dimensions'],
    ['an unknown format', { model: 'm', input: 'a', encoding_format: 'hex' }, 'encoding_format'],
  ])('refuses %s', (_name, body, param) => {
    expect(() => parseEmbeddingRequest(body)).toThrow(expect.objectContaining({ code: 'bad_request', param }))
  })

  test('answers with numbers, or packed when that was asked for', () => {
    const answer = {
      model: 'm',
      embeddings: [[0.5, -1]],
      usage: { inputTokens: 3, outputTokens: 0, source: 'provider' as const },
    }
    const request = parseEmbeddingRequest({ model: 'm', input: 'a' })
    expect(renderEmbeddingAnswer(answer, request, 'name')).toEqual({
      object: 'list',
      model: 'name',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, -1] }],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })
    const packed = renderEmbeddingAnswer(answer, { ...request, encodingFormat: 'base64' }, 'name')
    const [first] = packed.data as [{ embedding: string }]
    expect(decodeFloats(first.embedding)).toEqual([0.5, -1])
  })
})

describe('as a service speaks it', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['one text as a string', { input: 'a' }, { input: 'a' }],
    [
      'several as a list',
      { input: ['a', 'b'], dimensions: 8, user: 'u' },
      { input: ['a', 'b'], dimensions: 8, user: 'u' },
    ],
    ['forwarded fields', { input: 'a', truncate: 'END' }, { input: 'a', truncate: 'END' }],
  ])('%s', (_name, body, wanted) => {
    const wire = protocol.renderRequest(parseEmbeddingRequest({ model: 'm', ...body }), {
      ...context,
      model: 'wire',
    })
    expect(wire).toEqual({ path: '/embeddings', body: { model: 'wire', ...wanted } })
  })

  test('says what vectors are for where the service insists', () => {
    const request = parseEmbeddingRequest({ model: 'm', input: 'a' })
    const quirks = { embeddingInputType: 'query' }
    expect(protocol.renderRequest(request, { ...context, quirks }).body.input_type).toBe('query')
    expect(
      protocol.renderRequest({ ...request, inputType: 'passage' }, { ...context, quirks }).body.input_type,
    ).toBe('passage')
  })

  test('images are refused, naming the field', () => {
    const request = parseEmbeddingRequest({ model: 'm', input: ['data:image/png;base64,AA=='] })
    expect(() => protocol.renderRequest(request, context)).toThrow(
      expect.objectContaining({ code: 'bad_request', param: 'input' }),
    )
  })

  test('reads vectors in the order of their inputs, however they are packed', () => {
    const body = {
      model: 'm-1',
      data: [
        { index: 1, embedding: encodeFloats([0.25]) },
        { index: 0, embedding: [0.5] },
      ],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    }
    expect(protocol.parseAnswer(body, context)).toMatchObject({
      model: 'm-1',
      embeddings: [[0.5], [0.25]],
      usage: { inputTokens: 4 },
    })
  })

  test('reads signed bytes where the service packs those', () => {
    const body = { data: [{ embedding: btoa('\u0001\u00ff\u0080') }] }
    const quirks = { embeddingBytes: 'int8' as const }
    expect(protocol.parseAnswer(body, { ...context, quirks }).embeddings).toEqual([[1, -1, -128]])
  })

  test('an answer without vectors is none', () => {
    expect(() => protocol.parseAnswer({ data: [] }, context)).toThrow(
      expect.objectContaining({ code: 'invalid_response' }),
    )
  })
})
