import { expect, test } from 'vitest'
import { sizeOf } from './call-size.ts'
import { readCall } from './call.ts'
import type { LlmOperation } from './routes/routes.ts'
import { callOf, chatBody, routeOf } from './testing/services.ts'

test.each<[string, object, object]>([
  ['nothing', {}, { maxTokens: undefined, answers: 1, serviceTier: undefined }],
  ['the older name', { max_tokens: 7 }, { maxTokens: 7 }],
  ['the newer name', { max_completion_tokens: 8 }, { maxTokens: 8 }],
  ['both names', { max_tokens: 700, max_completion_tokens: 8 }, { maxTokens: 700 }],
  ['several answers', { n: 3 }, { answers: 3 }],
  ['a tier', { service_tier: 'flex' }, { serviceTier: 'flex' }],
])('a chat request that names %s', (_name, fields, expected) => {
  const call = callOf(chatBody(fields))
  expect(sizeOf(call)).toEqual(expect.objectContaining({ inputTokens: call.body.length, ...expected }))
})

test.each<[LlmOperation, object, object]>([
  ['responses', { model: 'm', input: 'x', max_output_tokens: 9 }, { maxTokens: 9 }],
  ['messages', { model: 'm', messages: [], max_tokens: 5 }, { maxTokens: 5 }],
  ['completions', { model: 'm', prompt: 'x', n: 2, best_of: 4 }, { answers: 4 }],
  ['embeddings', { model: 'm', input: 'x', max_tokens: 5 }, { maxTokens: 0 }],
])('%s have their own names', (operation, body, expected) => {
  expect(sizeOf(callOf(body, operation))).toMatchObject(expected)
})

test('a recording is taken to be as thin as speech usually is', () => {
  const file = { bytes: new Uint8Array(2_500), name: 'a.mp3', mediaType: 'audio/mpeg' }
  const body = Buffer.from('{"model":"w","file":"sha256:x"}')
  expect(sizeOf(readCall(routeOf('transcription'), {}, {}, body, file))).toEqual({
    inputTokens: 75,
    maxTokens: 30,
    audioMs: 3_000,
    kinds: ['audio_input'],
  })
})

test('a rerank reads the query with each document, and may be billed by several searches', () => {
  const body = { model: 'r', query: 'żółw', documents: Array.from({ length: 101 }, () => 'x'.repeat(100)) }
  const call = callOf(body, 'rerank')
  expect(sizeOf(call)).toEqual({
    inputTokens: call.body.length + 101 * 7,
    maxTokens: 0,
    // 101 documents, and some 40 more if they were one token a letter.
    searchUnits: 2,
  })
})

const picture = { type: 'image_url', image_url: { url: 'https://a.example/b.png' } }

test.each<[string, object, readonly string[] | undefined]>([
  ['plain words', {}, undefined],
  [
    'a mark for the cache',
    { messages: [{ role: 'user', content: 'x', cache_control: { type: 'ephemeral' } }] },
    ['cache_write'],
  ],
  ['speech', { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }, ['audio_input']],
  ['a picture', { messages: [{ role: 'user', content: [picture] }] }, ['image_input']],
  ['an answer to listen to', { audio: { voice: 'alloy', format: 'wav' } }, ['audio_output']],
])('kinds of tokens in %s', (_name, fields, kinds) => {
  expect(sizeOf(callOf(chatBody(fields))).kinds).toEqual(kinds)
})

test('what is behind an address counts, though its bytes are not in the body', () => {
  const call = callOf(chatBody({ messages: [{ role: 'user', content: [picture] }] }))
  expect(sizeOf(call).inputTokens).toBe(call.body.length + 16_384)
})
