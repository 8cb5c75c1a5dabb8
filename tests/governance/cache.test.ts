import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { ask, chatBody, parse } from '../gateway/support/ask.ts'
import type { Reply } from '../gateway/support/ask.ts'
import { entriesWhen } from './support/entries.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'

let gateway: GovernedGateway
beforeAll(async () => {
  gateway = await startGovernedGateway({
    sections: {
      litellm_settings: { cache: true, cache_params: { type: 'local', ttl: 600, coalesce: true } },
      general_settings: { store_prompts_in_spend_logs: true },
    },
    models: (url) => [entryAt(url, 'gpt', 'openai/gpt-4o-mini')],
  })
})
afterAll(() => gateway.close())

let questions = 0
const body = (fields: object = {}): object =>
  chatBody('gpt', { messages: [{ role: 'user', content: `governed ${++questions}` }], ...fields })

const chat = (key: string, wanted: object): Promise<Reply> =>
  ask({ url: gateway.url, key }, '/v1/chat/completions', wanted)
const hitOf = ({ headers }: Reply): unknown => headers['x-litellm-cache-hit']

describe('an answer from the cache', () => {
  it.each([false, true])(
    'is a row of its own, at no cost, and frees what was held (stream: %s)',
    async (stream) => {
      const key = await gateway.newKey({ max_budget: 0.001, models: ['gpt'] })
      const wanted = body({ stream, max_tokens: 200 })
      const first = await chat(key, wanted)
      const replies = [first]
      // Each holds a fifth of the budget: what was not given back would be missed.
      for (let time = 0; time < 12; time++) replies.push(await chat(key, wanted))
      expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200))
      expect(replies.map(hitOf)).toEqual(['false', ...Array.from({ length: 12 }, () => 'true')])
      const entries = await entriesWhen(gateway.governance.store.database, key, ({ length }) => length === 13)
      expect(entries.filter(({ cost_pico_usd: cost }) => cost > 0n)).toHaveLength(1)
      expect(entries.every(({ state }) => state === 'settled')).toBe(true)
      const log = await gateway.logOf(String(replies[1]?.headers['x-litellm-call-id']))
      expect(log).toMatchObject({
        cache_hit: 'True',
        cache_key: first.headers['x-litellm-cache-key'],
        status: 'success',
        spend: 0,
        custom_llm_provider: 'openai',
        model_group: 'gpt',
      })
      expect(Number(log['total_tokens'])).toBeGreaterThan(0)
      expect(JSON.stringify(log['response'])).toContain(`You said: governed ${questions}`)
      expect(await gateway.logOf(String(first.headers['x-litellm-call-id']))).toMatchObject({
        cache_hit: 'False',
      })
    },
  )

  it('uses no tokens of a limit, but counts as a request', async () => {
    const key = await gateway.newKey({ tpm_limit: 60, rpm_limit: 4 })
    const wanted = body({ max_tokens: 20 })
    const statuses: number[] = []
    for (let time = 0; time < 5; time++) statuses.push((await chat(key, wanted)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 429])
  })

  it('is not given to who may not ask for the model', async () => {
    const wanted = body()
    const team = String((await gateway.admin('/team/new', {}))['team_id'])
    const may = await gateway.newKey({ team_id: team })
    const mayNot = await gateway.newKey({ team_id: team, models: ['demo'] })
    expect((await chat(may, wanted)).status).toBe(200)
    expect((await chat(mayNot, wanted)).status).toBeGreaterThanOrEqual(400)
  })
})

describe('who shares answers', () => {
  it('keys of one team, and nobody else', async () => {
    const wanted = body()
    const teams = [await gateway.admin('/team/new', {}), await gateway.admin('/team/new', {})].map((team) =>
      String(team['team_id']),
    )
    const inFirst = [await gateway.newKey({ team_id: teams[0] }), await gateway.newKey({ team_id: teams[0] })]
    const inSecond = await gateway.newKey({ team_id: teams[1] })
    const alone = [await gateway.newKey(), await gateway.newKey()]
    const hits: unknown[] = []
    for (const key of [...inFirst, inSecond, ...alone, gateway.key, gateway.key])
      hits.push(hitOf(await chat(key, wanted)))
    expect(hits).toEqual(['false', 'true', 'false', 'false', 'false', 'false', 'true'])
  })

  it('nor do they wait for each other', async () => {
    const wanted = body()
    const at = gateway.provider.exchanges.length
    gateway.provider.script('gpt-4o-mini', ['slow-first-byte-200', 'slow-first-byte-200'])
    const keys = [await gateway.newKey(), await gateway.newKey()]
    const replies = await Promise.all([...keys, ...keys, ...keys].map((key) => chat(key, wanted)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    expect(gateway.provider.exchanges.length - at).toBe(2)
  })

  it('a key may be bound to some of the controls', async () => {
    const key = await gateway.newKey({ allowed_cache_controls: ['no-cache'] })
    expect((await chat(key, body({ cache: { 'no-cache': true } }))).status).toBe(200)
    expect(await chat(key, body({ cache: { ttl: 5 } }))).toMatchObject({
      status: 403,
      json: { error: { message: expect.stringContaining('allowed_cache_controls') } },
    })
  })
})

describe('what administrators do with it', () => {
  it('ask whether it is there', async () => {
    expect(await gateway.admin('/cache/ping')).toMatchObject({
      status: 'healthy',
      cache_type: 'memory',
      litellm_cache_params: { ttl: 600, mode: 'default_on' },
    })
    const ready = await fetch(`${gateway.url}/health/readiness`)
    expect(parse(await ready.text())).toMatchObject({ cache: 'memory' })
  })

  it('take out answers, or all of them', async () => {
    const wanted = [body(), body()]
    const keys = (await Promise.all(wanted.map((one) => chat(gateway.key, one)))).map(({ headers }) =>
      String(headers['x-litellm-cache-key']),
    )
    const hits = async (): Promise<unknown[]> =>
      await Promise.all(wanted.map(async (one) => hitOf(await chat(gateway.key, one))))
    expect(await gateway.admin('/cache/delete', { keys: [keys[0], 'none'] })).toEqual({
      status: 'success',
      deleted: 1,
    })
    expect(await hits()).toEqual(['false', 'true'])
    expect(await gateway.admin('/cache/flushall', {})).toEqual({ status: 'success' })
    expect(await hits()).toEqual(['false', 'false'])
  })

  it('others may not', async () => {
    const key = await gateway.newKey()
    for (const path of ['/cache/delete', '/cache/flushall'])
      expect((await ask({ url: gateway.url, key }, path, {})).status).toBe(403)
  })
})
