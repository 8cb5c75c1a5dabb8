import { describe, expect, test } from 'vitest'
import { createError, createFailure } from '../../errors.ts'
import type { Answer } from '../../types/answer.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'
import { eventsOf } from '../collect.ts'
import type { AnswerContext } from '../protocol.ts'
import { openaiChatDialect as dialect } from './index.ts'
import { renderRequest } from './request.ts'

const hello = { role: 'user', content: 'Hello' }
const parse = (fields: JsonObject): ChatRequest =>
  dialect.parseRequest({ model: 'm', messages: [hello], ...fields })

/** What the request says, without what it does not. */
function said(request: ChatRequest): JsonObject {
  return JSON.parse(JSON.stringify(request)) as JsonObject
}

describe('parseRequest', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['max_tokens', { max_tokens: 5 }, { maxTokens: 5 }],
    [
      'max_completion_tokens, which goes first',
      { max_tokens: 5, max_completion_tokens: 6 },
      { maxTokens: 6 },
    ],
    ['one stop word', { stop: 'x' }, { stop: ['x'] }],
    ['null as nothing', { temperature: null, stop: null, tools: null }, {}],
    [
      'include_usage',
      { stream: true, stream_options: { include_usage: true } },
      { stream: true, includeUsage: true },
    ],
    ['an effort in an object', { reasoning_effort: { effort: 'low' } }, { reasoning: { effort: 'low' } }],
    [
      'thinking',
      { thinking: { type: 'enabled', budget_tokens: 9 } },
      { reasoning: { mode: 'enabled', budgetTokens: 9 } },
    ],
    ['a choice in Mistral’s word', { tool_choice: 'any' }, { toolChoice: { type: 'required' } }],
    [
      'functions',
      { functions: [{ name: 'f' }], function_call: { name: 'f' } },
      { tools: [{ type: 'function', name: 'f' }], toolChoice: { type: 'tool', name: 'f' } },
    ],
    [
      'a native tool',
      { tools: [{ type: 'custom', custom: { name: 'x' } }] },
      {
        tools: [{ type: 'native', protocol: 'openai-chat', raw: { type: 'custom', custom: { name: 'x' } } }],
      },
    ],
    [
      'a schema beside json_object',
      { response_format: { type: 'json_object', response_schema: { type: 'object' } } },
      { responseFormat: { type: 'json-schema', name: 'response', schema: { type: 'object' } } },
    ],
    ['unknown fields, forwarded', { min_p: 0.1 }, { extra: { min_p: 0.1 } }],
  ])('reads %s', (_name, fields, wanted) => {
    const { model: _model, messages: _messages, ...rest } = said(parse(fields))
    expect(rest).toEqual({ stream: false, ...wanted })
  })

  test.each<[string, JsonObject, string, string]>([
    ['no model', { model: undefined }, 'model', 'missing_required_parameter'],
    ['an empty model', { model: '' }, 'model', 'missing_required_parameter'],
    ['a model that is a number', { model: 1 }, 'model', 'invalid_type'],
    ['no messages', { messages: undefined }, 'messages', 'missing_required_parameter'],
    ['messages that are a string', { messages: 'hi' }, 'messages', 'invalid_type'],
    ['a message that is a string', { messages: ['hi'] }, 'messages[0]', 'invalid_type'],
    ['an unknown role', { messages: [{ role: 'wizard', content: '' }] }, 'messages[0].role', 'invalid_type'],
    [
      'no content',
      { messages: [hello, { role: 'user' }] },
      'messages[1].content',
      'missing_required_parameter',
    ],
    [
      'an unknown part',
      { messages: [{ role: 'user', content: [{ type: 'video' }] }] },
      'messages[0].content[0].type',
      'invalid_type',
    ],
    [
      'an image without address',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      'messages[0].content[0].image_url.url',
      'missing_required_parameter',
    ],
    [
      'a result without its call',
      { messages: [{ role: 'tool', content: 'x' }] },
      'messages[0].tool_call_id',
      'missing_required_parameter',
    ],
    [
      'a call without id',
      { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f' } }] }] },
      'messages[0].tool_calls[0].id',
      'missing_required_parameter',
    ],
    [
      'a tool without function',
      { tools: [{ type: 'function' }] },
      'tools[0].function',
      'missing_required_parameter',
    ],
    [
      'a tool without name',
      { tools: [{ type: 'function', function: {} }] },
      'tools[0].function.name',
      'missing_required_parameter',
    ],
    ['a hot temperature', { temperature: 3 }, 'temperature', 'out_of_range'],
    ['a temperature in words', { temperature: 'hot' }, 'temperature', 'invalid_type'],
    ['no tokens at all', { max_tokens: 0 }, 'max_tokens', 'out_of_range'],
    ['half a token', { max_tokens: 1.5 }, 'max_tokens', 'invalid_type'],
    ['stream in words', { stream: 'yes' }, 'stream', 'invalid_type'],
    ['a bias beyond its bounds', { logit_bias: { 50256: 200 } }, 'logit_bias.50256', 'out_of_range'],
    ['an unknown effort', { reasoning_effort: 'heroic' }, 'reasoning_effort', 'invalid_value'],
    ['an unknown format', { response_format: { type: 'xml' } }, 'response_format.type', 'invalid_type'],
    ['stop words that are numbers', { stop: [1] }, 'stop[0]', 'invalid_type'],
  ])('refuses %s', (_name, fields, param, reason) => {
    const body: JsonObject = { model: 'm', messages: [hello], ...fields }
    expect(() => dialect.parseRequest(body)).toThrow(
      expect.objectContaining({ code: 'bad_request', status: 400, param, reason }),
    )
  })

  test('does not quote values in its errors', () => {
    expect(() => parse({ temperature: 'sk-secret' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    )
  })

  test('a request survives the way through our form', () => {
    const body: JsonObject = {
      model: 'wire-model',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } },
          ],
          name: 'ann',
        },
        {
          role: 'assistant',
          content: 'Let me look.',
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'look', arguments: '{"x":1}' },
              extra_content: { google: { thought_signature: 's' } },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'a cat' },
        { role: 'user', content: [{ type: 'text', text: 'Sure?', cache_control: { type: 'ephemeral' } }] },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'look', description: 'Looks', parameters: { type: 'object' }, strict: true },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'look' } },
      parallel_tool_calls: false,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', schema: { type: 'object' }, strict: true },
      },
      reasoning_effort: 'low',
      max_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      stop: ['x'],
      seed: 1,
      n: 2,
      logit_bias: { 5: 1 },
      logprobs: true,
      top_logprobs: 2,
      user: 'u',
      metadata: { a: 'b' },
      store: true,
      service_tier: 'flex',
      min_p: 0.1,
    }
    const request = dialect.parseRequest(body)
    expect(renderRequest(request, { model: 'wire-model', quirks: {}, newId: () => 'id' }).body).toEqual(body)
  })
})

