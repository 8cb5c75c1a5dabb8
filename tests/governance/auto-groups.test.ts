import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
      priced(entryAt(url, 'best', 'openai/gpt-4o-mini'), 0.01),
      priced(entryAt(url, 'good', 'openai/gpt-4o-mini'), 0.0001),
      priced(entryAt(url, 'small', 'openai/gpt-4o-mini'), 0.000001),
      priced(entryAt(url, 'mixed', 'openai/gpt-4o'), 0.01),
      priced(entryAt(url, 'mixed', 'openai/gpt-4o-mini'), 0.0001),
      priced(entryAt(url, 'failing', 'openai/fault-status-500'), 0.000001),
      entryAt(url, 'unpriced', 'openai/nobody-knows-this'),
    ],
    sections: {
      router_settings: {
        num_retries: 0,
        disable_cooldowns: true,
        fallbacks: [{ best: ['good', 'small'] }, { failing: ['best'] }],
        auto_groups: {
          auto: [
            { model: 'best', when: { tags: ['hard'] } },
            { model: 'good', when: { needs: ['tools'] } },
            { model: 'small', when: { max_input_tokens: 200 } },
            { model: 'good', when: { max_cost: 0.5 } },
          ],
          'best-first': [{ model: 'best' }, { model: 'good' }, { model: 'small' }],
          narrow: [{ model: 'best', when: { tags: ['hard'] } }],
        },
      },
    },
  })
})
afterAll(() => gateway.close())

const chat = (key: string, model: string, more: object = {}): Promise<Reply> =>
  ask({ url: gateway.url, key }, '/v1/chat/completions', chatBody(model, more))
const groupOf = ({ status, headers }: Reply): unknown => [status, headers['x-litellm-model-group']]
const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }
const long = [{ role: 'user', content: 'word '.repeat(2_000) }]

describe('an auto group', () => {
  it.each<[name: string, more: object, group: string]>([
    ['a tag', { tags: ['hard'] }, 'best'],
    ['a tool', { tools: [tool] }, 'good'],
    ['a short question', {}, 'small'],
    ['a long one', { messages: long }, 'good'],
  ])('leads %s to the model of its rule', async (_, more, group) => {
    const reply = await chat(await gateway.newKey({}), 'auto', { max_tokens: 10, ...more })
    expect(groupOf(reply)).toEqual([200, group])
    expect(reply.headers['x-switchyard-auto-group']).toBe('auto')
  })

  it('says why no rule holds', async () => {
    const reply = await chat(await gateway.newKey({}), 'narrow')
    expect([reply.status, reply.headers['x-gateway-error']]).toEqual([400, 'no_rule_holds'])
    expect(reply.text).toMatch(/best: other_tags \(hard\)/)
  })

  it('leads to models that the key may use, and names no others', async () => {
    const key = await gateway.newKey({ models: ['good'] })
    expect(groupOf(await chat(key, 'best-first', { max_tokens: 10 }))).toEqual([200, 'good'])
    const none = await gateway.newKey({ models: ['unpriced'] })
    expect((await chat(none, 'best-first')).status).toBe(403)
    expect((await chat(none, 'narrow')).text).not.toContain('best:')
  })

  it('leads to a model that the budget pays for, and charges that one', async () => {
    const key = await gateway.newKey({ max_budget: 0.05 })
    expect(groupOf(await chat(key, 'best-first', { max_tokens: 10 }))).toEqual([200, 'good'])
  })

  it('is among the models', async () => {
    const authorization = `Bearer ${await gateway.newKey({})}`
    const models = await fetch(`${gateway.url}/v1/models`, { headers: { authorization } })
    expect(await models.text()).toContain('"best-first"')
  })
})

describe('max_cost', () => {
  it.each<[maxCost: number | string, model: string, group: string]>([
    [1, 'best-first', 'best'],
    [0.05, 'best-first', 'good'],
    ['0.0005', 'best-first', 'small'],
    [0.05, 'mixed', 'mixed'],
    [0.0005, 'best', 'small'],
  ])('of %s leads %s to %s', async (maxCost, model, group) => {
    const reply = await chat(await gateway.newKey({}), model, { max_tokens: 10, max_cost: maxCost })
    expect(groupOf(reply)).toEqual([200, group])
    expect(gateway.provider.exchanges.at(-1)?.json).not.toHaveProperty('max_cost')
    expect(Number(reply.headers['x-litellm-response-cost'])).toBeLessThanOrEqual(Number(maxCost))
  })

  it.each(['best-first', 'best', 'small'])('refuses %s before anything is spent', async (model) => {
    const asked = gateway.provider.exchanges.length
    const reply = await chat(await gateway.newKey({}), model, { max_tokens: 10, max_cost: 0.000009 })
    expect([reply.status, reply.headers['x-gateway-error']]).toEqual([400, 'max_cost_exceeded'])
    expect(reply.text).toMatch(/'small', may cost 0\.00001\b/)
    expect(gateway.provider.exchanges.length).toBe(asked)
  })

  it('bounds an answer that the client does not', async () => {
    const reply = await chat(await gateway.newKey({}), 'good', { max_cost: 0.2 })
    expect(reply.status).toBe(200)
    expect(gateway.provider.exchanges.at(-1)?.json).toMatchObject({ max_tokens: 2_000 })
  })

  it('holds for what stands in after a failure', async () => {
    const reply = await chat(await gateway.newKey({}), 'failing', { max_tokens: 10, max_cost: 0.001 })
    expect(groupOf(reply)).toEqual([502, 'failing'])
  })

  it('asks nobody whose price is not known', async () => {
    const reply = await chat(await gateway.newKey({}), 'unpriced', { max_cost: 5 })
    expect([reply.status, reply.headers['x-gateway-error']]).toEqual([400, 'max_cost_exceeded'])
    expect(reply.text).toContain("nobody knows what 'unpriced' costs")
  })

  it.each([0, -1, 'much', {}])('%j is no amount', async (maxCost) => {
    const reply = await chat(await gateway.newKey({}), 'good', { max_cost: maxCost })
    expect([reply.status, reply.headers['x-gateway-error']]).toEqual([400, 'invalid_type'])
  })
})
