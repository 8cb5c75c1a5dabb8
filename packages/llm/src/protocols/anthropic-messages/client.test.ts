import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream'
import { describe, expect, test } from 'vitest'
import { createFailure } from '../../errors.ts'
import type { Answer } from '../../types/answer.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { JsonObject } from '../../types/json.ts'
import { eventsOf } from '../collect.ts'
import type { AnswerContext } from '../protocol.ts'
import { anthropicDialect, anthropicProtocol, parseCountTokensRequest } from './index.ts'

const context: AnswerContext = {
  id: 'abc',
  model: 'gpt-4o',
  createdS: 1,
  request: { model: 'gpt-4o', messages: [], stream: true },
}
const hello = { role: 'user', content: 'Hello' }
const smallest = { model: 'm', max_tokens: 5, messages: [hello] }

const everything: JsonObject = {
  model: 'claude',
  max_tokens: 5000,
  stream: true,
  system: [{ type: 'text', text: 'Be kind', cache_control: { type: 'ephemeral', ttl: '1h' } }],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look', cache_control: { type: 'ephemeral' } },
        { type: 'container_upload', file_id: 'f1' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        { type: 'image', source: { type: 'url', url: 'https://a/b.png' } },
        { type: 'image', source: { type: 'file', file_id: 'f2' } },
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'Grüezi' },
          title: 't',
          context: 'c',
          citations: { enabled: true },
        },
        { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'x' }] } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'redacted_thinking', data: 'r' },
        {
          type: 'text',
          text: 'So',
          citations: [
            {
              type: 'char_location',
              cited_text: 'x',
              document_index: 0,
              start_char_index: 0,
              end_char_index: 1,
            },
          ],
        },
        { type: 'server_tool_use', id: 'srv', name: 'web_search', input: { query: 'q' } },
        {
          type: 'tool_use',
          id: 't1',
          name: 'weather',
          input: { city: 'Bern' },
          cache_control: { type: 'ephemeral' },
        },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 't1', content: 'rain', is_error: true },
        { type: 'tool_result', tool_use_id: 't2', content: [{ type: 'tool_reference', tool_name: 'x' }] },
        { type: 'text', text: 'And?' },
      ],
    },
    { role: 'system', content: [{ type: 'tool_addition', tool: { type: 'tool_reference', name: 'x' } }] },
  ],
  tools: [
    {
      name: 'weather',
      description: 'd',
      input_schema: { type: 'object' },
      strict: true,
      defer_loading: true,
    },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
  ],
  tool_choice: { type: 'any', disable_parallel_tool_use: true },
  thinking: { type: 'enabled', budget_tokens: 2000, display: 'omitted' },
  output_config: { effort: 'low', format: { type: 'json_schema', schema: { type: 'object' } } },
  stop_sequences: ['END'],
  metadata: { user_id: 'u', team: 't' },
  service_tier: 'standard_only',
  mcp_servers: [{ type: 'url', name: 'n', url: 'https://n' }],
  some_future_field: 1,
}

test('Anthropic to Anthropic loses nothing', () => {
  const request = anthropicDialect.parseRequest(everything)
  const wire = anthropicProtocol.renderRequest(request, { model: 'claude', quirks: {}, newId: () => 'id' })
  expect(wire.body).toEqual(everything)
})

test('what only Anthropic knows is kept apart, so that others never see it', () => {
  const request = anthropicDialect.parseRequest(everything)
  expect(request.extra).toBeUndefined()
  expect(request.dialect?.protocol).toBe('anthropic-messages')
  expect(request).toMatchObject({
    includeUsage: true,
    toolChoice: { type: 'required' },
    parallelToolCalls: false,
    reasoning: { mode: 'enabled', budgetTokens: 2000, effort: 'low' },
    responseFormat: { type: 'json-schema', schema: { type: 'object' } },
    user: 'u',
    serviceTier: 'default',
  })
  expect(request.messages.map((message) => message.role)).toEqual([
    'system',
    'user',
    'assistant',
    'tool',
    'tool',
    'user',
    'system',
  ])
  expect(request.messages[3]).toMatchObject({ toolCallId: 't1', toolName: 'weather', isError: true })
})

