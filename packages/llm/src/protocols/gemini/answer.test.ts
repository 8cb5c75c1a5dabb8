import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import { parseAnswer } from './answer.ts'
import { geminiRelay } from './relay.ts'

const context = { provider: 'gemini', model: 'gemini-x', quirks: {}, newId: () => '1' }

const answer = (parts: JsonObject[], candidate: JsonObject = {}, root: JsonObject = {}) =>
  parseAnswer(
    { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', ...candidate }], ...root },
    context,
  )

describe('parts', () => {
  it('reads each kind', () => {
    const parts = [
      { text: 'hm', thought: true, thoughtSignature: 's0' },
      { text: 'hello', thoughtSignature: 's1' },
      { text: '' },
      { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 's2' },
      { functionCall: { id: 'x', name: 'g' } },
      { inlineData: { mimeType: 'image/png', data: 'AA' }, thoughtSignature: 's3' },
      { inlineData: { mimeType: 'audio/wav', data: 'BB' } },
      { inlineData: { mimeType: 'image/png', data: 'CC' }, thought: true },
      { executableCode: { code: '1+1' } },
    ]
    expect(answer(parts).choices[0]?.parts).toEqual([
      { type: 'reasoning', text: 'hm', signature: 's0' },
      { type: 'text', text: 'hello', signature: 's1' },
      { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{"a":1}', signature: 's2' },
      { type: 'tool-call', id: 'x', name: 'g', arguments: '{}' },
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA' }, signature: 's3' },
      { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'BB' } },
      { type: 'opaque', protocol: 'gemini', kind: 'thoughtImage', raw: parts[7] },
      { type: 'opaque', protocol: 'gemini', kind: 'executableCode', raw: parts[8] },
    ])
  })
})

describe('the end', () => {
  it.each([
    ['STOP', [{ text: 'a' }], 'stop'],
    ['STOP', [{ functionCall: { name: 'f' } }], 'tool-calls'],
    ['MAX_TOKENS', [{ functionCall: { name: 'f' } }], 'length'],
    ['SAFETY', [], 'content-filter'],
    ['IMAGE_SAFETY', [], 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', [], 'error'],
    ['NEW_REASON', [], 'other'],
  ])('%s after %j is %s', (finishReason, parts, reason) => {
    expect(answer(parts, { finishReason }).choices[0]?.finish).toEqual({ reason, rawReason: finishReason })
  })

  it('of a refused prompt is the filter, without parts', () => {
    const refused = parseAnswer({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }, context)
    expect(refused.choices).toEqual([
      { parts: [], finish: { reason: 'content-filter', rawReason: 'PROHIBITED_CONTENT' } },
    ])
  })
})

describe('usage', () => {
  it('counts thoughts as output and what tools read as input', () => {
    const usageMetadata = {
      promptTokenCount: 10,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 3,
      totalTokenCount: 25,
      cachedContentTokenCount: 4,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 8 },
        { modality: 'AUDIO', tokenCount: 2 },
      ],
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 6 }],
      trafficType: 'ON_DEMAND_FLEX',
    }
    const groundingMetadata = { webSearchQueries: ['', 'a', 'b'] }
    const { usage } = answer([], { groundingMetadata }, { usageMetadata })
    expect(usage).toEqual({
      inputTokens: 15,
      outputTokens: 10,
      totalTokens: 25,
      cacheReadTokens: 4,
      reasoningTokens: 3,
      inputAudioTokens: 2,
      outputImageTokens: 6,
      serviceTier: 'flex',
      webSearchRequests: 2,
      source: 'provider',
      raw: usageMetadata,
    })
    expect(
      geminiRelay.read({ candidates: [{ finishReason: 'STOP' }], usageMetadata }, context),
    ).toMatchObject({
      finished: true,
      usage: { inputTokens: 15 },
    })
  })

  it('is none where only the kind of traffic is told', () => {
    expect(answer([], {}, { usageMetadata: { trafficType: 'ON_DEMAND' } }).usage).toBeUndefined()
  })
})

describe('sources', () => {
  it('stand at characters, though Gemini counts bytes', () => {
    const groundingMetadata = {
      groundingChunks: [
        { web: { uri: 'https://a.test', title: 'A' } },
        { retrievedContext: { title: 'Doc', fileSearchStore: 'stores/1' } },
        { web: { uri: 'https://b.test' } },
      ],
      groundingSupports: [
        { segment: { endIndex: 4, text: 'né!' }, groundingChunkIndices: [0] },
        { segment: { startIndex: 5, endIndex: 8, text: 'end' }, groundingChunkIndices: [0, 1] },
      ],
    }
    const [part] = answer([{ text: 'né! end' }], { groundingMetadata }).choices[0]?.parts ?? []
    expect(part).toMatchObject({
      annotations: [
        {
          type: 'url-citation',
          url: 'https://a.test',
          title: 'A',
          startIndex: 0,
          endIndex: 3,
          citedText: 'né!',
        },
        { type: 'url-citation', url: 'https://a.test', startIndex: 4, endIndex: 7 },
        { type: 'document-citation', documentId: 'stores/1', title: 'Doc', startIndex: 4, endIndex: 7 },
        { type: 'url-citation', url: 'https://b.test' },
      ],
    })
  })

  it('of a picture stand on an empty text', () => {
    const groundingMetadata = { groundingChunks: [{ web: { uri: 'https://a.test' } }] }
    const parts = answer([{ inlineData: { mimeType: 'image/png', data: 'AA' } }], { groundingMetadata })
      .choices[0]?.parts
    expect(parts?.map((part) => part.type)).toEqual(['image', 'text'])
  })
})

it('reads candidates, names, time, log probabilities and the rest', () => {
  const read = parseAnswer(
    {
      candidates: [
        {
          content: { parts: [{ text: 'a' }] },
          finishReason: 'STOP',
          avgLogprobs: -0.5,
          logprobsResult: {
            chosenCandidates: [{ token: 'a', logProbability: -0.1 }],
            topCandidates: [{ candidates: [{ token: 'b', logProbability: -2 }] }],
          },
        },
        { content: { parts: [{ text: 'b' }] }, finishReason: 'MAX_TOKENS' },
      ],
      responseId: 'r',
      modelVersion: 'm',
      createTime: '2026-01-01T00:00:00.5Z',
    },
    context,
  )
  expect(read).toMatchObject({
    id: 'r',
    model: 'm',
    createdS: 1_767_225_600,
    metadata: { avgLogprobs: -0.5 },
  })
  expect(read.choices.map((choice) => choice.finish.reason)).toEqual(['stop', 'length'])
  expect(read.choices[0]?.logprobs).toEqual({
    content: [
      { token: 'a', logprob: -0.1, bytes: [97], top_logprobs: [{ token: 'b', logprob: -2, bytes: [98] }] },
    ],
  })
})

it.each([
  [{ usageMetadata: {} }, 'invalid_response'],
  ['text', 'invalid_response'],
  [{ error: { code: 429, message: 'slow down' } }, 'rate_limit'],
  [[{ error: { code: 503, message: 'later' } }], 'service_unavailable'],
])('refuses %j', (body, code) => {
  expect(() => parseAnswer(body, context)).toThrow(expect.objectContaining({ code }))
})
