import { describe, expect, test } from 'vitest'
import { createCatalog } from '../catalog/lookup.ts'
import type { StandardLoggingPayload } from '../callbacks/payload.ts'
import type { HttpRequest } from '../types/transport.ts'
import { createCache } from './client-cache.ts'
import { createClient } from './client.ts'
import type { Client, ClientOptions } from './client.ts'
import type { RankParams } from './rerank.ts'
import { Router } from './router.ts'

interface Sent {
  url: string
  body: Record<string, unknown>
  headers: Record<string, string>
}

const RESULTS = { results: [{ index: 1, relevance_score: 0.5 }] }

/** A client whose providers answer these, one after the other; the last one from then on. */
function clientOf(
  answers: readonly (object | number)[],
  options: ClientOptions = {},
): Client & { sent: Sent[] } {
  const sent: Sent[] = []
  const transport = async ({ url, body, headers }: HttpRequest) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)] ?? 500
    sent.push({ url, body: JSON.parse(String(body)) as Record<string, unknown>, headers })
    const status = typeof answer === 'number' ? answer : 200
    return {
      status,
      headers: { 'content-type': 'application/json' },
      body: (async function* () {
        yield new TextEncoder().encode(JSON.stringify(status === 200 ? answer : { message: 'no' }))
      })(),
    }
  }
  const world = { transport, env: () => undefined, sleep: async () => undefined, newId: () => '7' }
  return { ...createClient({ ...world, ...options }), sent }
}

const billed = { id: 'r', ...RESULTS, meta: { billed_units: { search_units: 2 } } }
const question: RankParams = {
  model: 'cohere/rerank-v3.5',
  query: 'which?',
  documents: ['a', 'b'],
  api_key: 'k',
}

test('asks the provider and answers in Cohere’s shape', async () => {
  const client = clientOf([billed])
  const answer = await client.rerank({ ...question, top_n: 1, metadata: { a: 'b' } })
  expect(answer).toEqual({
    id: 'r',
    results: [{ index: 1, relevance_score: 0.5 }],
    meta: { billed_units: { search_units: 2 } },
  })
  expect(client.sent).toEqual([
    {
      url: 'https://api.cohere.com/v2/rerank',
      body: { model: 'rerank-v3.5', query: 'which?', documents: ['a', 'b'], top_n: 1 },
      headers: expect.objectContaining({ authorization: 'Bearer k' }),
    },
  ])
})

describe('the address at', () => {
  const aws = { aws_access_key_id: 'a', aws_secret_access_key: 's', api_key: undefined }
  test.each<[string, object, string, object?]>([
    ['voyage/rerank-2.5', {}, 'https://api.voyageai.com/v1/rerank'],
    ['jina_ai/jina-reranker-v3', {}, 'https://api.jina.ai/v1/rerank'],
    ['together_ai/Salesforce/Llama-Rank-V1', {}, 'https://api.together.xyz/v1/rerank'],
    ['openrouter/cohere/rerank-v3.5', {}, 'https://openrouter.ai/api/v1/rerank'],
    ['hosted_vllm/bge', { api_base: 'http://10.0.0.1:8000/v1' }, 'http://10.0.0.1:8000/v1/rerank'],
    ['infinity/bge', {}, 'http://localhost:7997/rerank'],
    ['huggingface/bge', { api_base: 'http://10.0.0.1:8080' }, 'http://10.0.0.1:8080/rerank'],
    [
      'azure_ai/cohere-rerank',
      { api_base: 'https://mine.models.ai.azure.com' },
      'https://mine.models.ai.azure.com/v1/rerank',
    ],
    [
      'azure_ai/cohere-rerank',
      { api_base: 'https://mine.services.ai.azure.com/providers/cohere/v2/rerank' },
      'https://mine.services.ai.azure.com/providers/cohere/v2/rerank',
    ],
    [
      'bedrock/amazon.rerank-v1:0',
      { ...aws, aws_region_name: 'eu-central-1' },
      'https://bedrock-agent-runtime.eu-central-1.amazonaws.com/rerank',
      { modelArn: 'arn:aws:bedrock:eu-central-1::foundation-model/amazon.rerank-v1:0' },
    ],
    [
      'bedrock/arn:aws:bedrock:us-west-2::foundation-model/cohere.rerank-v3-5:0',
      aws,
      'https://bedrock-agent-runtime.us-west-2.amazonaws.com/rerank',
      { modelArn: 'arn:aws:bedrock:us-west-2::foundation-model/cohere.rerank-v3-5:0' },
    ],
    [
      'vertex_ai/semantic-ranker-default@latest',
      { vertex_project: 'mine', api_key: 'token' },
      'https://discoveryengine.googleapis.com/v1/projects/mine/locations/global/rankingConfigs/default_ranking_config:rank',
    ],
  ])('%s %o', async (model, more, url, place) => {
    const rows = [{ index: 0, relevance_score: 1, relevanceScore: 1, score: 1, id: '0' }]
    const answer = model.startsWith('huggingface') ? rows : { results: rows, records: rows }
    const client = clientOf([answer])
    await client.rerank({ ...question, model, ...more })
    expect(client.sent[0]?.url.split('?')[0]).toBe(url)
    if (place !== undefined)
      expect(client.sent[0]?.body).toMatchObject({
        rerankingConfiguration: { bedrockRerankingConfiguration: { modelConfiguration: place } },
      })
  })

  test('Hugging Face must be given', async () => {
    await expect(clientOf([]).rerank({ ...question, model: 'huggingface/bge' })).rejects.toMatchObject({
      param: 'api_base',
    })
  })
})

