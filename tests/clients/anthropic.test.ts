import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { all } from './support/all.ts'
import { startTestGateway } from './support/gateway.ts'
import type { TestGateway } from './support/gateway.ts'

const messages = [{ role: 'user' as const, content: 'hello there' }]
const tools: Anthropic.Tool[] = [
  {
    name: 'weather',
    description: 'The weather',
    input_schema: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } },
    },
  },
]

let gateway: TestGateway
let client: Anthropic
beforeAll(async () => {
  gateway = await startTestGateway()
  client = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 })
})
afterAll(() => gateway.close())

/** Anthropic's own format behind the gateway, and OpenAI's. */
describe.each([
  {
    model: 'claude',
    served: 'claude-sonnet-4-5',
    path: '/v1/messages',
    cost: '0.000066',
    toolId: /^toolu_scripted/,
  },
  {
    model: 'gpt',
    served: 'gpt-4o-mini',
    path: '/v1/chat/completions',
    cost: '0.0000027',
    toolId: /^call_scripted/,
  },
])('messages from $model', ({ model, served, path, cost, toolId }) => {
  it('give every field of an answer', async () => {
    const {
      data,
      response,
      request_id: requestId,
    } = await client.messages.create({ model, max_tokens: 100, messages }).withResponse()
    expect(data).toMatchObject({
      id: expect.stringMatching(/scripted-\d+$/),
      type: 'message',
      role: 'assistant',
      model: served,
      content: [{ type: 'text', text: 'You said: hello there' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 2,
        output_tokens: 4,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
      },
    })
    expect(gateway.provider.exchanges.at(-1)?.path).toBe(path)
    expect(response.headers.get('x-litellm-response-cost')).toBe(cost)
    expect(response.headers.get('x-litellm-model-group')).toBe(model)
    expect(response.headers.get('x-litellm-model-api-base')).toBe(`${gateway.provider.url}${path}`)
    expect(requestId).toBe(response.headers.get('x-litellm-call-id'))
  })

  it("stream the format's events in order", async () => {
    const stream = await client.messages.create({ model, max_tokens: 100, messages, stream: true })
    const events = await all(stream)
    const types = events.map((event) => event.type)
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(events[0]).toMatchObject({
      type: 'message_start',
      message: {
        role: 'assistant',
        model: served,
        content: [],
        stop_reason: null,
        usage: expect.any(Object),
      },
    })
    const deltas = events.flatMap((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? [event.delta.text] : [],
    )
    expect(deltas).toEqual(['You', ' said:', ' hello', ' there'])
    expect(events.at(-2)).toMatchObject({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 4 },
    })
  })

  it('feed the stream helper', async () => {
    const stream = client.messages.stream({ model, max_tokens: 100, messages })
    const texts: string[] = []
    stream.on('text', (text) => texts.push(text))
    const final = await stream.finalMessage()
    expect(texts.join('')).toBe('You said: hello there')
    expect(final).toMatchObject({
      role: 'assistant',
      model: served,
      stop_reason: 'end_turn',
      content: [{ type: 'text', text: 'You said: hello there' }],
      usage: { output_tokens: 4 },
    })
    expect(stream.request_id).toMatch(/-/)
  })

  it('call tools, whole and in pieces, and take their results', async () => {
    const first = await client.messages.create({ model, max_tokens: 100, messages, tools })
    expect(first).toMatchObject({
      stop_reason: 'tool_use',
      content: [
        {
          type: 'tool_use',
          id: expect.stringMatching(toolId),
          name: 'weather',
          input: { city: 'city', days: 2 },
        },
      ],
    })
    const stream = client.messages.stream({ model, max_tokens: 100, messages, tools })
    const pieces: string[] = []
    stream.on('inputJson', (piece) => pieces.push(piece))
    const streamed = await stream.finalMessage()
    expect(pieces.join('')).toBe('{"city":"city","days":2}')
    expect(pieces.length).toBeGreaterThan(1)
    expect(streamed).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ input: { city: 'city', days: 2 } }],
    })

    const [call] = first.content
    if (call?.type !== 'tool_use') throw new Error('no tool was called')
    const answer = await client.messages.create({
      model,
      max_tokens: 100,
      tools,
      messages: [
        ...messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }] },
      ],
    })
    expect(answer.content).toMatchObject([{ type: 'text', text: 'The tool said: sunny' }])
    expect((gateway.provider.exchanges.at(-1)?.body.toString() ?? '').split(call.id)).toHaveLength(3)
  })

  it('obey tool_choice', async () => {
    const answer = await client.messages.create({
      model,
      max_tokens: 100,
      messages,
      tools: [
        ...tools,
        { name: 'time', input_schema: { type: 'object', properties: { zone: { type: 'string' } } } },
      ],
      tool_choice: { type: 'tool', name: 'time' },
    })
    expect(answer.content).toMatchObject([{ type: 'tool_use', name: 'time', input: { zone: 'zone' } }])
  })

  it('take system prompts, images and several turns', async () => {
    const answer = await client.messages.create({
      model,
      max_tokens: 100,
      system: [{ type: 'text', text: 'be brief', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          ],
        },
      ],
    })
    expect(answer.content).toMatchObject([{ text: 'You said: look (images: 1)' }])
    expect(answer.usage.input_tokens).toBe(90)
  })

  it('end for max_tokens', async () => {
    const answer = await client.messages.create({ model, max_tokens: 2, messages })
    expect(answer).toMatchObject({
      stop_reason: 'max_tokens',
      content: [{ text: 'You said:' }],
      usage: { output_tokens: 2 },
    })
  })

  it('count tokens without asking for an answer', async () => {
    const counted = await client.messages.countTokens({ model, messages })
    expect(counted.input_tokens).toBeGreaterThan(0)
    if (model === 'claude') expect(counted.input_tokens).toBe(2)
  })
})

