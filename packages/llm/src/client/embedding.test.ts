import { describe, expect, test } from 'vitest'
import { RateLimitError } from '../errors.ts'
import type { HttpRequest } from '../types/transport.ts'
import { createClient } from './client.ts'
import type { EmbeddingParams } from './embedding.ts'

const sent: HttpRequest[] = []
const client = createClient({
  env: () => undefined,
  transport: async (request) => {
    sent.push(request)
    const { input } = JSON.parse(String(request.body)) as { input: unknown }
    const count = Array.isArray(input) ? input.length : 1
    const body = {
      data: Array.from({ length: count }, (_, index) => ({ index, embedding: [index, 0.5] })),
      model: 'text-embedding-3-small',
      usage: { prompt_tokens: count, total_tokens: count },
    }
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: (async function* () {
        yield new TextEncoder().encode(JSON.stringify(body))
      })(),
    }
  },
})
const hello: EmbeddingParams = { model: 'openai/text-embedding-3-small', input: 'Hello', api_key: 'k' }

test('one vector for each input, in their order', async () => {
  const answer = await client.embedding({ ...hello, input: ['a', 'b'] })
  expect(answer.data.map(({ embedding }) => embedding)).toEqual([
    [0, 0.5],
    [1, 0.5],
  ])
  expect(answer).toMatchObject({ object: 'list', usage: { prompt_tokens: 2, total_tokens: 2 } })
})

test.each<[string, Partial<EmbeddingParams>, object]>([
  ['metadata and settings of the call stay here', { metadata: { a: 'b' }, timeout: 5, tags: ['x'] }, {}],
  ['dimensions go along', { dimensions: 8 }, { dimensions: 8 }],
  ['extra_body goes in as it is', { extra_body: { x: 1 } }, { x: 1 }],
])('%s', async (_name, params, wanted) => {
  sent.length = 0
  await client.embedding({ ...hello, ...params })
  expect(JSON.parse(String(sent[0]?.body))).toEqual({
    model: 'text-embedding-3-small',
    input: 'Hello',
    ...wanted,
  })
})

test('a provider without embeddings says so', async () => {
  await expect(client.embedding({ ...hello, model: 'anthropic/claude' })).rejects.toMatchObject({
    status: 400,
    param: 'model',
  })
})

describe('mock_response', () => {
  test('is the vector of each input, and asks nobody', async () => {
    sent.length = 0
    const answer = await client.embedding({ ...hello, input: ['a', 'b'], mock_response: [0.25, 0.5] })
    expect(answer.data.map(({ embedding }) => embedding)).toEqual([
      [0.25, 0.5],
      [0.25, 0.5],
    ])
    expect(answer.usage.prompt_tokens).toBeGreaterThan(0)
    expect(sent).toEqual([])
  })

  test('fails as it is told', async () => {
    const error = new RateLimitError({ code: 'rate_limit', message: 'full' })
    await expect(client.embedding({ ...hello, mock_response: error })).rejects.toBe(error)
  })
})
