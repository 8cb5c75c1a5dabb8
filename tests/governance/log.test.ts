import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresPlace } from '../../packages/server/src/store/testing/databases.ts'
import { entryAt } from '../clients/support/models.ts'
import type { ModelEntry } from '../clients/support/models.ts'
import { ask, chatBody, eventsOf, isObject, messagesBody, open, start } from '../gateway/support/ask.ts'
import type { Json } from './support/admin.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'

const prices = { input_cost_per_token: 0.001, output_cost_per_token: 0.001 }
/** A dialect, the body of a request in it, and its path, of a whole answer and of a stream. */
const dialects = [
  { dialect: 'chat', path: '/v1/chat/completions', bodyOf: chatBody },
  { dialect: 'messages', path: '/v1/messages', bodyOf: messagesBody },
  {
    dialect: 'responses',
    path: '/v1/responses',
    bodyOf: (model: string, fields?: object) => ({ model, input: 'hello there', ...fields }),
  },
  {
    dialect: 'completions',
    path: '/v1/completions',
    bodyOf: (model: string, fields?: object) => ({ model, prompt: 'hello there', ...fields }),
  },
] as const

function priced(entry: ModelEntry): ModelEntry {
  return { ...entry, model_info: prices }
}

describe.each([
  ['SQLite', () => Promise.resolve({})],
  ['PostgreSQL', async () => ({ databaseUrl: (await postgresPlace()).url })],
] as const)('logs in %s', (_name, place) => {
  let gateway: GovernedGateway
  let door: { url: string; key: string }
  beforeAll(async () => {
    gateway = await startGovernedGateway({
      ...(await place()),
      sections: { router_settings: { num_retries: 0, retry_billed: true } },
      models: (url) => [
        ...['openai', 'anthropic', 'together_ai'].flatMap((provider) =>
          ['hang-after-5', 'hang', 'cut-after-5', 'no-usage', 'status-500', 'error-event-after-5'].map(
            (fault) => priced(entryAt(url, `${provider}-${fault}`, `${provider}/fault-${fault}`)),
          ),
        ),
        ...['status-500', 'reset', 'html', 'empty-200', '200-error-body', 'cut-after-0'].flatMap((fault) => [
          priced(entryAt(url, `tried-${fault}`, `openai/fault-${fault}`, { order: 1 })),
          priced(entryAt(url, `tried-${fault}`, 'openai/echo', { order: 2 })),
        ]),
      ],
    })
    door = { url: gateway.url, key: await gateway.newKey({ max_budget: 1_000 }) }
  })
  afterAll(async () => await gateway.close())

  describe.each(dialects)('$dialect', ({ path, bodyOf }) => {
    it.each(
      ['gpt', 'claude', 'compatible'].flatMap((model) => [false, true].map((stream) => ({ model, stream }))),
    )(
      'of $model are found by the id of the answer within a second (stream: $stream)',
      async ({ model, stream }) => {
        const reply = await ask(door, path, bodyOf(model, { stream }))
        expect(reply.status).toBe(200)
        const id = idOf(stream ? eventsOf(reply.text) : [reply.json])
        const askedMs = performance.now()
        expect(await gateway.logOf(id)).toMatchObject({
          request_id: id,
          litellm_call_id: reply.headers['x-litellm-call-id'],
          status: 'success',
          model_group: model,
        })
        expect(performance.now() - askedMs).toBeLessThan(1_000)
      },
    )
  })

  it.each([
    { what: 'F19 before the answer', model: 'openai-hang', stream: false },
    { what: 'F19 before the stream', model: 'anthropic-hang', stream: true },
  ])('$what: who leaves pays for what the provider read', async ({ model, stream }) => {
    const asked = gateway.provider.exchanges.length
    const { request, response } = start(door, '/v1/chat/completions', chatBody(model, { stream }))
    await (
      await gateway.provider.exchange(asked)
    ).atGate
    request.destroy()
    await expect(response).rejects.toThrow(/hang up|aborted|reset/i)
    const log = await lastOf(model)
    expect(log).toMatchObject({ status: 'failure', metadata: { error_information: { error_code: '499' } } })
    expect(log['spend']).toBeGreaterThan(0)
  })

  it.each(['openai', 'anthropic', 'together_ai'])(
    'F20 in the middle of a stream of %s: who leaves pays for what was produced',
    async (provider) => {
      const model = `${provider}-hang-after-5`
      const asked = gateway.provider.exchanges.length
      const response = await open(door, '/v1/chat/completions', chatBody(model, { stream: true }))
      const upstream = await gateway.provider.exchange(asked)
      await once(response, 'data')
      await upstream.atGate
      response.destroy()
      const log = await lastOf(model)
      expect(log).toMatchObject({ status: 'failure', metadata: { usage_source: 'estimated' } })
      // Two tokens in, and what has been delivered, at $0.001 each.
      expect(log['spend']).toBeGreaterThan(0.002)
      expect(log['spend']).toBeLessThan(0.05)
    },
  )

  it.each([
    { what: 'F40 a stream that is cut', fault: 'cut-after-5', status: 'failure' },
    { what: 'F41 an error within a stream', fault: 'error-event-after-5', status: 'failure' },
    { what: 'F49 an answer without usage', fault: 'no-usage', status: 'success' },
  ])('$what is estimated', async ({ fault, status }) => {
    for (const provider of ['openai', 'anthropic', 'together_ai']) {
      const model = `${provider}-${fault}`
      const reply = await ask(door, '/v1/chat/completions', chatBody(model, { stream: true }))
      expect(reply.status).toBe(200)
      const log = await lastOf(model)
      expect(log).toMatchObject({ status, metadata: { usage_source: 'estimated' } })
      expect(log['spend']).toBeGreaterThan(0.002)
    }
  })

  it.each([
    { what: 'F33 a status', fault: 'status-500', isBilled: false },
    { what: 'F29 a lost connection', fault: 'reset', isBilled: false },
    { what: 'F39 a web page', fault: 'html', isBilled: false },
    { what: 'F38 an empty answer', fault: 'empty-200', isBilled: true },
    { what: 'F37 an error with success', fault: '200-error-body', isBilled: true },
    { what: 'F45 a stream without content', fault: 'cut-after-0', isBilled: true },
  ])('of what took several attempts list what each cost: $what', async ({ fault, isBilled }) => {
    const stream = fault === 'cut-after-0'
    const body = chatBody(`tried-${fault}`, { num_retries: 1, stream })
    const reply = await ask(door, '/v1/chat/completions', body)
    expect(reply.status).toBe(200)
    const log = await gateway.logOf(String(reply.headers['x-litellm-call-id']))
    const { attempts = [] } = log['metadata'] as { attempts: { spend: number; estimated: boolean }[] }
    expect(attempts).toMatchObject([
      { error_code: expect.any(String), reason: expect.stringMatching(/^(picked|only_one)$/) },
      { error_code: null, spend: 0.006, reason: expect.stringMatching(/^(failover|retry)$/) },
    ])
    expect(attempts.map(({ estimated }) => estimated)).toEqual([isBilled, false])
    if (isBilled) expect(attempts[0]?.spend).toBeGreaterThan(0.01)
    else expect(attempts[0]?.spend).toBe(0)
    expect(log).toMatchObject({ status: 'success' })
    expect(log['spend']).toBeCloseTo(
      attempts.reduce((sum, { spend }) => sum + spend, 0),
      12,
    )
    if (!stream)
      expect(Number(reply.headers['x-litellm-response-cost'])).toBeCloseTo(Number(log['spend']), 12)
  })

  it.each([
    { what: 'a failure of the provider', model: 'openai-status-500', status: '502', code: 'provider_error' },
    { what: 'a model that nobody has', model: 'nobody', status: '404', code: 'model_not_found' },
  ])('$what is a row that costs nothing', async ({ model, status }) => {
    const reply = await ask(door, '/v1/chat/completions', chatBody(model))
    expect(reply.status).toBeGreaterThanOrEqual(400)
    const log = await gateway.logOf(String(reply.headers['x-litellm-call-id']))
    expect(log).toMatchObject({
      spend: 0,
      status: 'failure',
      metadata: { error_information: { error_code: String(reply.status) } },
    })
    expect(String(reply.status)).toBe(status)
  })

  it('hold no prompts', async () => {
    const { json } = await ask(door, '/v1/chat/completions', chatBody('priced'))
    expect(await gateway.logOf(idOf([json]))).toMatchObject({ messages: {}, response: {} })
  })

  /** The latest log of a group, as soon as there is one. */
  async function lastOf(model: string): Promise<Json> {
    return await vi.waitFor(
      async () => {
        const logs = Object.values(await gateway.admin('/spend/logs')) as Json[]
        const log = logs.find(({ model_group }) => model_group === model)
        if (log === undefined) throw new Error(`nothing is logged of ${model}`)
        return log
      },
      { timeout: 5_000 },
    )
  }
})

/** The id that an answer, or the first event of a stream that has one, says is its own. */
function idOf(events: readonly unknown[]): string {
  for (const event of events) {
    if (!isObject(event)) continue
    const place = [event, event.message, event.response].find(
      (one) => isObject(one) && typeof one.id === 'string',
    )
    if (isObject(place)) return String(place.id)
  }
  throw new Error('nothing has an id')
}
