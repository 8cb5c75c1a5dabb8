import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import type { ModelEntry } from '../clients/support/models.ts'
import { ask, chatBody, hello, isObject, messagesBody } from '../gateway/support/ask.ts'
import { startFamilies } from '../gateway/support/families.ts'
import type { Families } from '../gateway/support/families.ts'
import { gatherCrowd, statusesOf } from './support/crowd.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'
import { exactModel, exactRequest } from './support/models.ts'

/** A hundred tokens of output, and no input. */
const BUDGET_USD = 0.01
const model_info = { input_cost_per_token: 0, output_cost_per_token: 0.0001 }

let families: Families
let gateway: GovernedGateway
beforeAll(async () => {
  families = await startFamilies()
  const priced = (entry: ModelEntry): ModelEntry => ({ ...entry, model_info })
  gateway = await startGovernedGateway({
    models: (url) => [
      exactModel(url),
      priced(entryAt(url, 'openai', 'openai/gpt-4o-mini')),
      priced(entryAt(url, 'reasoning', 'openai/gpt-5-mini')),
      priced(entryAt(url, 'anthropic', 'anthropic/claude-sonnet-4-5')),
      priced(entryAt(url, 'together', 'together_ai/echo')),
      priced(entryAt(families.url, 'gemini', 'gemini/gemini-2.5-flash', { api_base: families.url })),
      priced(entryAt(url, 'slow', 'openai/fault-slow-first-byte-200')),
    ],
  })
})
afterAll(async () => await Promise.all([gateway.close(), families.close()]))

const responsesBody = (model: string, fields?: object): object => ({ model, input: 'hello there', ...fields })

describe('who names no bound gets the one that the budget pays for', () => {
  it.each([
    { model: 'openai', path: '/v1/chat/completions', bodyOf: chatBody, field: 'max_tokens' },
    { model: 'reasoning', path: '/v1/chat/completions', bodyOf: chatBody, field: 'max_completion_tokens' },
    { model: 'together', path: '/v1/chat/completions', bodyOf: chatBody, field: 'max_tokens' },
    { model: 'anthropic', path: '/v1/chat/completions', bodyOf: chatBody, field: 'max_tokens' },
    { model: 'openai', path: '/v1/responses', bodyOf: responsesBody, field: 'max_output_tokens' },
    { model: 'together', path: '/v1/responses', bodyOf: responsesBody, field: 'max_tokens' },
    { model: 'anthropic', path: '/v1/responses', bodyOf: responsesBody, field: 'max_tokens' },
    { model: 'gemini', path: '/v1/chat/completions', bodyOf: chatBody, field: 'maxOutputTokens' },
  ])('$model at $path: $field', async ({ model, path, bodyOf, field }) => {
    const key = await gateway.newKey({ max_budget: BUDGET_USD })
    for (const stream of [false, true]) {
      const left = stream ? expect.stringMatching(/^\d\d$/) : '100'
      const reply = await ask({ url: gateway.url, key }, path, bodyOf(model, { stream }))
      expect(reply).toMatchObject({
        status: 200,
        headers: { 'x-switchyard-max-tokens': left, 'x-switchyard-max-tokens-reason': 'budget' },
      })
      const asked = model === 'gemini' ? families.seen.at(-1)?.json : gateway.provider.exchanges.at(-1)?.json
      expect(String(numberAt(asked, field))).toBe(reply.headers['x-switchyard-max-tokens'])
    }
  })

  it.each([
    { what: 'Anthropic’s clients name one always', path: '/v1/messages', body: messagesBody('anthropic') },
    {
      what: 'one that is named stays',
      path: '/v1/chat/completions',
      body: { ...exactRequest, max_tokens: 7 },
    },
  ])('$what', async ({ path, body }) => {
    const key = await gateway.newKey({ max_budget: BUDGET_USD })
    const reply = await ask({ url: gateway.url, key }, path, body)
    expect(reply.status).toBe(200)
    expect(reply.headers).not.toHaveProperty('x-switchyard-max-tokens')
    const { max_tokens } = body as { max_tokens: number }
    expect(gateway.provider.exchanges.at(-1)?.json).toMatchObject({ max_tokens })
  })
})

it('answers get shorter before they are refused', async () => {
  const key = await gateway.newKey({ max_budget: BUDGET_USD })
  const door = { url: gateway.url, key }
  const bounds: string[] = []
  let reply = await ask(door, '/v1/chat/completions', { model: 'exact', messages: hello })
  for (
    ;
    reply.status === 200;
    reply = await ask(door, '/v1/chat/completions', { model: 'exact', messages: hello })
  )
    bounds.push(String(reply.headers['x-switchyard-max-tokens']))
  // Four tokens each time, until what is left would not pay for the sixteen that make sense.
  expect(bounds).toEqual(Array.from({ length: 22 }, (_, at) => String(100 - 4 * at)))
  expect(reply).toMatchObject({ status: 429, json: { error: { code: 'budget_exceeded' } } })
  // Whoever says that less is enough gets it.
  expect((await ask(door, '/v1/chat/completions', exactRequest)).status).toBe(200)
})

it('what one request holds is not there for another', async () => {
  const key = await gateway.newKey({ max_budget: BUDGET_USD })
  const door = { url: gateway.url, key }
  const asked = gateway.provider.exchanges.length
  const first = ask(door, '/v1/chat/completions', chatBody('slow'))
  await gateway.provider.exchange(asked)
  expect((await ask(door, '/v1/chat/completions', exactRequest)).status).toBe(429)
  expect((await first).headers['x-switchyard-max-tokens']).toBe('100')
  expect((await ask(door, '/v1/chat/completions', exactRequest)).status).toBe(200)
})

describe('postpaid', () => {
  let postpaid: GovernedGateway
  const crowd = gatherCrowd()
  beforeAll(async () => {
    postpaid = await startGovernedGateway({
      models: (url) => [exactModel(url, 'slow-first-byte-50')],
      sections: { general_settings: { budget_enforcement: 'postpaid' } },
    })
  })
  afterAll(async () => {
    crowd.leave()
    await postpaid.close()
  })

  it('goes over the limit by at most one request', async () => {
    const key = await postpaid.newKey({ max_budget: 0.0005 })
    const door = { url: postpaid.url, key }
    const got = await Promise.all(
      Array.from({ length: 20 }, () => crowd.ask(door, '/v1/chat/completions', exactRequest)),
    )
    expect(statusesOf(got)).toEqual({ 200: 2, 429: 18 })
    for (const answer of got) expect(answer?.headers).not.toHaveProperty('x-switchyard-max-tokens')
  })
})

/** The number under a name, wherever it is in the body. */
function numberAt(body: unknown, name: string): unknown {
  if (!isObject(body)) return undefined
  return (
    body[name] ??
    Object.values(body)
      .map((value) => numberAt(value, name))
      .find((value) => value !== undefined)
  )
}
