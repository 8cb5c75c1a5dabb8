import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import type { ModelEntry } from '../clients/support/models.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import type { FaultProvider } from '../support/fault-provider.ts'
import { ask, chatBody, readChatStream } from './support/ask.ts'
import type { Reply } from './support/ask.ts'

let gateway: TestGateway
let second: FaultProvider
beforeAll(async () => {
  second = await startFaultProvider({ name: 'second' })
  gateway = await startTestGateway({
    models: (url) => [
      entryAt(url, 'down', 'openai/fault-status-500'),
      entryAt(url, 'also-down', 'openai/fault-status-503'),
      entryAt(url, 'cut', 'openai/fault-cut-before-content'),
      entryAt(url, 'refusing', 'openai/fault-status-400'),
      entryAt(second.url, 'spare', 'openai/spare-model'),
      entryAt(second.url, 'lone', 'openai/lone-model'),
      ...['revoked', 'limited'].flatMap((group) => [
        named(entryAt(url, group, `openai/fault-${FAULTS[group]}`, { order: 1 }), `${group}-first`),
        named(entryAt(second.url, group, 'openai/echo', { order: 2 }), `${group}-second`),
      ]),
      entryAt(second.url, 'tagged', 'openai/free-model', { tags: ['free'] }),
      entryAt(second.url, 'tagged', 'openai/paid-model', { tags: ['paid'] }),
      entryAt(second.url, 'one-at-a-time', 'openai/o', { max_parallel_requests: 1 }),
      ...['s1', 's2', 's3', 's4'].map((id) => named(entryAt(second.url, 'sticky', 'openai/s'), id)),
      named(
        entryAt(second.url, 'budgeted', 'openai/a', { order: 1, ...PRICES, max_budget: 1e-9 }),
        'used-up',
      ),
      named(entryAt(second.url, 'budgeted', 'openai/b', { order: 2 }), 'not-used-up'),
    ],
    sections: {
      router_settings: {
        num_retries: 0,
        enable_tag_filtering: true,
        model_group_affinity_config: { sticky: ['session_affinity'] },
        max_fallbacks: 3,
        fallbacks: [{ down: ['also-down', 'spare'] }, { cut: ['spare'] }, { refusing: ['spare'] }],
        context_window_fallbacks: [{ lone: ['spare'] }],
        model_group_alias: { pool: ['down', 'spare'], 'spare-by-another-name': 'spare' },
      },
    },
  })
})
afterAll(async () => {
  await Promise.all([gateway.close(), second.close()])
})

const FAULTS: Readonly<Record<string, string>> = {
  revoked: 'status-401',
  limited: 'status-429-retry-after-60',
}

const PRICES = { input_cost_per_token: 0.001, output_cost_per_token: 0.001 }

function named(entry: ModelEntry, id: string): ModelEntry {
  return { ...entry, model_info: { id } }
}

const chat = (model: string, more: object = {}, headers: Record<string, string> = {}): Promise<Reply> =>
  ask(gateway, '/v1/chat/completions', chatBody(model, more), { headers })

describe('fallbacks', () => {
  it('of the configuration stand in, one after the other, and the answer says so', async () => {
    const reply = await chat('down')
    expect(reply).toMatchObject({
      status: 200,
      headers: {
        'x-litellm-model-group': 'spare',
        'x-litellm-attempted-fallbacks': '2',
        'x-litellm-attempted-retries': '0',
        'x-litellm-max-retries': '0',
      },
    })
    expect(second.exchanges.at(-1)?.json).toMatchObject({ model: 'spare-model' })
  })

  it('F45 stand in for a stream that breaks before it says anything: one stream, one id, one role', async () => {
    const reply = await chat('cut', { stream: true })
    expect(reply.headers['x-litellm-attempted-fallbacks']).toBe('1')
    expect(readChatStream(reply.text)).toMatchObject({
      text: 'You said: hello there',
      ids: [expect.stringMatching(/^chatcmpl-second-/)],
      roles: 1,
      errors: [],
      done: true,
    })
  })

  it('of the client replace them, with fields of their own', async () => {
    const fallbacks = [{ model: 'lone', temperature: 0.25, messages: [{ role: 'user', content: 'shorter' }] }]
    const reply = await chat('down', { fallbacks, temperature: 1 })
    expect(reply).toMatchObject({ status: 200, headers: { 'x-litellm-model-group': 'lone' } })
    const sent = second.exchanges.at(-1)?.json
    expect(sent).toMatchObject({
      model: 'lone-model',
      temperature: 0.25,
      messages: [{ role: 'user', content: 'shorter' }],
    })
    expect(sent).not.toHaveProperty('fallbacks')
  })

  it('can be turned off by the client', async () => {
    expect(await chat('down', { disable_fallbacks: true })).toMatchObject({
      status: 502,
      headers: { 'x-litellm-attempted-fallbacks': '0', 'x-litellm-model-group': 'down' },
    })
  })

  it('F34 are not for what is wrong with the request', async () => {
    expect(await chat('refusing')).toMatchObject({ status: 400 })
  })

  it.each([
    ['mock_testing_fallbacks', 'down', 'spare'],
    ['mock_testing_context_fallbacks', 'lone', 'spare'],
  ])('are seen with %s', async (field, model, group) => {
    const reply = await chat(model, { [field]: true })
    expect(reply).toMatchObject({ status: 200, headers: { 'x-litellm-model-group': group } })
  })

  it('and retries are others for one request', async () => {
    const override = { fallbacks: [{ lone: ['spare'] }], num_retries: 1 }
    const reply = await chat('lone', { router_settings_override: override, mock_testing_fallbacks: true })
    expect(reply).toMatchObject({
      status: 200,
      headers: { 'x-litellm-model-group': 'spare', 'x-litellm-max-retries': '1' },
    })
  })

  it.each([
    ['cooldown_time', { cooldown_time: 0 }],
    ['disable_cooldowns', { disable_cooldowns: true }],
  ])('but not what others get: %s', async (name, override) => {
    expect(await chat('lone', { router_settings_override: override })).toMatchObject({
      status: 400,
      json: { error: { param: `router_settings_override.${name}` } },
    })
  })

  it('that all fail end with the first failure, and name who was asked', async () => {
    const reply = await chat('down', { fallbacks: ['also-down'] })
    expect(reply.status).toBe(502)
    expect(reply.text).toContain('Available Model Group Fallbacks=[\\"also-down\\"]')
  })
})

