import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { ask } from '../gateway/support/ask.ts'
import type { Reply } from '../gateway/support/ask.ts'
import { entriesWhen } from './support/entries.ts'
import type { Entry } from './support/entries.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'

let gateway: GovernedGateway
beforeAll(async () => {
  gateway = await startGovernedGateway({
    sections: { litellm_settings: { cache: true, cache_params: { type: 'local', ttl: 600 } } },
    models: (url) => [
      entryAt(url, 'ranks', 'cohere/rerank-v3.5'),
      entryAt(url, 'chats', 'anthropic/claude-sonnet-4-5'),
      { ...entryAt(url, 'flaky', 'cohere/rerank-v3.5'), model_info: { id: 'first' } },
      { model_name: 'demo', litellm_params: { model: 'demo/echo' } },
    ],
  })
})
afterAll(() => gateway.close())

let questions = 0
const body = (fields: object = {}): object => ({
  model: 'ranks',
  query: `where is wagon ${++questions}`,
  documents: ['it rains', `wagon ${questions} is in the yard`, 'a wagon is red'],
  ...fields,
})

const rank = (key: string, wanted: object, path = '/v1/rerank'): Promise<Reply> =>
  ask({ url: gateway.url, key }, path, wanted)

describe('POST /rerank', () => {
  it.each(['/rerank', '/v1/rerank', '/v2/rerank'])('%s answers in Cohere’s shape', async (path) => {
    const asked = gateway.provider.exchanges.length
    const wanted = body({ top_n: 2, return_documents: true, metadata: { mine: 1 } })
    const { status, json, headers } = await rank(gateway.key, wanted, path)
    expect(status).toBe(200)
    expect(json).toEqual({
      id: expect.stringMatching(/^scripted-/),
      results: [
        { index: 1, relevance_score: 0.75, document: { text: `wagon ${questions} is in the yard` } },
        { index: 2, relevance_score: 0.5, document: { text: 'a wagon is red' } },
      ],
      meta: { billed_units: { search_units: 1 } },
    })
    expect(headers['x-litellm-response-cost']).toBe('0.002')
    const { json: sent, path: sentTo } = await gateway.provider.exchange(asked)
    expect(sentTo).toBe('/v2/rerank')
    expect(Object.keys(sent ?? {})).toEqual(['model', 'query', 'documents', 'top_n'])
    expect(sent).toMatchObject({ model: 'rerank-v3.5' })
  })

  it.each<[string, object, number, string]>([
    ['no query', { query: undefined }, 400, 'query'],
    ['documents that are a text', { documents: 'a' }, 400, 'documents'],
    ['no documents', { documents: [] }, 400, 'documents'],
    ['a bound that is no number', { top_n: 'two' }, 400, 'top_n'],
    ['a model that only chats', { model: 'chats' }, 400, 'model'],
    ['a bound that the wire does not have', { max_chunks_per_doc: 2 }, 400, 'max_chunks_per_doc'],
  ])('refuses %s', async (_name, fields, status, param) => {
    const reply = await rank(gateway.key, body(fields))
    expect(reply.status).toBe(status)
    expect(reply.json).toMatchObject({ error: { param } })
  })

  it('is answered by the demo model: the share of the words', async () => {
    const { json } = await rank(gateway.key, body({ model: 'demo', query: 'red wagon' }))
    expect(json).toMatchObject({
      results: [
        { index: 2, relevance_score: 1 },
        { index: 1, relevance_score: 0.5 },
        { index: 0, relevance_score: 0 },
      ],
    })
  })

  it('is tried again, and by another model when that is named', async () => {
    gateway.provider.script('rerank-v3.5', ['status-500'])
    const again = await rank(gateway.key, body({ num_retries: 1 }))
    expect([again.status, again.headers['x-litellm-attempted-retries']]).toEqual([200, '1'])
    gateway.provider.script('rerank-v3.5', ['status-500'])
    const other = await rank(gateway.key, body({ model: 'flaky', fallbacks: ['demo'] }))
    expect([other.status, other.headers['x-litellm-attempted-fallbacks']]).toEqual([200, '1'])
  })
})

describe('a key', () => {
  it('may be bound to other models, or to other routes', async () => {
    const ofModel = await gateway.newKey({ models: ['demo'] })
    const ofRoute = await gateway.newKey({ allowed_routes: ['/v1/embeddings'] })
    const mayRank = await gateway.newKey({ allowed_routes: ['/v1/rerank'] })
    const statuses = await Promise.all(
      [ofModel, ofRoute, mayRank].map(async (key) => (await rank(key, body())).status),
    )
    expect(statuses).toEqual([403, 403, 200])
  })

  it('pays by the search, and is refused when a search is more than is left', async () => {
    const key = await gateway.newKey({ max_budget: 0.005 })
    const first = await rank(key, body())
    const second = await rank(key, body())
    const third = await rank(key, body())
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429])
    expect(third.json).toMatchObject({ error: { code: 'budget_exceeded' } })
    const paid = (entries: readonly Entry[]): readonly Entry[] =>
      entries.filter(({ cost_pico_usd: cost }) => cost === 2_000_000_000n)
    const { database } = gateway.governance.store
    const entries = await entriesWhen(database, key, (all) => paid(all).length === 2)
    expect(paid(entries).map(({ state }) => state)).toEqual(['settled', 'settled'])
    const log = await gateway.logOf(String(first.headers['x-litellm-call-id']))
    expect(log).toMatchObject({
      call_type: 'arerank',
      spend: 0.002,
      model_group: 'ranks',
      custom_llm_provider: 'cohere',
      status: 'success',
    })
  })

  it('holds as many searches as the documents may be', async () => {
    const key = await gateway.newKey({ max_budget: 0.005 })
    const documents = Array.from({ length: 201 }, (_, index) => `document ${index}`)
    expect((await rank(key, body({ documents }))).status).toBe(429)
    expect((await rank(key, body({ documents: documents.slice(0, 150) }))).status).toBe(200)
  })
})

describe('the cache', () => {
  it('gives the same again at no cost', async () => {
    const wanted = body()
    const first = await rank(gateway.key, wanted)
    const second = await rank(gateway.key, wanted)
    expect(second.json).toEqual(first.json)
    expect(second.headers).toMatchObject({ 'x-litellm-cache-hit': 'true', 'x-litellm-response-cost': '0' })
    const other = await rank(gateway.key, { ...wanted, top_n: 1 })
    expect(other.headers['x-litellm-cache-hit']).toBe('false')
  })

  it('is left alone on request', async () => {
    const wanted = body({ cache: { 'no-cache': true } })
    await rank(gateway.key, wanted)
    const { headers } = await rank(gateway.key, wanted)
    expect(headers['x-litellm-cache-hit']).not.toBe('true')
  })
})

it('is in the interface’s description', async () => {
  const document = await gateway.admin('/openapi.json')
  expect(document['paths']).toMatchObject({
    '/v1/rerank': { post: { summary: expect.stringContaining('documents in order') } },
    '/v2/rerank': {},
  })
})
