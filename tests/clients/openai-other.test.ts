import OpenAI, { AzureOpenAI } from 'openai'
import { describe, expect, it } from 'vitest'
import { all } from './support/all.ts'
import { startForOpenai } from './support/openai.ts'

const { gateway, client } = await startForOpenai()

describe('embeddings', () => {
  it('come as base64 by default, as numbers when asked, and are the same', async () => {
    const asked = gateway.provider.exchanges.length
    const packed = await client.embeddings.create({ model: 'embed', input: ['one two', 'three'] })
    const plain = await client.embeddings.create({
      model: 'embed',
      input: ['one two', 'three'],
      encoding_format: 'float',
    })
    expect(packed.data.map((row) => Array.from(row.embedding))).toEqual(
      plain.data.map((row) => row.embedding),
    )
    expect(plain).toMatchObject({
      object: 'list',
      model: 'text-embedding-3-small',
      data: [
        { object: 'embedding', index: 0 },
        { object: 'embedding', index: 1 },
      ],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })
    expect(plain.data[0]?.embedding).toHaveLength(8)
    const first = await gateway.provider.exchange(asked)
    expect(first.json).toMatchObject({ model: 'text-embedding-3-small', input: ['one two', 'three'] })
  })

  it('have dimensions, tokens as input, and a price', async () => {
    const { data, response } = await client.embeddings
      .create({ model: 'embed', input: 'one two', dimensions: 4, encoding_format: 'float' })
      .withResponse()
    expect(data.data[0]?.embedding).toHaveLength(4)
    // 2 × $0.02 per million.
    expect(response.headers.get('x-litellm-response-cost')).toBe('0.00000004')
    const tokens = await client.embeddings.create({
      model: 'embed',
      input: [[1, 2, 3]],
      encoding_format: 'float',
    })
    expect(tokens.data).toHaveLength(1)
  })
})

describe('transcriptions', () => {
  const file = new File([new Uint8Array(3_000)], 'speech.mp3', { type: 'audio/mpeg' })

  it('are heard by the second', async () => {
    const { data, response } = await client.audio.transcriptions
      .create({
        model: 'listens',
        file,
        response_format: 'verbose_json',
        timestamp_granularities: ['segment'],
      })
      .withResponse()
    expect(data).toMatchObject({
      text: 'You sent speech.mp3.',
      duration: 3,
      segments: [{ start: 0, end: 3, text: ' You sent speech.mp3.' }],
    })
    // Three seconds at $0.36 an hour.
    expect(response.headers.get('x-litellm-response-cost')).toBe('0.0003')
  })

  it('are words alone where these are wanted', async () => {
    const text = await client.audio.transcriptions.create({ model: 'listens', file, response_format: 'srt' })
    expect(text).toBe('1\n00:00:00,000 --> 00:00:03,000\nYou sent speech.mp3.\n\n')
  })

  it('come as a stream', async () => {
    const chunking_strategy = { type: 'server_vad', silence_duration_ms: 200 } as const
    const stream = await client.audio.transcriptions.create({
      model: 'hears',
      file,
      chunking_strategy,
      stream: true,
    })
    const asked = gateway.provider.exchanges.at(-1)
    const events = await all(stream)
    expect(events.map(({ type }) => type)).toEqual(['transcript.text.delta', 'transcript.text.done'])
    expect(events.at(-1)).toMatchObject({ text: 'You sent speech.mp3.', usage: { input_tokens: 30 } })
    expect(asked?.json).toMatchObject({
      model: 'gpt-4o-transcribe',
      'chunking_strategy[type]': 'server_vad',
      'chunking_strategy[silence_duration_ms]': '200',
    })
  })

  it('fail as everything fails', async () => {
    const failing = client.audio.transcriptions.create({ model: 'nobody', file })
    await expect(failing).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })
})

describe('completions', () => {
  it.each([
    { model: 'gpt', path: '/v1/completions' },
    { model: 'instruct', path: '/v1/completions' },
  ])('of $model give every field', async ({ model, path }) => {
    const answer = await client.completions.create({ model, prompt: 'hello there', max_tokens: 50 })
    expect(answer).toMatchObject({
      id: expect.stringMatching(/./),
      object: 'text_completion',
      created: expect.any(Number),
      choices: [{ index: 0, text: 'You said: hello there', finish_reason: 'stop', logprobs: null }],
      usage: { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 },
    })
    expect(gateway.provider.exchanges.at(-1)?.path).toBe(path)
  })

  it.each(['gpt', 'claude'])('of %s stream', async (model) => {
    const stream = await client.completions.create({
      model,
      prompt: 'hello there',
      max_tokens: 50,
      stream: true,
    })
    const chunks = await all(stream)
    expect(chunks.flatMap(({ choices }) => choices.map(({ text }) => text)).join('')).toBe(
      'You said: hello there',
    )
    expect(chunks.flatMap(({ choices }) => choices.map((choice) => choice.finish_reason)).at(-1)).toBe('stop')
    expect(chunks.every(({ object }) => object === 'text_completion')).toBe(true)
  })
})

describe('models', () => {
  it('are listed', async () => {
    const page = await client.models.list()
    const ids = page.data.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['gpt', 'claude', 'embed', 'demo']))
    expect(page.data[0]).toMatchObject({
      object: 'model',
      created: expect.any(Number),
      owned_by: expect.any(String),
    })
  })

  it('are found one by one', async () => {
    expect(await client.models.retrieve('claude')).toMatchObject({ id: 'claude', object: 'model' })
    await expect(client.models.retrieve('nope')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    })
  })
})

describe('other ways in', () => {
  it('has no /v1', async () => {
    const bare = client.withOptions({ baseURL: gateway.url })
    const answer = await bare.chat.completions.create({
      model: 'gpt',
      messages: [{ role: 'user', content: 'hi' }],
    })
    expect(answer.choices[0]?.message.content).toBe('You said: hi')
  })

  it("is Azure's, with the model in the path and the key in api-key", async () => {
    const azure = new AzureOpenAI({
      endpoint: gateway.url,
      apiKey: gateway.key,
      apiVersion: '2025-03-01-preview',
      deployment: 'gpt',
      maxRetries: 0,
    })
    const messages = [{ role: 'user' as const, content: 'hi' }]
    const answer = await azure.chat.completions.create({ model: 'ignored', messages })
    expect(answer).toMatchObject({
      model: 'gpt-4o-mini',
      choices: [{ message: { content: 'You said: hi' } }],
    })
    const stream = await azure.chat.completions.create({ model: 'ignored', messages, stream: true })
    const chunks = await all(stream)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('You said: hi')
  })
})
