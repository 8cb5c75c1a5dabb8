import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { all } from './support/all.ts'
import { startForOpenai } from './support/openai.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The same answers, whether bytes pass through or two formats stand between client and provider. */
const backends = [
  // 2 × $0.15 + 4 × $0.60 per million; 2 × $3 + 4 × $15.
  {
    model: 'gpt',
    served: 'gpt-4o-mini',
    id: /^chatcmpl-scripted-\d+$/,
    path: '/v1/chat/completions',
    cost: '0.0000027',
  },
  {
    model: 'claude',
    served: 'claude-sonnet-4-5',
    id: /^msg_scripted-\d+$/,
    path: '/v1/messages',
    cost: '0.000066',
  },
]

const messages = [{ role: 'user' as const, content: 'hello there' }]

const { gateway, client } = await startForOpenai()

describe.each(backends)('chat completions from $model', ({ model, served, id, path, cost }) => {
  it('gives every field of an answer', async () => {
    const answer = await client.chat.completions.create({ model, messages })
    expect(answer).toMatchObject({
      id: expect.stringMatching(id),
      object: 'chat.completion',
      created: expect.any(Number),
      model: served,
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          logprobs: null,
          message: { role: 'assistant', content: 'You said: hello there', refusal: null },
        },
      ],
      usage: {
        prompt_tokens: 2,
        completion_tokens: 4,
        total_tokens: 6,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    })
    expect(answer.choices).toHaveLength(1)
    expect(answer._request_id).toMatch(uuid)
  })

  it('says in headers who answered, at what cost and how fast', async () => {
    const {
      data,
      response,
      request_id: requestId,
    } = await client.chat.completions.create({ model, messages }).withResponse()
    const header = (name: string): string => response.headers.get(name) ?? 'absent'
    expect(data.usage?.total_tokens).toBe(6)
    expect(response.status).toBe(200)
    expect(header('content-type')).toBe('application/json')
    expect(requestId).toBe(header('x-litellm-call-id'))
    expect(header('x-litellm-response-cost')).toBe(cost)
    expect(header('x-litellm-model-group')).toBe(model)
    expect(header('x-litellm-model-id')).toMatch(/^[0-9a-f]{64}$/)
    expect(header('x-litellm-model-api-base')).toBe(`${gateway.provider.url}${path}`)
    expect(header('x-litellm-version')).toBe('0.0.0-test')
    expect(header('x-litellm-attempted-retries')).toBe('0')
    expect(header('x-litellm-attempted-fallbacks')).toBe('0')
    expect(header('llm_provider-x-request-id')).toMatch(/^req-scripted-\d+$/)
    const [total, own] = ['response', 'overhead'].map((part) =>
      Number(header(`x-litellm-${part}-duration-ms`)),
    )
    expect(own).toBeGreaterThan(0)
    expect(total).toBeGreaterThanOrEqual(Number(own))
  })

  it('streams chunks that share one id and end with usage when asked', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = await all(stream)
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set([expect.stringMatching(id)]))
    expect(new Set(chunks.map((chunk) => chunk.model))).toEqual(new Set([served]))
    expect(new Set(chunks.map((chunk) => chunk.created)).size).toBe(1)
    expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk')).toBe(true)
    const choices = chunks.flatMap((chunk) => chunk.choices)
    expect(choices.map((choice) => choice.delta.role).filter(Boolean)).toEqual(['assistant'])
    expect(choices.map((choice) => choice.delta.content ?? '').join('')).toBe('You said: hello there')
    expect(choices.map((choice) => choice.finish_reason).filter(Boolean)).toEqual(['stop'])
    expect(chunks.filter((chunk) => chunk.usage != null)).toEqual([
      expect.objectContaining({
        choices: [],
        usage: expect.objectContaining({ prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 }),
      }),
    ])
  })

  it('shows no usage chunk that nobody asked for', async () => {
    const chunks = await all(await client.chat.completions.create({ model, messages, stream: true }))
    expect(chunks.every((chunk) => chunk.usage == null && chunk.choices.length === 1)).toBe(true)
  })

  it('feeds the stream helper', async () => {
    const stream = client.chat.completions.stream({
      model,
      messages,
      stream_options: { include_usage: true },
    })
    const deltas: string[] = []
    stream.on('content', (delta) => deltas.push(delta))
    const final = await stream.finalChatCompletion()
    expect(deltas.join('')).toBe('You said: hello there')
    expect(final.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'You said: hello there' },
    })
    expect(final.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 4 })
  })

  it('passes system, several turns and images on', async () => {
    const answer = await client.chat.completions.create({
      model,
      max_tokens: 100,
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
          ],
        },
      ],
    })
    expect(answer.choices[0]?.message.content).toBe('You said: look (images: 1)')
    // Five words and an image of 85.
    expect(answer.usage?.prompt_tokens).toBe(90)
  })

  it('ends for length where max_tokens says so', async () => {
    const answer = await client.chat.completions.create({ model, messages, max_tokens: 2 })
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'You said:' } })
    expect(answer.usage?.completion_tokens).toBe(2)
  })
})

