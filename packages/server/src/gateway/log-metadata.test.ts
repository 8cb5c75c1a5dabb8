import { createError } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import { expect, test } from 'vitest'
import { createReceipt } from './exchange.ts'
import type { Exchange, Receipt } from './exchange.ts'
import { metadataOf, promptOf, sessionOf } from './log-metadata.ts'
import { callOf, chatBody, exchangeOf } from './testing/services.ts'

function exchange(parts: {
  body?: object
  headers?: IncomingHttpHeaders
  receipt?: Partial<Receipt>
}): Exchange {
  const made = exchangeOf()
  Object.assign(made.request.headers, parts.headers)
  return {
    ...made,
    call: callOf(parts.body ?? chatBody()),
    receipt: { ...createReceipt(), ...parts.receipt },
  }
}

const usage = { inputTokens: 1, outputTokens: 1, source: 'provider', raw: { prompt_tokens: 1 } } as const
const large = { a: 'x'.repeat(20_000) }

test.each<[string, Parameters<typeof exchange>[0], object]>([
  ['nothing', {}, {}],
  ['usage as the provider gave it', { receipt: { usage, costPicoUsd: 1n } }, { usage_object: usage.raw }],
  ['that nobody knows the price', { receipt: { usage } }, { usage_object: usage.raw, price: 'unknown' }],
  [
    'metadata of the client',
    { body: chatBody({ metadata: { team: 'a' } }) },
    { requester_metadata: { team: 'a' } },
  ],
  ['no metadata that is large', { body: chatBody({ metadata: large }) }, {}],
  [
    'what is to be logged',
    { headers: { 'x-litellm-spend-logs-metadata': '{"job":1}' } },
    { spend_logs_metadata: { job: 1 } },
  ],
  ['nothing that is no JSON', { headers: { 'x-litellm-spend-logs-metadata': '{job' } }, {}],
  ['nothing that is large', { headers: { 'x-litellm-spend-logs-metadata': JSON.stringify(large) } }, {}],
])('holds %s', (_name, parts, expected) => {
  expect(metadataOf(exchange(parts))).toEqual(expected)
})

test('tells a failure in LiteLLM’s words', () => {
  const failure = createError({
    code: 'rate_limit',
    reason: 'upstream_rate_limit',
    message: 'slow down',
    provider: 'openai',
  }).toFailure()
  expect(metadataOf(exchange({ receipt: { failure } }))).toEqual({
    error_information: {
      error_code: '429',
      error_class: 'RateLimitError',
      error_reason: 'upstream_rate_limit',
      error_message: 'slow down',
      llm_provider: 'openai',
      traceback: '',
    },
  })
})

test.each<[string, Parameters<typeof exchange>[0], string | undefined]>([
  ['nobody', {}, undefined],
  ['a header', { headers: { 'x-litellm-session-id': 's' } }, 's'],
  ['a trace', { headers: { 'x-litellm-trace-id': 't' } }, 't'],
  ['the body', { body: chatBody({ litellm_session_id: 'b' }) }, 'b'],
  ['somebody who talks a lot', { headers: { 'x-litellm-session-id': 'x'.repeat(999) } }, 'x'.repeat(256)],
])('the session is named by %s', (_name, parts, expected) => {
  expect(sessionOf(exchange(parts))).toBe(expected)
})

test.each<[string, object, 'chat' | 'responses' | 'completions', unknown]>([
  ['messages', chatBody(), 'chat', [{ role: 'user', content: 'Hello' }]],
  ['input', { model: 'm', input: 'Hello' }, 'responses', 'Hello'],
  ['a prompt', { model: 'm', prompt: 'Hello' }, 'completions', 'Hello'],
])('the prompt is %s', (_name, body, operation, expected) => {
  expect(JSON.parse(promptOf(callOf(body, operation)))).toEqual(expected)
})