test('a count needs no bound; a beginning is marked', () => {
  const assistant = { role: 'assistant', content: 'It' }
  const request = parseCountTokensRequest({ model: 'm', messages: [hello, assistant] })
  expect(request.maxTokens).toBeUndefined()
  expect(request.messages.at(-1)).toMatchObject({ role: 'assistant', prefix: true })
})

test.each([
  [{ ...smallest, model: undefined }, 'model', /Missing/],
  [{ ...smallest, max_tokens: undefined }, 'max_tokens', /Missing/],
  [{ ...smallest, max_tokens: -1 }, 'max_tokens', /at least 0/],
  [{ ...smallest, max_tokens: '5' }, 'max_tokens', /an integer, got a string/],
  [{ ...smallest, messages: {} }, 'messages', /an array/],
  [{ ...smallest, messages: [] }, 'messages', /at least one/],
  [{ ...smallest, messages: [{ role: 'robot', content: '' }] }, 'messages[0].role', /'user'/],
  [{ ...smallest, messages: [{ role: 'user' }] }, 'messages[0].content', /Missing/],
  [{ ...smallest, messages: [{ role: 'user', content: [{}] }] }, 'messages[0].content[0].type', /Missing/],
  [
    { ...smallest, messages: [{ role: 'user', content: [{ type: 'text', text: 1 }] }] },
    'messages[0].content[0].text',
    /a string/,
  ],
  [
    { ...smallest, messages: [{ role: 'user', content: [{ type: 'image' }] }] },
    'messages[0].content[0].source',
    /Missing/,
  ],
  [{ ...smallest, stream: 'yes' }, 'stream', /a boolean/],
  [{ ...smallest, temperature: 'hot' }, 'temperature', /a number/],
  [{ ...smallest, temperature: 1.5 }, 'temperature', /at most 1/],
  [{ ...smallest, stop_sequences: [1] }, 'stop_sequences[0]', /a string/],
  [{ ...smallest, system: [{ type: 'text' }] }, 'system[0].text', /Missing/],
  [{ ...smallest, tools: [{ name: 'x' }] }, 'tools[0].input_schema', /Missing/],
  [{ ...smallest, tool_choice: { type: 'some' } }, 'tool_choice.type', /'any'/],
  [{ ...smallest, thinking: { type: 'enabled' } }, 'thinking.budget_tokens', /Missing/],
] satisfies [JsonObject, string, RegExp][])('refused %#: %j', (body, param, message) => {
  expect(() => anthropicDialect.parseRequest(body)).toThrow(
    expect.objectContaining({ code: 'bad_request', param, message: expect.stringMatching(message) }),
  )
})

