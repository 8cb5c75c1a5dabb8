import { isSwitchyardError } from '@switchyard/llm/kit'
import { describe, expect, test } from 'vitest'
import { callOf, chatBody } from './testing/services.ts'

function outcome(run: () => unknown): string {
  try {
    run()
    return 'fine'
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    return `${error.status} ${error.reason} ${error.param}`
  }
}

describe('the model', () => {
  test.each<[string, object, Record<string, string>, string]>([
    ['of the body', { model: 'gpt' }, {}, 'gpt'],
    ['of the path', { model: undefined }, { model: 'path' }, 'path'],
    ['of the path before that of the body', { model: 'gpt' }, { model: 'path' }, 'path'],
  ])('%s', (_name, more, params, expected) => {
    const call = callOf(chatBody(more), 'chat', {}, params)
    expect(call.model).toBe(expected)
    expect(call.parsedBody()).toMatchObject({ model: expected })
    expect(call.scan.has('model')).toBe(true)
  })

  test.each([{ model: undefined }, { model: '' }])('must be named: %j', (more) => {
    expect(outcome(() => callOf(chatBody(more)))).toBe('400 missing_required_parameter model')
  })
})

describe('what the client says about the handling', () => {
  test.each<[object, Record<string, string>, object]>([
    [{}, {}, { hasOwnFields: false }],
    [{ num_retries: 3 }, {}, { numRetries: 3, hasOwnFields: true }],
    [{ max_retries: 3 }, {}, { numRetries: 3 }],
    [{ num_retries: -1 }, {}, { numRetries: 0 }],
    [{ num_retries: 3 }, { 'x-litellm-num-retries': '1' }, { numRetries: 1 }],
    [{}, { 'x-litellm-num-retries': '1' }, { numRetries: 1, hasOwnFields: false }],
    [{}, { 'x-litellm-num-retries': 'many' }, { hasOwnFields: false }],
    [{ timeout: 2.5 }, {}, { timeoutMs: 2_500 }],
    [{ request_timeout: 2 }, {}, { timeoutMs: 2_000 }],
    [{ timeout: 2 }, { 'x-litellm-timeout': '1' }, { timeoutMs: 1_000 }],
    [{ drop_params: true }, {}, { dropParams: true }],
    [{ additional_drop_params: ['a', 1] }, {}, { additionalDropParams: ['a'] }],
    [{ allowed_openai_params: ['a'] }, {}, { allowedParams: ['a'] }],
    [{ mock_response: 'hi' }, {}, { mockResponse: 'hi' }],
    [{ extra_headers: { 'X-A': 'b' } }, {}, { extraHeaders: { 'x-a': 'b' } }],
    [{ extra_body: { future: 1 } }, {}, { extraBody: { future: 1 } }],
  ])('%j %j', (more, headers, expected) => {
    expect(callOf(chatBody(more), 'chat', headers).options).toMatchObject(expected)
  })

  test.each<[object, Record<string, string>]>([
    [{ timeout: 0 }, {}],
    [{ timeout: -1 }, {}],
    [{}, { 'x-litellm-timeout': '0' }],
    [{}, { 'x-litellm-timeout': 'soon' }],
  ])('no time at all is no limit: %j %j', (more, headers) => {
    expect(callOf(chatBody(more), 'chat', headers).options.timeoutMs).toBeUndefined()
  })

  test('does not go to a provider', () => {
    const call = callOf(
      chatBody({ num_retries: 1, tags: ['a'], metadata: { a: 'b' }, extra_body: {}, temperature: 1 }),
    )
    expect(Object.keys(call.parsedBody()).toSorted()).toEqual(['messages', 'model', 'temperature'])
  })
})

test.each([{ api_base: 'http://evil' }, { extra_body: { api_key: 'x' } }, { aws_region_name: 'x' }])(
  'addresses and credentials are not for clients: %j',
  (more) => {
    expect(outcome(() => callOf(chatBody(more)))).toMatch(/^400 parameter_not_allowed/)
  },
)

describe("Anthropic's headers", () => {
  const body = { model: 'c', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] }
  const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a,b', 'x-other': 'c' }

  test('belong to its format', () => {
    expect(callOf(body, 'messages', headers).clientHeaders).toEqual({
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'a,b',
    })
    expect(callOf(body, 'messages').clientHeaders).toBeUndefined()
    expect(callOf(chatBody(), 'chat', headers).clientHeaders).toBeUndefined()
  })

  test.each(['anthropic-beta', 'anthropic-version'])('%s must be what every server reads alike', (name) => {
    const strange = { ...headers, [name]: 'Ã¼' }
    expect(outcome(() => callOf(body, 'messages', strange))).toBe(`400 invalid_header ${name}`)
    expect(outcome(() => callOf(chatBody(), 'chat', strange))).toBe('fine')
  })
})

test.each<[object, { stream: boolean; wantsUsage: boolean }]>([
  [{}, { stream: false, wantsUsage: false }],
  [{ stream: true }, { stream: true, wantsUsage: false }],
  [
    { stream: true, stream_options: null },
    { stream: true, wantsUsage: false },
  ],
  [
    { stream: true, stream_options: { include_usage: true } },
    { stream: true, wantsUsage: true },
  ],
])('%j', (more, expected) => {
  expect(callOf(chatBody(more))).toMatchObject(expected)
})

test('the request is read once', () => {
  const call = callOf(chatBody())
  expect(call.chatRequest()).toBe(call.chatRequest())
  expect(call.parsedBody()).toBe(call.parsedBody())
})