const answer: Answer = {
  id: 'up-1',
  model: 'up-model',
  createdS: 5,
  serviceTier: 'flex',
  systemFingerprint: 'fp',
  choices: [
    {
      parts: [
        { type: 'reasoning', text: 'why', signature: 'sig' },
        { type: 'reasoning', text: '', redacted: 'hidden' },
        {
          type: 'text',
          text: 'Hi',
          annotations: [{ type: 'url-citation', url: 'u', title: 'T', startIndex: 0, endIndex: 2 }],
        },
        { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'thought' },
        { type: 'tool-call', id: 'c2', name: 'sql', arguments: 'select 1', custom: true },
      ],
      finish: { reason: 'tool-calls' },
      logprobs: { content: [] },
    },
  ],
  usage: {
    inputTokens: 10,
    outputTokens: 5,
    cacheReadTokens: 4,
    cacheWriteTokens: 2,
    reasoningTokens: 3,
    source: 'provider',
  },
}

function contextOf(includeUsage?: boolean): AnswerContext {
  return {
    id: 'id-1',
    model: 'public-name',
    createdS: 7,
    request: {
      model: 'public-name',
      messages: [],
      stream: true,
      ...(includeUsage === undefined ? {} : { includeUsage }),
    },
  }
}

const usage = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0, cache_creation_tokens: 2 },
  completion_tokens_details: {
    reasoning_tokens: 3,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
  cache_creation_input_tokens: 2,
  cache_read_input_tokens: 4,
}

describe('renderAnswer', () => {
  test('writes everything with the names that clients know', () => {
    expect(dialect.renderAnswer(answer, contextOf())).toEqual({
      id: 'id-1',
      object: 'chat.completion',
      created: 5,
      model: 'public-name',
      service_tier: 'flex',
      system_fingerprint: 'fp',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          logprobs: { content: [] },
          message: {
            role: 'assistant',
            content: 'Hi',
            refusal: null,
            reasoning_content: 'why',
            thinking_blocks: [
              { type: 'thinking', thinking: 'why', signature: 'sig' },
              { type: 'redacted_thinking', data: 'hidden' },
            ],
            annotations: [
              { type: 'url_citation', url_citation: { url: 'u', title: 'T', start_index: 0, end_index: 2 } },
            ],
            tool_calls: [
              {
                id: 'c1',
                type: 'function',
                function: { name: 'f', arguments: '{"a":1}' },
                extra_content: { google: { thought_signature: 'thought' } },
                provider_specific_fields: { thought_signature: 'thought' },
              },
              { id: 'c2', type: 'custom', custom: { name: 'sql', input: 'select 1' } },
            ],
          },
        },
      ],
      usage,
    })
  })

  test('what it writes comes back as the same turn', () => {
    const { choices } = dialect.renderAnswer(answer, contextOf()) as { choices: [{ message: JsonObject }] }
    const request = dialect.parseRequest({ model: 'm', messages: [choices[0].message] })
    expect(said(request).messages).toEqual([
      { role: 'assistant', content: JSON.parse(JSON.stringify(answer.choices[0]?.parts)) as Json },
    ])
  })
})

