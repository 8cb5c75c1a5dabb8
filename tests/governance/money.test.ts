import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresPlace } from '../../packages/server/src/store/testing/databases.ts'
import { entryAt } from '../clients/support/models.ts'
import { ask, chatBody, isObject } from '../gateway/support/ask.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'
import { exactModel, exactRequest } from './support/models.ts'

describe.each([
  ['SQLite', () => Promise.resolve({})],
  ['PostgreSQL', async () => ({ databaseUrl: (await postgresPlace()).url })],
] as const)('money in %s', (_name, place) => {
  let gateway: GovernedGateway
  beforeAll(async () => {
    gateway = await startGovernedGateway({
      ...(await place()),
      models: (url) => [
        exactModel(url),
        {
          ...entryAt(url, 'vectors', 'openai/text-embedding-3-small'),
          model_info: { input_cost_per_token: 0.001, mode: 'embedding' },
        },
        {
          ...entryAt(url, 'dear', 'openai/fault-ok'),
          model_info: { input_cost_per_token: 0.5, output_cost_per_token: 0.5 },
        },
      ],
    })
  })
  afterAll(async () => await gateway.close())

  const spentBy = async (key: string): Promise<unknown> => {
    const { info } = await gateway.admin(`/key/info?key=${key}`)
    return isObject(info) ? info['spend'] : undefined
  }

  it.each([
    {
      what: 'vectors',
      path: '/v1/embeddings',
      body: { model: 'vectors', input: 'hello there' },
      spend: 0.002,
    },
    {
      what: 'a fixed answer',
      path: '/v1/chat/completions',
      body: { ...exactRequest, mock_response: 'one two' },
      spend: undefined,
    },
    { what: 'an answer', path: '/v1/chat/completions', body: exactRequest, spend: 0.0004 },
  ])('$what costs the same in the header, in the log and of the key', async ({ path, body, spend }) => {
    const key = await gateway.newKey({ max_budget: 1 })
    const reply = await ask({ url: gateway.url, key }, path, body)
    expect(reply.status).toBe(200)
    const cost = Number(reply.headers['x-litellm-response-cost'])
    if (spend !== undefined) expect(cost).toBe(spend)
    expect(await gateway.logOf(String(reply.headers['x-litellm-call-id']))).toMatchObject({ spend: cost })
    expect(await spentBy(key)).toBe(cost)
  })

  it('of a budget of nothing nothing is spent, but what is free goes on', async () => {
    const key = await gateway.newKey({ max_budget: 0 })
    const door = { url: gateway.url, key }
    expect((await ask(door, '/v1/chat/completions', exactRequest)).status).toBe(429)
    expect((await ask(door, '/v1/chat/completions', chatBody('demo'))).status).toBe(200)
    expect(await spentBy(key)).toBe(0)
  })

  it('a limit of requests at once does not stay taken', async () => {
    const key = await gateway.newKey({ max_parallel_requests: 2 })
    const door = { url: gateway.url, key }
    for (let count = 0; count < 6; count++)
      expect(
        (await ask(door, '/v1/chat/completions', chatBody(count % 2 === 0 ? 'exact' : 'nobody'))).status,
      ).toBe(count % 2 === 0 ? 200 : 404)
  })

  it('of tokens a minute those count that were used', async () => {
    const key = await gateway.newKey({ tpm_limit: 100 })
    const door = { url: gateway.url, key }
    const body = { ...exactRequest, max_tokens: 60 }
    // Sixty and the input are taken each time, and six are used.
    for (let count = 0; count < 3; count++)
      expect((await ask(door, '/v1/chat/completions', body)).status).toBe(200)
    expect(await ask(door, '/v1/chat/completions', { ...body, max_tokens: 99 })).toMatchObject({
      status: 429,
      headers: { 'x-ratelimit-limit-tokens': '100', 'retry-after': expect.any(String) },
    })
  })

  it('a global budget holds for the master key, too', async () => {
    const bounded = await startGovernedGateway({
      ...(await place()),
      models: (url) => [exactModel(url)],
      sections: { litellm_settings: { max_budget: 0.0009, budget_duration: '30d' } },
    })
    try {
      const statuses = []
      for (let count = 0; count < 3; count++)
        statuses.push((await ask(bounded, '/v1/chat/completions', exactRequest)).status)
      expect(statuses).toEqual([200, 200, 429])
      const key = await bounded.newKey()
      expect((await ask({ url: bounded.url, key }, '/v1/chat/completions', exactRequest)).status).toBe(429)
      await vi.waitFor(async () =>
        expect(await bounded.admin('/global/spend')).toMatchObject({ spend: 0.0008 }),
      )
    } finally {
      await bounded.close()
    }
  })
})