describe.each([{ model: 'gpt' }, { model: 'claude' }])('structured output from $model', ({ model }) => {
  const Weather = z.object({ city: z.string(), days: z.number().int().min(2), sunny: z.boolean() })
  const response_format = zodResponseFormat(Weather, 'weather')

  it('is parsed by the zod helper', async () => {
    const answer = await client.chat.completions.parse({ model, messages, response_format })
    expect(answer.choices[0]?.message.parsed).toEqual({ city: 'city', days: 2, sunny: true })
    expect(answer.choices[0]?.finish_reason).toBe('stop')
  })

  it('is parsed from a stream', async () => {
    const stream = client.chat.completions.stream({ model, messages, response_format })
    const final = await stream.finalChatCompletion()
    expect(final.choices[0]?.message.parsed).toEqual({ city: 'city', days: 2, sunny: true })
  })
})

describe('what only OpenAI has', () => {
  it('gives several choices', async () => {
    const answer = await client.chat.completions.create({ model: 'gpt', messages, n: 3 })
    expect(answer.choices.map((choice) => choice.index)).toEqual([0, 1, 2])
  })

  it('streams several choices', async () => {
    const stream = client.chat.completions.stream({ model: 'gpt', messages, n: 2 })
    const final = await stream.finalChatCompletion()
    expect(final.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, 'You said: hello there'],
      [1, 'You said: hello there'],
    ])
  })

  it('refuses for Claude what it cannot do, and says what to do', async () => {
    const call = client.chat.completions.create({ model: 'claude', messages, n: 3 })
    await expect(call).rejects.toMatchObject({
      status: 400,
      param: 'n',
      message: expect.stringContaining('drop_params'),
    })
  })
})

describe('a model without a known price', () => {
  it('answers without a cost header', async () => {
    const { response } = await client.chat.completions
      .create({ model: 'compatible', messages })
      .withResponse()
    expect(response.headers.has('x-litellm-response-cost')).toBe(false)
  })

  it('costs what the configuration says', async () => {
    const { response } = await client.chat.completions.create({ model: 'priced', messages }).withResponse()
    // 2 × 0.000003 + 4 × 0.00001
    expect(response.headers.get('x-litellm-response-cost')).toBe('0.000046')
  })
})

describe('an answer that is given up', () => {
  it('aborts the provider within a second', async () => {
    const before = gateway.provider.exchanges.length
    const abort = new AbortController()
    const call = client.chat.completions.create({ model: 'fault/hang', messages }, { signal: abort.signal })
    const upstream = await gateway.provider.exchange(before)
    await upstream.atGate
    const leftAtMs = performance.now()
    abort.abort()
    await expect(call).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
    expect((await upstream.whenAborted).atMs - leftAtMs).toBeLessThan(1_000)
  })

  it('aborts the provider in the middle of a stream', async () => {
    const before = gateway.provider.exchanges.length
    const stream = await client.chat.completions.create({
      model: 'fault/hang-after-3',
      messages,
      stream: true,
    })
    const upstream = await gateway.provider.exchange(before)
    let leftAtMs = 0
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content !== ' said:') continue
      leftAtMs = performance.now()
      stream.controller.abort()
    }
    expect((await upstream.whenAborted).atMs - leftAtMs).toBeLessThan(1_000)
  })

  it('times out on the client side without a word of success', async () => {
    const before = gateway.provider.exchanges.length
    const call = client.chat.completions.create({ model: 'fault/hang', messages }, { timeout: 50 })
    const upstream = gateway.provider.exchange(before)
    await expect(call).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
    await (
      await upstream
    ).whenAborted
  })
})
