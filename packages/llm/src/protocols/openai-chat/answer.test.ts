import { describe, expect, test } from 'vitest'
import type { AnswerPart } from '../../types/message.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { Usage } from '../../types/usage.ts'
import type { ParseContext } from '../protocol.ts'
import { parseAnswer } from './answer.ts'
import { parseFailure } from './failure.ts'
import { openaiChatRelay } from './relay.ts'

let made = 0
function contextOf(quirks: Quirks = {}): ParseContext {
  made = 0
  return { provider: 'acme', model: 'm', quirks, newId: () => `new${made++}` }
}

function partsOf(message: JsonObject, quirks?: Quirks): AnswerPart[] {
  const answer = parseAnswer({ choices: [{ message, finish_reason: 'stop' }] }, contextOf(quirks))
  return answer.choices[0]?.parts ?? []
}

describe('parseAnswer', () => {
  test('reads everything that the format has', () => {
    const body = {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 7,
      model: 'm-2',
      service_tier: 'flex',
      system_fingerprint: 'fp',
      provider: 'Upstream',
      choices: [
        {
          index: 0,
          message: { content: 'one' },
          finish_reason: 'stop',
          logprobs: { content: [{ token: 'one' }] },
        },
        { index: 1, message: { content: 'two' }, finish_reason: 'length', logprobs: { content: null } },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    }
    expect(parseAnswer(body, contextOf())).toEqual({
      id: 'chatcmpl-1',
      model: 'm-2',
      createdS: 7,
      serviceTier: 'flex',
      systemFingerprint: 'fp',
      metadata: { provider: 'Upstream' },
      choices: [
        {
          parts: [{ type: 'text', text: 'one' }],
          finish: { reason: 'stop', rawReason: 'stop' },
          logprobs: { content: [{ token: 'one' }] },
        },
        { parts: [{ type: 'text', text: 'two' }], finish: { reason: 'length', rawReason: 'length' } },
      ],
      usage: expect.objectContaining({ inputTokens: 1, outputTokens: 2, totalTokens: 3, source: 'provider' }),
    })
  })

  test.each<[string, JsonObject, Quirks, AnswerPart[]]>([
    [
      'reasoning_content',
      { reasoning_content: 'r', content: 't' },
      {},
      [
        { type: 'reasoning', text: 'r' },
        { type: 'text', text: 't' },
      ],
    ],
    ['reasoning', { reasoning: 'r', content: '' }, {}, [{ type: 'reasoning', text: 'r' }]],
    [
      'both names of one text',
      { reasoning: 'r', reasoning_content: 'r', content: null },
      {},
      [{ type: 'reasoning', text: 'r' }],
    ],
    [
      'reasoning details',
      { reasoning: 'r', reasoning_details: [{ id: 1 }] },
      {},
      [{ type: 'reasoning', text: 'r', details: [{ id: 1 }] }],
    ],
    [
      'thinking blocks with proofs',
      {
        reasoning_content: 'r',
        thinking_blocks: [
          { type: 'thinking', thinking: 'r', signature: 's' },
          { type: 'redacted_thinking', data: 'x' },
        ],
      },
      {},
      [
        { type: 'reasoning', text: 'r', signature: 's' },
        { type: 'reasoning', text: '', redacted: 'x' },
      ],
    ],
    [
      'a list of thinking and text',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'r' }] },
          { type: 'text', text: 'a' },
          { type: 'reference', reference_ids: [1] },
          { type: 'text', text: 'b' },
        ],
      },
      {},
      [
        { type: 'reasoning', text: 'r', signature: undefined },
        { type: 'text', text: 'ab' },
      ],
    ],
    [
      'a list with summarised reasoning',
      {
        content: [
          { type: 'reasoning', summary: [{ text: 'r', signature: 's' }] },
          { type: 'text', text: 'a' },
        ],
      },
      {},
      [
        { type: 'reasoning', text: 'r', signature: 's' },
        { type: 'text', text: 'a' },
      ],
    ],
    [
      'tags around the reasoning',
      { content: '<think>\nr</think>\n\nt' },
      { thinkTags: { open: '<think>', close: '</think>' } },
      [
        { type: 'reasoning', text: '\nr' },
        { type: 'text', text: 't' },
      ],
    ],
    ['a refusal', { content: null, refusal: 'no' }, {}, [{ type: 'refusal', text: 'no' }]],
    [
      'an image',
      { content: '', images: [{ image_url: { url: 'data:image/png;base64,AA==' } }] },
      {},
      [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } }],
    ],
    [
      'a call whose arguments are an object, without id',
      { tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] },
      {},
      [{ type: 'tool-call', id: 'call_new0', name: 'f', arguments: '{"a":1}' }],
    ],
    [
      'a lone call without a list',
      { tool_calls: { id: '0', function: { name: 'f', arguments: null } } },
      {},
      [{ type: 'tool-call', id: '0', name: 'f', arguments: '' }],
    ],
    [
      'a call with an empty free-text form beside it',
      {
        tool_calls: [
          {
            id: 'c',
            type: 'function',
            function: { name: 'f', arguments: '{}' },
            custom: { name: '', input: '' },
          },
        ],
      },
      {},
      [{ type: 'tool-call', id: 'c', name: 'f', arguments: '{}' }],
    ],
    [
      'a free-text call',
      { tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'sql', input: 'select 1' } }] },
      {},
      [{ type: 'tool-call', id: 'c', name: 'sql', arguments: 'select 1', custom: true }],
    ],
    [
      'a call of the older form',
      { function_call: { name: 'f', arguments: '{}' } },
      {},
      [{ type: 'tool-call', id: 'call_new0', name: 'f', arguments: '{}' }],
    ],
    [
      'sources',
      {
        content: 't',
        annotations: [
          { type: 'url_citation', url_citation: { url: 'u', title: 'T', start_index: 0, end_index: 1 } },
        ],
      },
      {},
      [
        {
          type: 'text',
          text: 't',
          annotations: [{ type: 'url-citation', url: 'u', title: 'T', startIndex: 0, endIndex: 1 }],
        },
      ],
    ],
  ])('%s', (_name, message, quirks, wanted) => {
    expect(partsOf(message, quirks)).toEqual(wanted)
  })

  test.each<[string, JsonObject, string]>([
    ['no word', { message: { content: 'x' } }, 'stop'],
    ['an empty word', { message: { content: 'x' }, finish_reason: '' }, 'stop'],
    ['no word with calls', { message: { tool_calls: [{ function: { name: 'f' } }] } }, 'tool-calls'],
    ['eos', { message: {}, finish_reason: 'eos' }, 'stop'],
    ['function_call', { message: {}, finish_reason: 'function_call' }, 'tool-calls'],
    ['content_filter without a message', { finish_reason: 'content_filter' }, 'content-filter'],
    ['a word nobody knows', { message: {}, finish_reason: 'moonrise' }, 'other'],
  ])('finish: %s', (_name, choice, reason) => {
    expect(parseAnswer({ choices: [choice] }, contextOf()).choices[0]?.finish.reason).toBe(reason)
  })

  test.each<[string, JsonObject, Quirks, Partial<Usage>]>([
    [
      'OpenAI',
      {
        prompt_tokens: 9,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
      {},
      { inputTokens: 9, outputTokens: 5, cacheReadTokens: 4, reasoningTokens: 2 },
    ],
    [
      'DeepSeek',
      { prompt_tokens: 9, completion_tokens: 5, prompt_cache_hit_tokens: 3 },
      {},
      { cacheReadTokens: 3 },
    ],
    ['Mistral', { prompt_tokens: 9, completion_tokens: 5, num_cached_tokens: 3 }, {}, { cacheReadTokens: 3 }],
    [
      'xAI, where the total tells that reasoning stands outside',
      {
        prompt_tokens: 12,
        completion_tokens: 1,
        total_tokens: 303,
        completion_tokens_details: { reasoning_tokens: 290 },
        cost_in_usd_ticks: 1_466_250,
      },
      {},
      { inputTokens: 12, outputTokens: 291, reasoningTokens: 290, reportedCostUsd: 0.000146625 },
    ],
    [
      '… and where only the quirk does',
      { prompt_tokens: 12, completion_tokens: 1, completion_tokens_details: { reasoning_tokens: 290 } },
      { reasoningOutsideOutput: true },
      { outputTokens: 291 },
    ],
    [
      '… and where the total says otherwise',
      {
        prompt_tokens: 12,
        completion_tokens: 291,
        total_tokens: 303,
        completion_tokens_details: { reasoning_tokens: 290 },
      },
      { reasoningOutsideOutput: true },
      { outputTokens: 291 },
    ],
    ['only a total', { total_tokens: 7 }, {}, { inputTokens: 7, totalTokens: 7 }],
    ['OpenRouter', { prompt_tokens: 1, completion_tokens: 1, cost: 0.5 }, {}, { reportedCostUsd: 0.5 }],
  ])('usage of %s', (_name, usage, quirks, wanted) => {
    expect(parseAnswer({ choices: [{}], usage }, contextOf(quirks)).usage).toMatchObject({
      ...wanted,
      raw: usage,
    })
  })

  test('usage is found under x_groq and in the choice', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2 }
    expect(parseAnswer({ choices: [{}], x_groq: { usage } }, contextOf()).usage?.outputTokens).toBe(2)
    expect(parseAnswer({ choices: [{ usage }] }, contextOf()).usage?.outputTokens).toBe(2)
  })

  test('Perplexity’s list of addresses becomes sources of the text', () => {
    const body = {
      choices: [{ message: { content: 'x' }, delta: { content: '' } }],
      citations: ['https://a.example'],
    }
    expect(parseAnswer(body, contextOf()).choices[0]?.parts).toEqual([
      { type: 'text', text: 'x', annotations: [{ type: 'url-citation', url: 'https://a.example' }] },
    ])
  })

  test.each<[string, Json, object]>([
    ['no object', 'pong', { code: 'invalid_response' }],
    ['no choices', { object: 'list', data: [] }, { code: 'invalid_response' }],
    ['an error', { error: { message: 'full', code: 429 } }, { code: 'rate_limit', message: 'acme: full' }],
    [
      'an error beside a choice',
      { choices: [{ error: { code: 502, message: 'down' } }] },
      { code: 'bad_gateway' },
    ],
    [
      'vLLM’s error',
      { object: 'error', message: 'bad', type: 'BadRequestError', code: 400 },
      { code: 'bad_request' },
    ],
    [
      'MiniMax’s error',
      { base_resp: { status_code: 1004, status_msg: 'login fail' }, choices: null },
      { code: 'authentication', message: 'acme: login fail', providerCode: '1004' },
    ],
    ['words alone', { detail: 'not today' }, { code: 'internal', message: 'acme: not today' }],
  ])('status 200 with %s is thrown', (_name, body, wanted) => {
    expect(() => parseAnswer(body, contextOf())).toThrow(
      expect.objectContaining({ provider: 'acme', model: 'm', ...wanted }),
    )
  })

  test('an empty error beside an answer means nothing', () => {
    const body = { choices: [{ message: { content: 'x' } }], error: null, base_resp: { status_code: 0 } }
    expect(parseAnswer(body, contextOf()).choices).toHaveLength(1)
  })
})