const answer: Answer = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-2024',
  choices: [
    {
      parts: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'Hello', annotations: [{ type: 'url-citation', url: 'https://a' }] },
        { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"Bern"}' },
        { type: 'tool-call', id: 'call_2', name: 'now', arguments: '' },
      ],
      finish: { reason: 'tool-calls', rawReason: 'tool_calls' },
    },
  ],
  usage: {
    inputTokens: 30,
    outputTokens: 9,
    cacheReadTokens: 12,
    source: 'provider',
    raw: { prompt_tokens: 30 },
  },
}
const message = {
  id: 'msg_abc',
  type: 'message',
  role: 'assistant',
  model: 'gpt-4o',
  content: [
    { type: 'thinking', thinking: 'hm', signature: '' },
    {
      type: 'text',
      text: 'Hello',
      citations: [
        {
          type: 'web_search_result_location',
          url: 'https://a',
          title: null,
          cited_text: '',
          encrypted_index: '',
        },
      ],
    },
    { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bern' } },
    { type: 'tool_use', id: 'call_2', name: 'now', input: {} },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: { input_tokens: 18, cache_read_input_tokens: 12, cache_creation_input_tokens: 0, output_tokens: 9 },
}

test("another provider's answer as a message", () => {
  expect(anthropicDialect.renderAnswer(answer, context)).toEqual(message)
})

test.each([
  [{ reason: 'stop' }, 'end_turn'],
  [{ reason: 'stop', stopSequence: 'END' }, 'stop_sequence'],
  [{ reason: 'stop', rawReason: 'pause_turn' }, 'pause_turn'],
  [{ reason: 'stop', rawReason: 'tool_use' }, 'end_turn'],
  [{ reason: 'length', rawReason: 'length' }, 'max_tokens'],
  [{ reason: 'content-filter' }, 'refusal'],
  [{ reason: 'other', rawReason: 'compaction' }, 'compaction'],
  [{ reason: 'other', rawReason: 'WHY' }, 'end_turn'],
] as const)('finish %j', (finish, word) => {
  const body = anthropicDialect.renderAnswer({ id: '', model: '', choices: [{ parts: [], finish }] }, context)
  expect(body.stop_reason).toBe(word)
})

function render(events: readonly StreamEvent[]): string {
  const renderer = anthropicDialect.createStreamRenderer(context)
  return events.map((event) => renderer.push(event)).join('')
}

function namesOf(text: string): string[] {
  return [...text.matchAll(/^event: (.*)$/gm)].map((match) => match[1] ?? '')
}

/** What the official client makes of a stream; its reader takes one JSON document a line. */
async function readWithClient(text: string): Promise<unknown> {
  const lines = [...text.matchAll(/^data: (.*)$/gm)].map((match) => `${match[1]}\n`)
  const body = new Blob(lines).stream()
  return JSON.parse(JSON.stringify(await MessageStream.fromReadableStream(body).finalMessage()))
}

describe('streams', () => {
  test('the official client reads the same message out of one', async () => {
    expect(await readWithClient(render(eventsOf(answer)))).toMatchObject(message)
  })

  test('blocks that interleave are written one after the other', async () => {
    const text = render([
      { type: 'start', id: '', model: '' },
      { type: 'tool-call-start', index: 0, id: 'a', name: 'one' },
      { type: 'tool-call-start', index: 1, id: 'b', name: 'two' },
      { type: 'tool-call-delta', index: 1, arguments: '{"b"' },
      { type: 'tool-call-delta', index: 0, arguments: '{"a":1}' },
      { type: 'text-start', index: 2 },
      { type: 'text-end', index: 2 },
      { type: 'reasoning-start', index: 3 },
      { type: 'reasoning-end', index: 3, redacted: 'r' },
      { type: 'tool-call-end', index: 0 },
      { type: 'tool-call-delta', index: 1, arguments: ':2}' },
      { type: 'tool-call-end', index: 1 },
      { type: 'finish', reason: 'tool-calls' },
    ])
    expect(namesOf(text)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(await readWithClient(text)).toMatchObject({
      content: [
        { type: 'tool_use', id: 'a', input: { a: 1 } },
        { type: 'tool_use', id: 'b', input: { b: 2 } },
        { type: 'redacted_thinking', data: 'r' },
      ],
    })
  })

  test('a failure is the last event, and no stop follows', () => {
    const failure = createFailure({ code: 'overloaded', message: 'busy' })
    const text = render([
      { type: 'start', id: '', model: '' },
      { type: 'text-start', index: 0 },
      { type: 'text-delta', index: 0, text: 'Hi' },
      { type: 'text-end', index: 0 },
      { type: 'error', failure },
    ])
    expect(namesOf(text).at(-1)).toBe('error')
    expect(namesOf(text)).not.toContain('message_stop')
    expect(text).toContain('{"type":"error","error":{"type":"overloaded_error","message":"busy"}}')
  })
})

test.each([
  ['bad_request', 400, 'invalid_request_error'],
  ['bad_request', 413, 'request_too_large'],
  ['authentication', 401, 'authentication_error'],
  ['permission_denied', 403, 'permission_error'],
  ['not_found', 404, 'not_found_error'],
  ['budget_exceeded', 429, 'rate_limit_error'],
  ['bad_gateway', 502, 'api_error'],
  ['overloaded', 529, 'overloaded_error'],
] as const)('failure %s %i', (code, status, type) => {
  const failure = createFailure({ code, status, message: 'why' })
  const body = { type: 'error', error: { type, message: 'why' }, request_id: 'r1' }
  expect(anthropicDialect.renderFailure(failure, { requestId: 'r1' })).toEqual(body)
  expect(anthropicDialect.renderStreamFailure(failure, { requestId: 'r1' })).toBe(
    `event: error\ndata: ${JSON.stringify(body)}\n\n`,
  )
})