describe('failures', () => {
  it.each([
    { model: 'claude-fault/status-529', status: 529, type: 'overloaded_error' },
    { model: 'claude-fault/status-429', status: 429, type: 'rate_limit_error' },
    { model: 'claude-fault/status-400', status: 400, type: 'invalid_request_error' },
    { model: 'claude-fault/status-500', status: 502, type: 'api_error' },
    { model: 'fault/status-401', status: 502, type: 'api_error' },
    { model: 'fault/status-429', status: 429, type: 'rate_limit_error' },
    { model: 'nope', status: 404, type: 'not_found_error' },
  ])('of $model are $status $type', async ({ model, status, type }) => {
    const error: unknown = await client.messages
      .create({ model, max_tokens: 10, messages })
      .catch((failure: unknown) => failure)
    if (!(error instanceof Anthropic.APIError)) throw error
    expect(error.status).toBe(status)
    expect(error.error).toMatchObject({
      type: 'error',
      error: { type, message: expect.any(String) },
      request_id: error.headers?.get('x-request-id'),
    })
    expect(error.requestID).toMatch(/-/)
  })

  it('of the key are its own kind', async () => {
    const stranger = new Anthropic({ baseURL: gateway.url, apiKey: 'sk-wrong', maxRetries: 0 })
    await expect(
      stranger.messages.create({ model: 'claude', max_tokens: 10, messages }),
    ).rejects.toBeInstanceOf(Anthropic.AuthenticationError)
  })

  it('of the key as bearer, too', async () => {
    const bearer = new Anthropic({
      baseURL: gateway.url,
      authToken: gateway.key,
      apiKey: null,
      maxRetries: 0,
    })
    const answer = await bearer.messages.create({ model: 'claude', max_tokens: 10, messages })
    expect(answer.stop_reason).toBe('end_turn')
  })

  it.each(['claude-fault', 'fault'])('inside a stream of %s break it', async (group) => {
    for (const fault of ['cut-after-5', 'error-event-after-5', 'no-finish']) {
      const stream = client.messages.stream({ model: `${group}/${fault}`, max_tokens: 100, messages })
      await expect(stream.finalMessage(), fault).rejects.toBeInstanceOf(Anthropic.AnthropicError)
      expect(stream.currentMessage?.content, fault).toMatchObject([{ text: expect.stringMatching(/^You/) }])
    }
  })

  it("a client that leaves ends the provider's work", async () => {
    const before = gateway.provider.exchanges.length
    const stream = client.messages.stream({ model: 'claude-fault/hang-after-5', max_tokens: 100, messages })
    const upstream = await gateway.provider.exchange(before)
    await upstream.atGate
    const leftAtMs = performance.now()
    stream.abort()
    await expect(stream.done()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError)
    expect((await upstream.whenAborted).atMs - leftAtMs).toBeLessThan(1_000)
  })
})

describe('what the relay passes on', () => {
  it('is the body, beta and version headers as they are', async () => {
    const before = gateway.provider.exchanges.length
    const future = client.withOptions({ defaultHeaders: { 'anthropic-version': '2099-01-01' } })
    await future.beta.messages.create({
      model: 'claude',
      max_tokens: 2_000,
      messages,
      betas: ['context-1m-2025-08-07', 'future-beta-2030-01-01'],
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      metadata: { user_id: 'someone' },
    })
    const { headers, json } = await gateway.provider.exchange(before)
    expect(headers['anthropic-beta']).toBe('context-1m-2025-08-07,future-beta-2030-01-01')
    expect(headers['anthropic-version']).toBe('2099-01-01')
    expect(headers['x-api-key']).toBe('sk-provider-secret')
    expect(headers.authorization).toBeUndefined()
    expect(json).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 2_000,
      messages,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      metadata: { user_id: 'someone' },
    })
  })
})
