import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { scanJson } from '../http/scan-json.ts'
import { checkKnown } from './known-fields.ts'
import type { KNOWN_FIELDS } from './known-fields.ts'
import type { LlmOperation } from './routes/routes.ts'

function check(operation: LlmOperation, body: object): string {
  try {
    checkKnown(scanJson(Buffer.from(JSON.stringify(body))), operation)
    return 'fine'
  } catch (error) {
    const { status, reason, param } = error as { status?: number; reason?: string; param?: string }
    return `${status} ${reason} ${param}`
  }
}

describe('a request that is read strictly', () => {
  test.each<[LlmOperation, object, string]>([
    ['chat', { model: 'm', messages: [], temperature: 1, strict: true }, 'fine'],
    ['chat', { num_retries: 1, fallbacks: [], tags: [], extra_body: { anything: 1 } }, 'fine'],
    ['chat', { thinking: {}, top_k: 4 }, 'fine'],
    ['chat', { model: 'm', temprature: 1 }, '400 unknown_parameter temprature'],
    ['chat', { max_output_tokens: 1 }, '400 unknown_parameter max_output_tokens'],
    ['chat', { constructor: 1 }, '400 unknown_parameter constructor'],
    ['chat', { ['x'.repeat(1_000)]: 1 }, `400 unknown_parameter ${'x'.repeat(100)}`],
    ['completions', { prompt: 'p', messages: [] }, '400 unknown_parameter messages'],
    ['embeddings', { input: 'i', input_type: 'query' }, 'fine'],
    ['embeddings', { input: 'i', temperature: 1 }, '400 unknown_parameter temperature'],
    ['rerank', { query: 'q', documents: [], rank_fields: [], priority: 1 }, 'fine'],
    ['rerank', { query: 'q', documents: [], top_k: 1 }, '400 unknown_parameter top_k'],
    ['transcription', { file: 'f', chunking_strategy: 'auto' }, 'fine'],
    ['responses', { input: 'i', max_output_tokens: 1 }, 'fine'],
    ['responses', { input: 'i', max_tokens: 1 }, '400 unknown_parameter max_tokens'],
    ['messages', { max_tokens: 1, top_k: 1, context_management: {} }, 'fine'],
    ['messages', { max_tokens: 1, stop: [] }, '400 unknown_parameter stop'],
    ['generate-content', { contents: [], systemInstruction: {} }, 'fine'],
    ['generate-content', { contents: [], temperature: 1 }, '400 unknown_parameter temperature'],
  ])('%s %j: %s', (operation, body, expected) => {
    expect(check(operation, body)).toBe(expected)
  })

  test('is told what was most likely meant', () => {
    const scan = scanJson(Buffer.from('{"temprature":1}'))
    expect(() => checkKnown(scan, 'chat')).toThrow("Did you mean 'temperature'?")
  })
})

type KeysOf<Params> = Params extends unknown ? keyof Params : never
type Missing<Params, Operation extends LlmOperation> = Exclude<
  KeysOf<Params>,
  (typeof KNOWN_FIELDS)[Operation][number]
>

test("every field of the official clients' requests is known", () => {
  expectTypeOf<Missing<OpenAI.ChatCompletionCreateParams, 'chat'>>().toBeNever()
  expectTypeOf<Missing<OpenAI.CompletionCreateParams, 'completions'>>().toBeNever()
  expectTypeOf<Missing<OpenAI.EmbeddingCreateParams, 'embeddings'>>().toBeNever()
  expectTypeOf<Missing<OpenAI.Audio.TranscriptionCreateParams, 'transcription'>>().toBeNever()
  expectTypeOf<Missing<OpenAI.Responses.ResponseCreateParams, 'responses'>>().toBeNever()
  expectTypeOf<Missing<Anthropic.MessageCreateParams, 'messages'>>().toBeNever()
  expectTypeOf<Missing<Anthropic.Beta.Messages.MessageCreateParams, 'messages'>>().toBeNever()
})