describe('parseFailure', () => {
  test.each<[string, number, Json, object]>([
    [
      'OpenAI',
      401,
      { error: { message: 'bad key', type: 'invalid_request_error', code: 'invalid_api_key', param: null } },
      { code: 'authentication', status: 401, providerCode: 'invalid_api_key' },
    ],
    [
      'the model',
      404,
      { error: { message: 'no such model', code: 'model_not_found', param: 'model' } },
      { code: 'not_found', param: 'model' },
    ],
    ['Mistral', 401, { detail: 'Unauthorized' }, { code: 'authentication', message: 'acme: Unauthorized' }],
    [
      'Mistral’s findings',
      422,
      { detail: [{ msg: 'extra fields', loc: ['body'] }] },
      { code: 'unprocessable', message: 'acme: extra fields' },
    ],
    [
      'xAI’s bad key',
      400,
      { code: 'invalid-argument', error: 'Incorrect API key provided.' },
      { code: 'authentication', message: 'acme: invalid-argument: Incorrect API key provided.' },
    ],
    [
      'Google’s list',
      400,
      [{ error: { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT' } }],
      { code: 'authentication' },
    ],
    [
      'Cloudflare',
      400,
      { errors: [{ code: 7003, message: 'no route' }], success: false },
      { message: 'acme: no route', providerCode: '7003' },
    ],
    [
      'OpenRouter',
      429,
      { error: { message: 'Provider returned error', code: 429, metadata: { raw: 'upstream is full' } } },
      { code: 'rate_limit', message: 'acme: Provider returned error: upstream is full' },
    ],
    [
      'a page',
      502,
      '<html><body>Bad gateway</body></html>',
      { code: 'bad_gateway', message: expect.stringContaining('HTML') },
    ],
    ['nothing', 503, '', { code: 'service_unavailable', message: 'acme: HTTP 503' }],
    [
      'an empty account',
      429,
      { error: { message: 'You exceeded your current quota', type: 'insufficient_quota' } },
      { code: 'quota_exceeded', retryable: false },
    ],
    [
      'a full window',
      400,
      { error: { message: "This model's maximum context length is 8192 tokens." } },
      { code: 'context_window_exceeded' },
    ],
    [
      '… in Alibaba’s words',
      400,
      { error: { message: 'Range of input length should be [1, 30720]' } },
      { code: 'context_window_exceeded' },
    ],
    [
      'a bound of output above the model’s',
      400,
      { error: { message: 'max_tokens is too large: 99. This model supports a context window …' } },
      { code: 'bad_request' },
    ],
    [
      'Azure’s filter',
      400,
      {
        error: {
          message: 'The response was filtered due to … content management policy',
          code: 'content_filter',
        },
      },
      { code: 'content_policy_violation' },
    ],
    [
      'an unknown model with 400',
      400,
      { error: { message: 'Model x does not exist' } },
      { code: 'not_found' },
    ],
    [
      'a key in the words',
      401,
      { error: { message: 'Incorrect API key provided: sk-abcdefghijklmnop' } },
      { message: 'acme: Incorrect API key provided: sk-[redacted]' },
    ],
  ])('%s', (_name, status, body, wanted) => {
    const error = parseFailure({ status, headers: {}, body }, contextOf())
    expect(error).toMatchObject({ provider: 'acme', model: 'm', providerStatus: status, ...wanted })
  })

  test('carries the wait that was asked for', () => {
    const error = parseFailure({ status: 429, headers: { 'retry-after': '2' }, body: {} }, contextOf())
    expect(error).toMatchObject({ retryAfterMs: 2000, retryable: true })
  })
})

describe('openaiChatRelay', () => {
  test.each<[string, JsonObject, object]>([
    [
      'usage',
      { id: 'a', model: 'm', choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } },
      { id: 'a', model: 'm', usage: { outputTokens: 2 } },
    ],
    ['an end', { choices: [{ finish_reason: 'stop' }] }, { finished: true }],
    ['no end', { choices: [{ finish_reason: null }] }, {}],
    ['a failure', { error: { message: 'x', code: 503 } }, { failure: { code: 'service_unavailable' } }],
  ])('reads %s', (_name, body, wanted) => {
    expect(openaiChatRelay.read(body, contextOf())).toMatchObject(wanted)
  })
})