describe('other names', () => {
  it('of several groups are asked in their order', async () => {
    expect(await chat('pool', { num_retries: 1 })).toMatchObject({
      status: 200,
      headers: { 'x-litellm-attempted-retries': '1' },
    })
  })

  it('of one group', async () => {
    expect(await chat('spare-by-another-name')).toMatchObject({ status: 200 })
  })
})

describe('cooldowns', () => {
  it('F35 a refused key disables its deployment, and the log says so', async () => {
    const first = await chat('revoked', { num_retries: 1 })
    expect(first).toMatchObject({ status: 200, headers: { 'x-litellm-attempted-retries': '1' } })
    const again = await chat('revoked')
    expect(again).toMatchObject({ status: 200, headers: { 'x-litellm-model-id': 'revoked-second' } })
    expect(gateway.log()).toContain(
      'a deployment is not asked for a while: the provider refuses its credentials',
    )
    const metrics = await ask(gateway, '/metrics', '', { method: 'GET' })
    expect(metrics.text).toContain(
      'litellm_deployment_cooled_down{model_id="revoked-first",code="authentication"} 1',
    )
  })

  it('F32 a deployment at its limit is left alone for as long as it says', async () => {
    await chat('limited', { num_retries: 1 })
    const again = await chat('limited')
    expect(again).toMatchObject({ status: 200, headers: { 'x-litellm-model-id': 'limited-second' } })
  })
})

describe('tags', () => {
  it.each([
    ['free', 'free-model'],
    ['paid', 'paid-model'],
  ])('%s', async (tag, model) => {
    expect(await chat('tagged', {}, { 'x-litellm-tags': tag })).toMatchObject({ status: 200 })
    expect(second.exchanges.at(-1)?.json).toMatchObject({ model })
  })

  it('that nobody has are refused', async () => {
    expect(await chat('tagged', {}, { 'x-litellm-tags': 'other' })).toMatchObject({
      status: 401,
      headers: { 'x-gateway-error': 'tags_not_served' },
    })
  })
})

describe('budgets of deployments', () => {
  it('that are used up leave the requests to others', async () => {
    const ids = [await chat('budgeted'), await chat('budgeted')].map(
      ({ headers }) => headers['x-litellm-model-id'],
    )
    expect(ids).toEqual(['used-up', 'not-used-up'])
  })
})

describe('a session', () => {
  it('stays with the deployment that answered it first', async () => {
    const ids = new Set<unknown>()
    for (let turn = 0; turn < 8; turn++) {
      const { headers } = await chat('sticky', {}, { 'x-litellm-session-id': 'one' })
      ids.add(headers['x-litellm-model-id'])
    }
    expect(ids.size).toBe(1)
  })
})

describe('a deployment that takes one request at a time', () => {
  it('answers all that come at once, one after the other', async () => {
    const replies = await Promise.all(Array.from({ length: 12 }, () => chat('one-at-a-time')))
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200))
  })

  it('and a priority is a whole number from 0 to 255', async () => {
    const replies = await Promise.all([
      chat('one-at-a-time', { priority: 0 }),
      chat('one-at-a-time', { priority: 300 }),
    ])
    expect(replies.map(({ status }) => status)).toEqual([200, 400])
  })
})