test('a provider without rerank says so', async () => {
  const failing = clientOf([]).rerank({ ...question, model: 'anthropic/claude' })
  await expect(failing).rejects.toMatchObject({ status: 400, param: 'model' })
})

describe('a bound of documents that the wire has no word for', () => {
  const bounded = { ...question, model: 'voyage/rerank-2.5', max_tokens_per_doc: 10 }

  test('is refused', async () => {
    await expect(clientOf([billed]).rerank(bounded)).rejects.toMatchObject({
      code: 'unsupported_params',
      param: 'max_tokens_per_doc',
    })
  })

  test('is left out on request', async () => {
    const client = clientOf([billed])
    await client.rerank({ ...bounded, drop_params: true })
    expect(client.sent[0]?.body).not.toHaveProperty('max_tokens_per_doc')
  })
})

describe('what it costs', () => {
  const told = async (
    answer: object,
    more: object,
    catalog = createCatalog(),
  ): Promise<StandardLoggingPayload> => {
    const payloads: StandardLoggingPayload[] = []
    const client = clientOf([answer], {
      catalog,
      success_callback: [(args) => void payloads.push(args.standard_logging_object)],
    })
    await client.rerank({ ...question, ...more })
    await client.flush()
    const [payload] = payloads
    if (payload === undefined) throw new Error('nobody was told')
    return payload
  }

  test('is counted by the search', async () => {
    const payload = await told(billed, {})
    expect(payload).toMatchObject({ call_type: 'rerank', response_cost: 0.004, messages: 'which?' })
    expect(payload.model_parameters).toEqual({})
  })

  test('is estimated where the provider does not tell: a unit for a hundred documents', async () => {
    const documents = Array.from({ length: 101 }, (_, index) => `document ${index}`)
    const payload = await told(RESULTS, { documents })
    expect(payload).toMatchObject({ response_cost: 0.004, hidden_params: { usage_source: 'estimated' } })
  })

  test('reads the query with each document, in the estimate', async () => {
    const payload = await told(RESULTS, { query: 'word', documents: ['word', 'word'] })
    expect(payload.prompt_tokens).toBe(4)
  })

  test('is counted by tokens where they have a price', async () => {
    const usage = { total_tokens: 1_000_000 }
    const price = { input_cost_per_token: 0.00000005, output_cost_per_token: 0 }
    const payload = await told({ data: RESULTS.results, usage }, { model: 'voyage/rerank-2.5', ...price })
    expect(payload.response_cost).toBe(0.05)
  })

  test('is held before it is spent', async () => {
    const client = clientOf([billed], { max_budget: 0.005 })
    await client.rerank(question)
    expect(client.currentCost()).toBe(0.004)
    await expect(client.rerank(question)).rejects.toMatchObject({ code: 'budget_exceeded' })
    expect(client.sent).toHaveLength(1)
  })

  test('has a bound of its own for one call', async () => {
    const dear = { ...question, max_cost: 0.001, fallbacks: ['voyage/rerank-2.5'] }
    await expect(clientOf([billed]).rerank(dear)).rejects.toMatchObject({ reason: 'max_cost_exceeded' })
  })
})

describe('the cache', () => {
  test('gives the same again, whole or with documents as it is asked', async () => {
    const client = clientOf([billed], { cache: createCache() })
    const first = await client.rerank(question)
    expect(await client.rerank(question)).toEqual(first)
    expect(client.sent).toHaveLength(1)
    expect(client.currentCost()).toBe(0.004)
    await client.rerank({ ...question, documents: ['a', 'c'] })
    await client.rerank({ ...question, top_n: 1 })
    expect(client.sent).toHaveLength(3)
  })

  test('keeps no failure', async () => {
    const client = clientOf([500, billed], { cache: createCache() })
    await expect(client.rerank(question)).rejects.toMatchObject({ status: 500 })
    await client.rerank(question)
    expect(client.sent).toHaveLength(2)
  })
})

describe('mock_response', () => {
  test('is the scores, and asks nobody', async () => {
    const client = clientOf([])
    const answer = await client.rerank({ ...question, mock_response: [0.1, 0.9], return_documents: true })
    expect(answer.results).toEqual([
      { index: 1, relevance_score: 0.9, document: { text: 'b' } },
      { index: 0, relevance_score: 0.1, document: { text: 'a' } },
    ])
    expect(client.sent).toEqual([])
  })

  test('fails as it is told', async () => {
    const failing = clientOf([]).rerank({ ...question, mock_response: new Error('full') })
    await expect(failing).rejects.toThrow('full')
  })
})

test('a router asks the next when one fails', async () => {
  const asked: string[] = []
  const router = new Router({
    model_list: ['one', 'two'].map((host) => ({
      model_name: 'ranks',
      litellm_params: { model: 'cohere/rerank-v3.5', api_key: 'k', api_base: `https://${host}.example` },
    })),
    env: () => undefined,
    random: () => 0,
    sleep: async () => undefined,
    num_retries: 1,
    transport: async ({ url }) => {
      asked.push(url)
      const status = asked.length === 1 ? 500 : 200
      return {
        status,
        headers: { 'content-type': 'application/json' },
        body: (async function* () {
          yield new TextEncoder().encode(JSON.stringify(status === 200 ? billed : {}))
        })(),
      }
    },
  })
  const { results } = await router.rerank({ model: 'ranks', query: 'q', documents: ['a', 'b'] })
  expect(results).toEqual([{ index: 1, relevance_score: 0.5 }])
  expect(asked.toSorted()).toEqual(['https://one.example/v2/rerank', 'https://two.example/v2/rerank'])
})