function chunksOf(events: readonly StreamEvent[], context: AnswerContext): (JsonObject | string)[] {
  const renderer = dialect.createStreamRenderer(context)
  return events
    .map((event) => renderer.push(event))
    .join('')
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => block.replace(/^data: /, ''))
    .map((data) => (data === '[DONE]' ? data : (JSON.parse(data) as JsonObject)))
}

describe('the stream', () => {
  const envelope = {
    id: 'id-1',
    object: 'chat.completion.chunk',
    created: 5,
    model: 'public-name',
    service_tier: 'flex',
    system_fingerprint: 'fp',
  }
  const chunk = (delta: JsonObject, reason: string | null = null, logprobs: Json = null): JsonObject => ({
    ...envelope,
    choices: [{ index: 0, delta, finish_reason: reason, logprobs }],
  })

  test('tells the answer in chunks and ends with [DONE]', () => {
    expect(chunksOf(eventsOf(answer), contextOf())).toEqual([
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'why' }),
      chunk({ thinking_blocks: [{ type: 'thinking', thinking: '', signature: 'sig' }] }),
      chunk({ thinking_blocks: [{ type: 'redacted_thinking', data: 'hidden' }] }),
      chunk({ content: 'Hi' }),
      chunk({
        annotations: [
          { type: 'url_citation', url_citation: { url: 'u', title: 'T', start_index: 0, end_index: 2 } },
        ],
      }),
      chunk({
        tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] }),
      chunk({
        tool_calls: [
          {
            index: 0,
            extra_content: { google: { thought_signature: 'thought' } },
            provider_specific_fields: { thought_signature: 'thought' },
          },
        ],
      }),
      chunk({ tool_calls: [{ index: 1, id: 'c2', type: 'custom', custom: { name: 'sql', input: '' } }] }),
      chunk({ tool_calls: [{ index: 1, custom: { input: 'select 1' } }] }),
      chunk({}, null, { content: [] }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ])
  })

  test('tells the usage in a chunk of its own, when it was asked for', () => {
    const chunks = chunksOf(eventsOf(answer), contextOf(true))
    expect(chunks.slice(0, -2).every((piece) => typeof piece === 'object' && piece.usage === null)).toBe(true)
    expect(chunks.at(-2)).toEqual({ ...envelope, choices: [], usage })
  })

  test('a failure is an error, and no [DONE] follows', () => {
    const failure = createFailure({ code: 'rate_limit', message: 'acme: full', provider: 'acme' })
    expect(
      chunksOf(
        [
          { type: 'start', id: '', model: '' },
          { type: 'error', failure },
        ],
        contextOf(),
      ),
    ).toHaveLength(1)
    expect(dialect.renderStreamFailure(failure, { requestId: 'r' })).toBe(
      'data: {"error":{"message":"litellm.RateLimitError: acme: full","type":"rate_limit_error","param":null,"code":"429"}}\n\n',
    )
  })
})

describe('renderFailure', () => {
  test.each([
    [
      'ours',
      createError({ code: 'bad_request', message: 'no', param: 'messages', reason: 'invalid_type' }),
      { message: 'no', type: 'invalid_request_error', param: 'messages', code: 'invalid_type' },
    ],
    [
      'a provider’s',
      createError({ code: 'authentication', message: 'acme: no', provider: 'acme' }),
      {
        message: 'litellm.AuthenticationError: acme: no',
        type: 'authentication_error',
        param: null,
        code: '401',
      },
    ],
    [
      'a full window',
      createError({ code: 'context_window_exceeded', message: 'acme: long', provider: 'acme' }),
      {
        message: 'litellm.ContextWindowExceededError: acme: long',
        type: 'invalid_request_error',
        param: null,
        code: 'context_length_exceeded',
      },
    ],
  ])('%s', (_name, failure, error) => {
    expect(dialect.renderFailure(failure, { requestId: 'r' })).toEqual({ error })
  })
})
