import { describe, expect, test } from 'vitest'
import type { StandardLoggingPayload } from '../callbacks/payload.ts'
import { createClient } from './client.ts'
import type { ClientOptions } from './client.ts'
import type { CompletionParams } from './completion.ts'
import { scripted } from './testing/scripted.ts'
import type { Reply } from './testing/scripted.ts'

const hello = {
  model: 'openai/gpt-4o',
  api_key: 'sk-openai',
  messages: [{ role: 'user' as const, content: 'Hello' }],
}
const down = { status: 503 }
const tooLong = { status: 400, code: 'context_length_exceeded', message: 'too long' }
const blocked = { status: 400, code: 'content_policy_violation', message: 'no' }

function clientOf(script: Record<string, Reply | Reply[]>, options: ClientOptions = {}) {
  const payloads: StandardLoggingPayload[] = []
  const keep = (payload: StandardLoggingPayload): void => void payloads.push(payload)
  const provider = scripted((model, attempt) => {
    const reply = script[model] ?? 'Hi'
    return Array.isArray(reply) ? (reply[attempt] ?? 'Hi') : reply
  })
  const client = createClient({
    ...provider.world,
    callbacks: [{ success: keep, failure: keep }],
    ...options,
  })
  const models = (): string[] => provider.asked.map(({ model }) => model)
  return { client, payloads, provider, models }
}

