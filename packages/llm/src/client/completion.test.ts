import { describe, expect, expectTypeOf, test } from 'vitest'
import { RateLimitError } from '../errors.ts'
import type { ChatCompletion } from '../types/openai.ts'
import type { HttpRequest } from '../types/transport.ts'
import { createClient } from './client.ts'
import type { CompletionParams, CompletionStream } from './completion.ts'

const sent: HttpRequest[] = []
const client = createClient({
  env: () => undefined,
  newId: () => 'made',
  nowMs: () => 5000,
  transport: async (request) => {
    sent.push(request)
    const body = { choices: [{ message: { content: 'ok' }, finish_reason: 'stop' }] }
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: (async function* () {
        yield new TextEncoder().encode(JSON.stringify(body))
      })(),
    }
  },
})
const hello: CompletionParams = {
  model: 'openai/gpt-4o',
  messages: [{ role: 'user', content: 'Hello' }],
  api_key: 'k',
}

async function bodyOf(params: CompletionParams): Promise<unknown> {
  sent.length = 0
  await client.completion(params)
  return JSON.parse(String(sent[0]?.body))
}

describe('what is sent', () => {
  const plain = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }

  test.each<[string, Partial<CompletionParams>, object]>([
    [
      'settings of the call stay here',
      { timeout: 5, num_retries: 1, drop_params: true, aws_region_name: 'x', vertex_project: 'p' },
      {},
    ],
    ['metadata stays here', { metadata: { a: 'b' } }, {}],
    [
      '… unless it is to be stored',
      { metadata: { a: 'b' }, store: true },
      { metadata: { a: 'b' }, store: true },
    ],
    [
      "LiteLLM's settings that are no provider's business stay here",
      { 'no-log': true, tags: ['a'], caching: true, request_timeout: 5, stream_timeout: 5 },
      {},
    ],
    ['unknown fields are forwarded', { min_p: 0.1 }, { min_p: 0.1 }],
    ['extra_body goes in as it is', { extra_body: { x: { y: 1 } } }, { x: { y: 1 } }],
    ['fields that are undefined are not there', { temperature: undefined }, {}],
  ])('%s', async (_name, params, wanted) => {
    expect(await bodyOf({ ...hello, ...params })).toEqual({ ...plain, ...wanted })
  })

  test('headers of the caller', async () => {
    await bodyOf({ ...hello, extra_headers: { 'X-Team': 'a' }, organization: 'org' })
    expect(sent[0]?.headers).toMatchObject({
      'x-team': 'a',
      'openai-organization': 'org',
      authorization: 'Bearer k',
    })
  })

  test('refused settings stop the call before it is made, or are dropped', async () => {
    sent.length = 0
    const refused = { ...hello, model: 'groq/llama', n: 2 }
    await expect(client.completion(refused)).rejects.toMatchObject({ code: 'unsupported_params', param: 'n' })
    expect(sent).toEqual([])
    expect(await bodyOf({ ...refused, drop_params: true })).not.toHaveProperty('n')
    expect(await bodyOf({ ...refused, allowed_openai_params: ['n'] })).toHaveProperty('n', 2)
  })

  test("settings of LiteLLM's that would be ignored are refused, or dropped", async () => {
    sent.length = 0
    const params = { ...hello, guardrails: ['pii'] }
    await expect(client.completion(params)).rejects.toMatchObject({
      code: 'unsupported_params',
      param: 'guardrails',
    })
    expect(sent).toEqual([])
    expect(await bodyOf({ ...params, drop_params: true })).not.toHaveProperty('guardrails')
    expect(await bodyOf({ ...hello, extra_body: { guardrails: [] } })).toHaveProperty('guardrails', [])
  })

  test.each([
    ['timeout', { timeout: 2 }, 2000],
    ['request_timeout', { request_timeout: 3 }, 3000],
    ['stream_timeout is not for whole answers', { timeout: 2, stream_timeout: 9 }, 2000],
    ['stream_timeout', { timeout: 2, stream_timeout: 9, stream: true }, 9000],
  ])('%s', async (_name, params, totalMs) => {
    sent.length = 0
    await client.completion({ ...hello, ...params })
    expect(sent[0]?.timeouts.totalMs).toBe(totalMs)
  })

  test('a variable drops them for all', async () => {
    const dropping = createClient({
      env: (name) => (name === 'LITELLM_DROP_PARAMS' ? 'True' : undefined),
      transport: async () => Promise.reject(new Error('asked')),
    })
    await expect(dropping.completion({ ...hello, model: 'groq/llama', n: 2 })).rejects.toThrow('asked')
  })
})

test('an answer without id, model and time gets them', async () => {
  expect(await client.completion(hello)).toMatchObject({
    id: 'chatcmpl-made',
    model: 'openai/gpt-4o',
    created: 5,
  })
})

describe('mock_response', () => {
  test('answers and asks nobody', async () => {
    sent.length = 0
    const answer = await client.completion({ ...hello, mock_response: 'Hi there' })
    expect(answer).toMatchObject({
      id: 'chatcmpl-made',
      choices: [{ message: { content: 'Hi there' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
    })
    expect(sent).toEqual([])
  })

  test('streams', async () => {
    const stream = await client.completion({
      ...hello,
      mock_response: 'Hi there',
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hi there')
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } })
  })

  test('fails as it is told', async () => {
    const error = new RateLimitError({ code: 'rate_limit', message: 'full' })
    await expect(client.completion({ ...hello, mock_response: error })).rejects.toBe(error)
    await expect(client.completion({ ...hello, mock_response: error, stream: true })).rejects.toBe(error)
  })

  test('metadata of a text completion stays here', async () => {
    sent.length = 0
    await client.textCompletion({
      model: 'openai/davinci-002',
      prompt: 'Once',
      api_key: 'k',
      metadata: { a: 'b' },
    })
    expect(JSON.parse(String(sent[0]?.body))).toEqual({ model: 'davinci-002', prompt: 'Once' })
  })

  test('serves text completions too', async () => {
    const answer = await client.textCompletion({
      model: 'openai/davinci-002',
      prompt: 'Once',
      mock_response: 'upon',
    })
    expect(answer).toMatchObject({
      object: 'text_completion',
      choices: [{ text: 'upon', finish_reason: 'stop' }],
    })
  })
})

test('the type of the result follows `stream`', () => {
  expectTypeOf(
    client.completion({ ...hello, stream: true, mock_response: 'x' }),
  ).resolves.toEqualTypeOf<CompletionStream>()
  expectTypeOf(
    client.completion({ ...hello, stream: false, mock_response: 'x' }),
  ).resolves.toEqualTypeOf<ChatCompletion>()
  const { stream: _stream, ...whole } = hello
  expectTypeOf(
    client.completion({ ...whole, messages: hello.messages, model: 'm', mock_response: 'x' }),
  ).resolves.toExtend<ChatCompletion | CompletionStream>()
})
