import { describe, expect, test } from 'vitest'
import type { Answer } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { createCollector } from '../collect.ts'
import type { ParseContext, RelayFacts } from '../protocol.ts'
import { anthropicProtocol, anthropicRelay } from './index.ts'

const context: ParseContext = { provider: 'anthropic', model: 'claude', quirks: {}, newId: () => 'id' }

const citation = {
  type: 'web_search_result_location',
  url: 'https://a',
  title: 'A',
  cited_text: 'c',
  encrypted_index: 'e',
}
const search = { type: 'server_tool_use', id: 'srv1', name: 'web_search', input: { query: 'q' } }
const usage = {
  input_tokens: 10,
  cache_read_input_tokens: 5,
  cache_creation_input_tokens: 7,
  cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
  output_tokens: 20,
  output_tokens_details: { thinking_tokens: 6 },
  server_tool_use: { web_search_requests: 1 },
  service_tier: 'standard',
}

const whole = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content: [
    { type: 'thinking', thinking: 'hm', signature: 'sig' },
    { type: 'redacted_thinking', data: 'secret' },
    search,
    { type: 'text', text: 'Hello' },
    { type: 'text', text: ' you', citations: [citation] },
    { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  container: { id: 'c1' },
  usage,
}

const streamed: JsonObject[] = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      model: 'claude-x',
      content: [],
      usage: { ...usage, input_tokens: 99, output_tokens: 1 },
    },
  },
  { type: 'ping' },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'h' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'm' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'sig' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'secret' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'content_block_start', index: 2, content_block: { ...search, input: {} } },
  { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"query":' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '"q"}' } },
  { type: 'content_block_stop', index: 2 },
  { type: 'content_block_start', index: 3, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 3, delta: { type: 'text_delta', text: 'Hello' } },
  { type: 'content_block_stop', index: 3 },
  { type: 'content_block_start', index: 4, content_block: { type: 'text', text: '', citations: [] } },
  { type: 'content_block_delta', index: 4, delta: { type: 'citations_delta', citation } },
  { type: 'content_block_delta', index: 4, delta: { type: 'text_delta', text: ' you' } },
  { type: 'content_block_stop', index: 4 },
  { type: 'some_future_event', data: 1 },
  {
    type: 'content_block_start',
    index: 5,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
  },
  { type: 'content_block_delta', index: 5, delta: { type: 'input_json_delta', partial_json: '' } },
  {
    type: 'content_block_delta',
    index: 5,
    delta: { type: 'input_json_delta', partial_json: '{"city":"Bern"}' },
  },
  { type: 'content_block_stop', index: 5 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null, container: { id: 'c1' } },
    usage: { input_tokens: 10, output_tokens: 20, cache_read_input_tokens: null },
  },
  { type: 'message_stop' },
]

function read(events: readonly JsonObject[]): ReturnType<typeof createCollector> {
  const parser = anthropicProtocol.createStreamParser(context)
  const collector = createCollector()
  for (const event of events)
    for (const told of parser.push({ event: String(event.type), data: JSON.stringify(event) }))
      collector.push(told)
  for (const told of parser.end()) collector.push(told)
  return collector
}

const expected: Answer = {
  id: 'msg_1',
  model: 'claude-x',
  serviceTier: 'standard',
  metadata: { container: { id: 'c1' } },
  choices: [
    {
      finish: { reason: 'tool-calls', rawReason: 'tool_use' },
      parts: [
        { type: 'reasoning', text: 'hm', signature: 'sig' },
        { type: 'reasoning', text: '', redacted: 'secret' },
        { type: 'opaque', protocol: 'anthropic-messages', kind: 'server_tool_use', raw: search },
        { type: 'text', text: 'Hello' },
        {
          type: 'text',
          text: ' you',
          annotations: [
            {
              type: 'url-citation',
              url: 'https://a',
              title: 'A',
              citedText: 'c',
              startIndex: 5,
              endIndex: 9,
              raw: citation,
            },
          ],
        },
        { type: 'tool-call', id: 'toolu_1', name: 'weather', arguments: '{"city":"Bern"}' },
      ],
    },
  ],
  usage: {
    inputTokens: 22,
    outputTokens: 20,
    cacheReadTokens: 5,
    cacheWriteTokens: 7,
    cacheWrite1hTokens: 4,
    reasoningTokens: 6,
    webSearchRequests: 1,
    serviceTier: 'standard',
    source: 'provider',
    raw: usage,
  },
}

test('a whole message', () => {
  expect(anthropicProtocol.parseAnswer(whole, context)).toEqual(expected)
})

test('the same message as a stream', () => {
  expect(read(streamed).answer()).toEqual(expected)
})

test.each([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['pause_turn', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content-filter'],
  ['compaction', 'other'],
  ['something_new', 'other'],
  [null, 'other'],
])('stop reason %s', (stopReason, reason) => {
  const answer = anthropicProtocol.parseAnswer({ content: [], stop_reason: stopReason }, context)
  expect(answer.choices[0]?.finish.reason).toBe(reason)
})

test('a JSON answer that came through its tool is text', () => {
  const body = {
    content: [{ type: 'tool_use', id: 't', name: 'json_tool_call', input: { a: 1 } }],
    stop_reason: 'tool_use',
  }
  const choice = {
    parts: [{ type: 'text', text: '{"a":1}' }],
    finish: { reason: 'stop', rawReason: 'tool_use' },
  }
  expect(anthropicProtocol.parseAnswer(body, context).choices).toEqual([choice])
  const events = [
    { type: 'message_start', message: { id: 'm' } },
    {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 't', name: 'json_tool_call', input: {} },
    },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"a":1}' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ]
  expect(read(events).answer().choices).toEqual([choice])
})