describe('who is asked', () => {
  test.each<
    [string, Record<string, Reply | Reply[]>, Partial<CompletionParams>, ClientOptions, string[], string?]
  >([
    ['nobody else, unless told', { 'gpt-4o': down }, {}, {}, ['gpt-4o'], 'status 503'],
    [
      'the fallbacks in their order',
      { 'gpt-4o': down, 'gpt-4.1': { status: 401 } },
      { fallbacks: ['openai/gpt-4.1', 'openai/o3'] },
      {},
      ['gpt-4o', 'gpt-4.1', 'o3'],
    ],
    [
      'retries come before fallbacks',
      { 'gpt-4o': down },
      { fallbacks: ['openai/o3'], num_retries: 2 },
      {},
      ['gpt-4o', 'gpt-4o', 'gpt-4o', 'o3'],
    ],
    [
      'each fallback has retries of its own',
      { 'gpt-4o': down, o3: [down, 'Hi'] },
      { fallbacks: ['openai/o3'], num_retries: 1 },
      {},
      ['gpt-4o', 'gpt-4o', 'o3', 'o3'],
    ],
    [
      'when all fail, the first failure is told',
      { 'gpt-4o': down, o3: { status: 429 } },
      { fallbacks: ['openai/o3'] },
      {},
      ['gpt-4o', 'o3'],
      'status 503',
    ],
    [
      'a longer window for what is too long',
      { 'gpt-4o': tooLong },
      { context_window_fallbacks: [{ 'openai/gpt-4o': ['openai/gpt-4.1'] }] },
      {},
      ['gpt-4o', 'gpt-4.1'],
    ],
    [
      "… in LiteLLM's other form",
      { 'gpt-4o': tooLong },
      { context_window_fallback_dict: { 'gpt-4o': 'openai/gpt-4.1' } },
      {},
      ['gpt-4o', 'gpt-4.1'],
    ],
    [
      '… which is for nothing else',
      { 'gpt-4o': down },
      { context_window_fallbacks: [{ 'openai/gpt-4o': ['openai/gpt-4.1'] }] },
      {},
      ['gpt-4o'],
      'status 503',
    ],
    [
      'both lists, each for its own',
      { 'gpt-4o': tooLong },
      { fallbacks: ['openai/o3'], context_window_fallbacks: [{ 'gpt-4o': ['openai/gpt-4.1'] }] },
      {},
      ['gpt-4o', 'gpt-4.1'],
    ],
    [
      'another provider for what one would not answer',
      { 'gpt-4o': blocked },
      { content_policy_fallbacks: [{ 'gpt-4o': ['openai/o3'] }] },
      {},
      ['gpt-4o', 'o3'],
    ],
    [
      'those of the client',
      { 'gpt-4o': down },
      {},
      { fallbacks: [{ 'openai/gpt-4o': ['openai/o3'] }] },
      ['gpt-4o', 'o3'],
    ],
    [
      '… by the bare name, too',
      { 'gpt-4o': down },
      {},
      { fallbacks: [{ 'gpt-4o': ['openai/o3'] }] },
      ['gpt-4o', 'o3'],
    ],
    [
      '… unless the call has its own',
      { 'gpt-4o': down },
      { fallbacks: ['openai/o4-mini'] },
      { fallbacks: [{ 'gpt-4o': ['openai/o3'] }] },
      ['gpt-4o', 'o4-mini'],
    ],
    [
      '… or wants none',
      { 'gpt-4o': down },
      { disable_fallbacks: true },
      { fallbacks: [{ 'gpt-4o': ['openai/o3'] }] },
      ['gpt-4o'],
      'status 503',
    ],
    [
      'fallbacks of fallbacks',
      { 'gpt-4o': down, o3: down },
      {},
      { fallbacks: [{ 'gpt-4o': ['openai/o3'] }, { o3: ['openai/o1'] }] },
      ['gpt-4o', 'o3', 'o1'],
    ],
    ['anybody', { 'gpt-4o': down }, {}, { default_fallbacks: ['openai/o3'] }, ['gpt-4o', 'o3']],
    ['a rehearsal', {}, { fallbacks: ['openai/o3'], mock_testing_fallbacks: true }, {}, ['o3']],
    ['retries of the client', { 'gpt-4o': [down, 'Hi'] }, {}, { num_retries: 1 }, ['gpt-4o', 'gpt-4o']],
  ])('%s', async (_, script, params, options, asked, failure) => {
    const { client, models } = clientOf(script, options)
    const call = client.completion({ ...hello, ...params })
    if (failure === undefined) expect(await call).toMatchObject({ object: 'chat.completion' })
    else await expect(call).rejects.toThrow(failure)
    expect(models()).toEqual(asked)
  })

  test.each<[string, Record<string, number>, Reply, number]>([
    ['RateLimitError', { RateLimitError: 3 }, { status: 429 }, 4],
    ['RateLimitErrorRetries', { RateLimitErrorRetries: 1 }, { status: 429 }, 2],
    ['not for others', { RateLimitError: 3, ContentPolicyViolationError: 0 }, blocked, 1],
    ['less than num_retries', { InternalServerError: 0 }, { status: 500 }, 1],
  ])('retry_policy: %s', async (_, retry_policy, reply, calls) => {
    const { client, models } = clientOf({ 'gpt-4o': reply })
    await expect(client.completion({ ...hello, retry_policy, num_retries: 1 })).rejects.toThrow()
    expect(models()).toHaveLength(calls)
  })

  test('a policy that names no class is refused', async () => {
    const { client } = clientOf({})
    await expect(client.completion({ ...hello, retry_policy: { RateLimits: 3 } })).rejects.toThrow(
      /retry_policy\.RateLimits/,
    )
  })

  test('streams fall back silently before their first token', async () => {
    const { client, models, payloads } = clientOf({
      'gpt-4o': { stream: [], ending: 'error' },
      o3: { stream: ['He', 'llo'] },
    })
    let text = ''
    for await (const chunk of await client.completion({ ...hello, stream: true, fallbacks: ['openai/o3'] }))
      text += chunk.choices[0]?.delta.content ?? ''
    expect([text, models()]).toEqual(['Hello', ['gpt-4o', 'o3']])
    expect(payloads).toMatchObject([
      {
        status: 'success',
        model: 'o3',
        hidden_params: {
          attempts: [
            { model: 'gpt-4o', status: 500 },
            { model: 'o3', status: 200 },
          ],
        },
      },
    ])
  })

  test('… and not after it: the failure is in the stream', async () => {
    const { client, models } = clientOf({ 'gpt-4o': { stream: ['He'], ending: 'error' } })
    const stream = await client.completion({ ...hello, stream: true, fallbacks: ['openai/o3'] })
    const seen: string[] = []
    await expect(
      (async () => {
        for await (const chunk of stream) seen.push(chunk.choices[0]?.delta.content ?? '')
      })(),
    ).rejects.toThrow('broke')
    expect([seen.join(''), models()]).toEqual(['He', ['gpt-4o']])
  })

  test('whoever leaves is not followed', async () => {
    const controller = new AbortController()
    const { client, models } = clientOf({ 'gpt-4o': 'never' })
    const call = client.completion({ ...hello, fallbacks: ['openai/o3'], signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(call).rejects.toThrow()
    expect(models()).toEqual(['gpt-4o'])
  })

  test('embeddings, texts and responses fall back as well', async () => {
    const { client, models } = clientOf({ 'text-embedding-3-small': down, 'mistral-small-latest': down })
    await client.embedding({
      ...hello,
      model: 'openai/text-embedding-3-small',
      input: 'a',
      fallbacks: ['openai/text-embedding-3-large'],
    })
    await client.responses({
      ...hello,
      model: 'mistral/mistral-small-latest',
      input: 'a',
      fallbacks: [{ model: 'mistral/mistral-large-latest', api_key: 'k' }],
    })
    expect(models()).toEqual([
      'text-embedding-3-small',
      'text-embedding-3-large',
      'mistral-small-latest',
      'mistral-large-latest',
    ])
  })
})

describe('whose key goes where', () => {
  test('to fallbacks of the same provider', async () => {
    const { client, provider } = clientOf({ 'gpt-4o': down })
    await client.completion({ ...hello, fallbacks: ['openai/o3'] })
    expect(provider.asked.map(({ key }) => key)).toEqual(['Bearer sk-openai', 'Bearer sk-openai'])
  })

  test('never to another one, which has its own', async () => {
    const { client, provider } = clientOf(
      { 'gpt-4o': down, 'grok-4': down },
      { env: (name) => (name === 'MISTRAL_API_KEY' ? 'sk-mistral' : undefined) },
    )
    await client.completion({
      ...hello,
      fallbacks: [{ model: 'xai/grok-4', api_key: 'sk-xai', temperature: 0 }, 'mistral/mistral-small-latest'],
    })
    expect(provider.asked.map(({ key, body }) => [key, body['temperature']])).toEqual([
      ['Bearer sk-openai', undefined],
      ['Bearer sk-xai', 0],
      ['Bearer sk-mistral', undefined],
    ])
  })

  test('and none of this reaches a provider as a field', async () => {
    const { client, provider } = clientOf({})
    await client.completion({
      ...hello,
      fallbacks: ['openai/o3'],
      retry_policy: { RateLimitError: 1 },
      max_cost: 1,
      context_window_fallbacks: [],
      disable_fallbacks: false,
    })
    expect(Object.keys(provider.asked[0]?.body ?? {}).toSorted()).toEqual(['max_tokens', 'messages', 'model'])
  })
})

describe('max_cost', () => {
  // 4 input tokens; gpt-4o: 2.5 and 10 USD per million, gpt-4o-mini: 0.15 and 0.6.
  const cheap = { ...hello, fallbacks: ['openai/gpt-4o-mini'] }

  test('asks the first that it reaches', async () => {
    const { client, models } = clientOf({})
    await client.completion({ ...cheap, max_cost: 0.5, max_tokens: 100 })
    await client.completion({ ...cheap, max_cost: 0.001, max_tokens: 100 })
    expect(models()).toEqual(['gpt-4o', 'gpt-4o-mini'])
  })

  test('refuses before spending where it reaches nobody', async () => {
    const { client, models, payloads } = clientOf({})
    await expect(client.completion({ ...cheap, max_cost: 0.00001, max_tokens: 100 })).rejects.toMatchObject({
      code: 'budget_exceeded',
      param: 'max_cost',
      message: expect.stringMatching(/gpt-4o.*may cost \$0\.0010/),
    })
    expect([models(), payloads[0]?.response_cost]).toEqual([[], 0])
  })

  test('bounds an answer that has no bound by what the money pays for', async () => {
    const { client, provider } = clientOf({})
    await client.completion({ ...hello, model: 'openai/gpt-4o-mini', max_cost: 0.003 })
    const bound = Number(
      provider.asked[0]?.body['max_tokens'] ?? provider.asked[0]?.body['max_completion_tokens'],
    )
    expect(bound).toBeGreaterThan(4_900)
    expect(bound * 0.6e-6).toBeLessThan(0.003)
  })

  test('is no promise without a price', async () => {
    const { client, models } = clientOf({})
    await expect(
      client.completion({ ...hello, model: 'openai/of-tomorrow', max_cost: 1 }),
    ).rejects.toMatchObject({ code: 'unknown_price' })
    expect(models()).toEqual([])
  })
})
