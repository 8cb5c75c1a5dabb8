import { afterAll, beforeAll, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { ask, chatBody } from '../gateway/support/ask.ts'
import type { Reply } from '../gateway/support/ask.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'
import { priced } from './support/models.ts'

let gateway: GovernedGateway
beforeAll(async () => {
  gateway = await startGovernedGateway({
    models: (url) => [
      priced(entryAt(url, 'down', 'openai/fault-status-500'), 0.0001),
      priced(entryAt(url, 'free-down', 'openai/fault-status-503'), 0),
      priced(entryAt(url, 'spare', 'openai/gpt-4o-mini'), 0.0001),
      priced(entryAt(url, 'dear', 'openai/gpt-4o-mini'), 0.01),
      priced(entryAt(url, 'cheap', 'openai/gpt-4o-mini'), 0.000001),
    ],
    sections: {
      router_settings: {
        num_retries: 0,
        disable_cooldowns: true,
        fallbacks: [{ down: ['dear', 'spare'] }, { 'free-down': ['dear'] }],
      },
    },
  })
})
afterAll(() => gateway.close())

const chat = (key: string, model: string, more: object = {}): Promise<Reply> =>
  ask({ url: gateway.url, key }, '/v1/chat/completions', chatBody(model, more))

const groupOf = ({ status, headers }: Reply): unknown => [status, headers['x-litellm-model-group']]

it('a fallback that the key may not use is skipped', async () => {
  const both = await gateway.newKey({ models: ['down', 'dear', 'spare'] })
  expect(groupOf(await chat(both, 'down', { max_tokens: 10 }))).toEqual([200, 'dear'])
  const one = await gateway.newKey({ models: ['down', 'spare'] })
  expect(groupOf(await chat(one, 'down', { max_tokens: 10 }))).toEqual([200, 'spare'])
  const none = await gateway.newKey({ models: ['down'] })
  expect(groupOf(await chat(none, 'down', { max_tokens: 10 }))).toEqual([502, 'down'])
})

it('a fallback that no budget has room for is skipped', async () => {
  // 10 tokens: 0.001 USD at `down` and `spare`, 0.1 USD at `dear`.
  const key = await gateway.newKey({ max_budget: 0.05 })
  expect(groupOf(await chat(key, 'down', { max_tokens: 10 }))).toEqual([200, 'spare'])
  const rich = await gateway.newKey({ max_budget: 5 })
  expect(groupOf(await chat(rich, 'down', { max_tokens: 10 }))).toEqual([200, 'dear'])
})

it('the answer of a dearer fallback is bound by what there is', async () => {
  const key = await gateway.newKey({ max_budget: 1 })
  const reply = await chat(key, 'down')
  expect(groupOf(reply)).toEqual([200, 'dear'])
  const sent = gateway.provider.exchanges.at(-1)?.json as { max_tokens?: number } | undefined
  expect(sent?.max_tokens ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(100)
})

it('a free model is not refused for money, but what stands in for it is', async () => {
  const key = await gateway.newKey({ max_budget: 0.05 })
  expect(groupOf(await chat(key, 'free-down', { max_tokens: 10 }))).toEqual([503, 'free-down'])
  const rich = await gateway.newKey({ max_budget: 5 })
  expect(groupOf(await chat(rich, 'free-down', { max_tokens: 10 }))).toEqual([200, 'dear'])
})

it('a key has router settings of its own', async () => {
  const key = await gateway.newKey({ router_settings: { fallbacks: [{ down: ['cheap'] }] } })
  expect(groupOf(await chat(key, 'down'))).toEqual([200, 'cheap'])
  expect(groupOf(await chat(await gateway.newKey({}), 'down', { max_tokens: 10 }))).toEqual([200, 'dear'])
})

it('the budget for a model that is used up leads to the key’s budget fallbacks, which are charged', async () => {
  const key = await gateway.newKey({
    model_max_budget: { spare: { max_budget: 0.0005, budget_duration: '1d' } },
    budget_fallbacks: { spare: ['cheap'] },
  })
  const reply = await chat(key, 'spare', { max_tokens: 10 })
  expect(groupOf(reply)).toEqual([200, 'cheap'])
  const without = await gateway.newKey({
    model_max_budget: { spare: { max_budget: 0.0005, budget_duration: '1d' } },
  })
  expect((await chat(without, 'spare', { max_tokens: 10 })).status).toBe(429)
})