test('what a compaction consumed is billed, so it counts', () => {
  const iteration = { type: 'compaction', input_tokens: 100, cache_read_input_tokens: 50, output_tokens: 30 }
  const body = {
    content: [],
    usage: {
      input_tokens: 10,
      output_tokens: 2,
      cache_read_input_tokens: 0,
      iterations: [iteration, { type: 'message', input_tokens: 10, output_tokens: 2 }],
    },
  }
  expect(anthropicProtocol.parseAnswer(body, context).usage).toMatchObject({
    inputTokens: 160,
    cacheReadTokens: 50,
    outputTokens: 32,
  })
})

describe('streams that go wrong', () => {
  const start = { type: 'message_start', message: { id: 'a', usage: { input_tokens: 3, output_tokens: 1 } } }
  const text = [
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
  ]
  const stop = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }
  test.each([
    ['cut', [start, ...text], 'stream_interrupted'],
    ['empty', [], 'stream_interrupted'],
    [
      'two messages in one',
      [start, ...text, { type: 'message_start', message: { id: 'b' } }],
      'invalid_response',
    ],
    [
      'overloaded',
      [start, ...text, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
      'overloaded',
    ],
  ])('%s', (_name, events: JsonObject[], code) => {
    const collector = read(events)
    expect(collector.failure()?.code).toBe(code)
    expect(collector.failure()?.retryable).toBe(true)
  })

  test('text before the failure and the usage known so far stay', () => {
    const collector = read([start, ...text])
    expect(collector.answer()).toMatchObject({
      usage: { inputTokens: 3 },
      choices: [{ parts: [{ text: 'Hi' }] }],
    })
  })

  test('a repeated start is one start; a stop reason without an end is an end', () => {
    const collector = read([start, start, ...text, stop])
    expect(collector.failure()).toBeUndefined()
    expect(collector.answer()).toMatchObject({ usage: { inputTokens: 3, outputTokens: 9 } })
  })

  test('a frame that is no JSON fails, once', () => {
    const parser = anthropicProtocol.createStreamParser(context)
    expect(parser.push({ data: '{"type":' }).at(-1)).toMatchObject({
      type: 'error',
      failure: { code: 'invalid_response' },
    })
    expect(parser.push({ data: JSON.stringify(start) })).toEqual([])
    expect(parser.end()).toEqual([])
  })
})

test('a tool call without arguments or id has both in the end', () => {
  const events = [
    { type: 'message_start', message: { id: 'a' } },
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', name: 'now', input: {} } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
    { type: 'message_stop' },
  ]
  expect(read(events).answer().choices[0]?.parts).toEqual([
    { type: 'tool-call', id: 'toolu_id', name: 'now', arguments: '{}' },
  ])
})

test.each([[null], ['text'], [{}], [{ content: 'text' }], [[]]] satisfies [Json][])(
  'no message: %j',
  (body) => {
    expect(() => anthropicProtocol.parseAnswer(body, context)).toThrow(/not a message/)
  },
)

test('an error with status 200 is an error', () => {
  const body = { type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } }
  expect(() => anthropicProtocol.parseAnswer(body, context)).toThrow('anthropic: slow down')
})

test.each([
  [400, 'invalid_request_error', 'max_tokens: required', 'bad_request'],
  [
    400,
    'invalid_request_error',
    'prompt is too long: 250000 tokens > 200000 maximum',
    'context_window_exceeded',
  ],
  [400, 'invalid_request_error', 'Your credit balance is too low to access the API', 'quota_exceeded'],
  [400, 'invalid_request_error', 'Output blocked by content filtering policy', 'content_policy_violation'],
  [401, 'authentication_error', 'invalid x-api-key', 'authentication'],
  [402, 'billing_error', 'pay', 'quota_exceeded'],
  [403, 'permission_error', 'no', 'permission_denied'],
  [404, 'not_found_error', 'model: x', 'not_found'],
  [413, 'request_too_large', 'too large', 'bad_request'],
  [429, 'rate_limit_error', 'slow down', 'rate_limit'],
  [500, 'api_error', 'oops', 'internal'],
  [504, 'timeout_error', 'late', 'timeout'],
  [529, 'overloaded_error', 'Overloaded', 'overloaded'],
])('status %i %s: %s', (status, type, message, code) => {
  const body = { type: 'error', error: { type, message }, request_id: 'r' }
  const error = anthropicProtocol.parseFailure({ status, headers: {}, body }, context)
  expect(error).toMatchObject({
    code,
    providerCode: type,
    providerStatus: status,
    message: `anthropic: ${message}`,
  })
})

test('a relay learns usage and end from the frames it passes', () => {
  const known: RelayFacts = {}
  for (const event of streamed) {
    Object.assign(known, anthropicRelay.read(event, context, known))
  }
  expect(known).toEqual({ id: 'msg_1', model: 'claude-x', usage: expected.usage, finished: true })
  expect(anthropicRelay.read(whole, context)).toEqual(known)
})

test('an error that ends a stream is told to the relay', () => {
  const event = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
  expect(anthropicRelay.read(event, context).failure).toMatchObject({ code: 'overloaded', status: 529 })
})
