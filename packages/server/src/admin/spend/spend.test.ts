import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashKey } from '../../auth/virtual-key.ts'
import { createIngest } from '../../ledger/ingest.ts'
import { pair } from '../../ledger/testing/records.ts'
import { testDatabases } from '../../store/testing/databases.ts'
import { openGate } from '../testing/gate.ts'
import type { Gate } from '../testing/gate.ts'

const endings: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of endings.splice(0)) await end()
})

const DAY_MS = 86_400_000
/** 2026-11-26, the day before the gate's. */
const FIRST_MS = Date.UTC(2026, 10, 26, 9)
const PERIOD = 'start_date=2026-11-26&end_date=2026-11-27'
const MICRO_USD = 1_000_000n

describe.each(testDatabases)('spend in $dialect', ({ open }) => {
  let gate: Gate
  let key = ''
  let hash = ''
  beforeAll(async () => {
    gate = await openGate({ open }, (end) => endings.push(end))
    const made = await gate.get('/key/generate', { key_alias: 'ada-key', user_id: 'ada', max_budget: 3 })
    key = String(made['key'])
    hash = hashKey(key)
    const ingest = createIngest(gate.database, () => FIRST_MS)
    // Six requests on two days: by Ada with her key, and by the team `t-1` with another.
    await ingest(
      [0, 1, 2, 3, 4, 5].map((index) => {
        const atMs = FIRST_MS + (index % 2) * DAY_MS + index * 1_000
        const isAda = index < 4
        const failed = index === 3
        return pair(`call-${index}`, {
          opening: {
            atMs,
            modelGroup: isAda ? 'gpt' : 'claude',
            parties: {
              keyHash: isAda ? hash : 'other',
              userId: isAda ? 'ada' : undefined,
              teamId: isAda ? undefined : 't-1',
              endUserId: isAda ? 'customer-1' : undefined,
              tags: index === 0 ? ['batch', 'night'] : [],
            },
          },
          closing: {
            costPicoUsd: failed ? 0n : BigInt(index + 1) * MICRO_USD,
            settledMs: atMs + 500,
            log: {
              startedMs: atMs,
              status: failed ? 'failure' : 'success',
              statusCode: failed ? 429 : 200,
              responseId: failed ? undefined : `chatcmpl-${index}`,
              model: isAda ? 'gpt-5' : 'claude-5',
              provider: isAda ? 'openai' : 'anthropic',
              cacheHit: index === 2,
            },
          },
        })
      }),
    )
  })

  const logs = async (path: string, how?: object): Promise<unknown[]> => {
    const answer: unknown = await gate.get(path, undefined, how)
    return (answer as { request_id: string }[]).map(({ request_id }) => request_id)
  }

  describe('/spend/logs', () => {
    it('finds a request by the id of its answer, at once and with LiteLLM’s fields', async () => {
      expect(await gate.get('/spend/logs?request_id=chatcmpl-0')).toEqual([
        expect.objectContaining({
          request_id: 'chatcmpl-0',
          litellm_call_id: 'call-0',
          call_type: 'acompletion',
          api_key: hash,
          spend: 0.000001,
          total_tokens: 15,
          prompt_tokens: 10,
          completion_tokens: 5,
          startTime: '2026-11-26T09:00:00.000Z',
          endTime: '2026-11-26T09:00:00.500Z',
          model: 'gpt-5',
          model_group: 'gpt',
          custom_llm_provider: 'openai',
          user: 'ada',
          end_user: 'customer-1',
          cache_hit: 'False',
          request_tags: ['batch', 'night'],
          status: 'success',
        }),
      ])
    })

    it.each([
      ['the key itself', () => `api_key=${key}`, 4],
      ['its hash', () => `api_key=${hash}`, 4],
      ['a user', () => 'user_id=ada', 4],
      ['a team', () => 'team_id=t-1', 2],
      ['a model', () => 'model=claude-5', 2],
      ['a status', () => 'status_filter=failure', 1],
      ['a price', () => 'min_spend=0.000003&max_spend=0.000005', 2],
      ['days, and no sums', () => 'start_date=2026-11-27&end_date=2026-11-27&summarize=false', 3],
      ['an id that there is not', () => 'request_id=chatcmpl-9', 0],
    ])('is filtered by %s', async (_, query, count) => {
      expect(await logs(`/spend/logs?${query()}`)).toHaveLength(count)
    })

    it('sums days when it is given dates', async () => {
      expect(await gate.get(`/spend/logs?start_date=2026-11-26&end_date=2026-11-28&user_id=ada`)).toEqual([
        {
          startTime: '2026-11-26',
          spend: 0.000004,
          [hash]: 0.000004,
          users: { ada: 0.000004 },
          models: { 'gpt-5': 0.000004 },
        },
        {
          startTime: '2026-11-27',
          spend: 0.000002,
          [hash]: 0.000002,
          users: { ada: 0.000002 },
          models: { 'gpt-5': 0.000002 },
        },
        { startTime: '2026-11-28', spend: 0, users: {}, models: {} },
      ])
    })

    it('says what is wrong with a date', async () => {
      const { status, body } = await gate.ask('/spend/logs?start_date=yesterday')
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('Invalid date')])
    })
  })

  describe('/spend/logs/v2', () => {
    it('is turned over by page and by cursor', async () => {
      const first = await gate.get(`/spend/logs/v2?${PERIOD}&page_size=4`)
      expect(first).toMatchObject({ total: 6, page: 1, page_size: 4, total_pages: 2 })
      const byPage = await gate.get(`/spend/logs/ui?${PERIOD}&page_size=4&page=2`)
      const byCursor = await gate.get(
        `/spend/logs/v2?${PERIOD}&page_size=4&cursor=${String(first['next_cursor'])}`,
      )
      expect(byCursor['data']).toEqual(byPage['data'])
      expect(byCursor['next_cursor']).toBeNull()
      const sorted = await gate.get(`/spend/logs/v2?${PERIOD}&sort_by=spend&sort_order=asc&page_size=1`)
      expect(sorted['data']).toMatchObject([{ spend: 0, status: 'failure', request_id: 'call-3' }])
    })

    it('takes times of day', async () => {
      const query = 'start_date=2026-11-26 09:00:01&end_date=2026-11-26 09:00:02'
      expect(await gate.get(`/spend/logs/v2?${query}`)).toMatchObject({
        total: 1,
        data: [{ litellm_call_id: 'call-2' }],
      })
    })

    it.each([
      ['/spend/logs/v2'],
      ['/spend/logs/v2?cursor=x&' + PERIOD],
      [`/spend/logs/v2?page_size=0&${PERIOD}`],
    ])('refuses %s', async (path) => {
      expect((await gate.ask(path)).status).toBeGreaterThanOrEqual(400)
    })
  })

  it('is summed for everyone, a key and a model', async () => {
    expect(await gate.get('/global/spend')).toEqual({ spend: 0.000017, max_budget: null })
    expect(await gate.get(`/global/spend?api_key=${key}`)).toEqual({ spend: 0.000006, max_budget: 3 })
    expect(
      await gate.get('/global/spend?model=claude-5&start_date=2026-11-27&end_date=2026-11-27'),
    ).toMatchObject({
      spend: 0.000006,
    })
  })

  it.each<[string, unknown]>([
    [
      '/global/spend/logs',
      [
        { date: '2026-11-26', spend: 0.000009 },
        { date: '2026-11-27', spend: 0.000008 },
      ],
    ],
    [
      '/global/spend/models',
      [
        { model: 'claude-5', total_spend: 0.000011 },
        { model: 'gpt-5', total_spend: 0.000006 },
      ],
    ],
    [
      '/global/spend/provider',
      [
        { provider: 'anthropic', spend: 0.000011 },
        { provider: 'openai', spend: 0.000006 },
      ],
    ],
    [
      '/global/spend/teams',
      {
        daily_spend: [
          { date: '2026-11-26', 't-1': 0.000005 },
          { date: '2026-11-27', 't-1': 0.000006 },
        ],
        teams: ['t-1'],
        total_spend_per_team: [{ team_id: 't-1', total_spend: 0.000011 }],
      },
    ],
    ['/global/spend/tags?tags=night', { spend_per_tag: [{ name: 'night', spend: 0.000001, log_count: 1 }] }],
    ['/global/spend/all_tag_names', { tag_names: ['batch', 'night'] }],
    ['/global/all_end_users', { end_users: ['customer-1'] }],
    [
      '/spend/tags',
      [
        { individual_request_tag: 'batch', log_count: 1, total_spend: 0.000001 },
        { individual_request_tag: 'night', log_count: 1, total_spend: 0.000001 },
      ],
    ],
    [
      `/global/activity?${PERIOD}`,
      {
        daily_data: [
          { date: 'Nov 26', api_requests: 3, total_tokens: 45 },
          { date: 'Nov 27', api_requests: 3, total_tokens: 45 },
        ],
        sum_api_requests: 6,
        sum_total_tokens: 90,
      },
    ],
    [
      `/global/activity/exceptions?${PERIOD}`,
      { daily_data: [{ date: 'Nov 27', num_rate_limit_exceptions: 1 }], sum_num_rate_limit_exceptions: 1 },
    ],
  ])('%s', async (path, expected) => {
    expect(await gate.get(path)).toEqual(expected)
  })

  it('is told by key, with names', async () => {
    expect(await gate.get('/global/spend/keys?limit=5')).toEqual([
      { api_key: 'other', key_alias: null, key_name: null, total_spend: 0.000011 },
      { api_key: hash, key_alias: 'ada-key', key_name: `sk-...${key.slice(-4)}`, total_spend: 0.000006 },
    ])
    expect(await gate.get(`/global/activity/cache_hits?${PERIOD}&api_key=${key}`)).toEqual([
      {
        api_key: hash,
        call_type: '/v1/chat/completions',
        model: 'gpt-5',
        total_rows: 4,
        cache_hit_true_rows: 1,
        cached_completion_tokens: 5,
        generated_completion_tokens: 15,
      },
    ])
    expect(await gate.get('/spend/keys')).toMatchObject([{ key_alias: 'ada-key' }])
  })

  it('is reported by team, customer and key', async () => {
    expect(await gate.get(`/global/spend/report?${PERIOD}`)).toMatchObject([
      {
        group_by_day: '2026-11-26',
        teams: [
          {
            team_name: 't-1',
            total_spend: 0.000005,
            metadata: [{ model: 'claude-5', spend: 0.000005, api_key: 'other' }],
          },
        ],
      },
      { group_by_day: '2026-11-27' },
    ])
    expect(await gate.get(`/global/spend/report?${PERIOD}&group_by=customer`)).toMatchObject([
      { customers: [{ customer: 'customer-1', total_spend: 0.000004 }] },
      {},
    ])
    expect(await gate.get(`/global/spend/report?${PERIOD}&api_key=${key}`)).toEqual([
      {
        api_key: hash,
        total_cost: 0.000006,
        total_input_tokens: 40,
        total_output_tokens: 20,
        model_details: [
          { model: 'gpt-5', total_cost: 0.000006, total_input_tokens: 40, total_output_tokens: 20 },
        ],
      },
    ])
    expect(await gate.get('/global/spend/end_users', {})).toEqual([
      { end_user: 'customer-1', total_count: 4, total_spend: 0.000006 },
    ])
  })

  describe('daily activity', () => {
    const day = {
      spend: 0.000002,
      prompt_tokens: 20,
      completion_tokens: 10,
      total_tokens: 30,
      api_requests: 2,
      successful_requests: 1,
      failed_requests: 1,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    }

    it('of a user is broken down by everything', async () => {
      const { results, metadata } = await gate.get(`/user/daily/activity?${PERIOD}&user_id=ada`)
      expect(results).toMatchObject([
        {
          date: '2026-11-27',
          metrics: day,
          breakdown: {
            models: { 'gpt-5': { metrics: day, api_key_breakdown: { [hash]: { metrics: day } } } },
            model_groups: { gpt: { metrics: day } },
            providers: { openai: { metrics: day } },
            endpoints: { '/v1/chat/completions': { metrics: day } },
            api_keys: { [hash]: { metrics: day, metadata: { key_alias: 'ada-key', team_id: null } } },
            entities: { ada: { metrics: day } },
            mcp_servers: {},
          },
        },
        { date: '2026-11-26' },
      ])
      expect(metadata).toMatchObject({
        total_spend: 0.000006,
        total_api_requests: 4,
        total_successful_requests: 3,
        total_failed_requests: 1,
        total_tokens: 60,
        page: 1,
        total_pages: 1,
        has_more: false,
      })
    })

    it('adds up the same page by page and aggregated', async () => {
      const whole = await gate.get(`/user/daily/activity?${PERIOD}`)
      const aggregated = await gate.get(`/user/daily/activity/aggregated?${PERIOD}`)
      expect(aggregated['metadata']).toEqual(whole['metadata'])
      const page = await gate.get(`/user/daily/activity?${PERIOD}&page_size=3&page=2`)
      expect(page['metadata']).toMatchObject({ page: 2, total_pages: 2, has_more: false })
    })

    it.each<[string, string[]]>([
      ['/user/daily/activity?', ['ada']],
      ['/user/daily/activity?page_size=3&', ['ada']],
      ['/user/daily/activity?page_size=3&page=2&', []],
      ['/user/daily/activity/aggregated?', ['ada']],
      ['/team/daily/activity?', ['t-1']],
      ['/team/daily/activity?team_ids=t-2&', []],
      ['/team/daily/activity?exclude_team_ids=t-1&', []],
      ['/tag/daily/activity?tags=batch,other&', ['batch']],
      ['/customer/daily/activity?', ['customer-1']],
      ['/end_user/daily/activity?end_user_ids=customer-1&', ['customer-1']],
      ['/agent/daily/activity?', []],
      ['/organization/daily/activity?', []],
    ])('%s', async (path, ids) => {
      const { results } = await gate.get(`${path}${PERIOD}`)
      const entities = (results as { breakdown: { entities: object } }[]).flatMap((one) =>
        Object.keys(one.breakdown.entities),
      )
      expect([...new Set(entities)]).toEqual(ids)
    })

    it('needs dates', async () => {
      const { status, body } = await gate.ask('/user/daily/activity')
      expect([status, JSON.stringify(body)]).toEqual([
        400,
        expect.stringContaining('Please provide start_date and end_date'),
      ])
    })
  })

  describe('for a user', () => {
    it('is their own', async () => {
      expect(await logs('/spend/logs', { key })).toHaveLength(4)
      expect(await logs('/spend/logs?api_key=other', { key })).toEqual([])
      expect(await gate.get('/global/spend', undefined, { key })).toMatchObject({ spend: 0.000006 })
      expect(await gate.get(`/user/daily/activity?${PERIOD}`, undefined, { key })).toMatchObject({
        metadata: { total_api_requests: 4 },
      })
    })

    it.each([
      ['/global/spend?user_id=bob', 403],
      [`/user/daily/activity?${PERIOD}&user_id=bob`, 403],
      [`/team/daily/activity?${PERIOD}&team_ids=t-1`, 404],
      [`/organization/daily/activity?${PERIOD}`, 403],
      [`/tag/daily/activity?${PERIOD}`, 403],
      [`/global/spend/report?${PERIOD}`, 403],
      ['/spend/users?user_id=bob', 403],
    ])('%s is %i', async (path, status) => {
      expect((await gate.ask(path, undefined, { key })).status).toBe(status)
    })
  })

  it('is calculated from messages and from an answer', async () => {
    const messages = [{ role: 'user', content: 'Hello there' }]
    const { cost } = await gate.get('/spend/calculate', { model: 'gpt-4o', messages })
    expect(cost).toBeGreaterThan(0)
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 }
    expect(await gate.get('/spend/calculate', { completion_response: { model: 'gpt-4o', usage } })).toEqual({
      cost: 2.5,
    })
    expect((await gate.ask('/spend/calculate', {})).status).toBe(400)
  })

  it('begins anew when it is reset, and the ledger keeps it', async () => {
    expect(await gate.get('/global/spend/reset', {})).toMatchObject({ status: 'success' })
    expect(await gate.get(`/key/info?key=${key}`)).toMatchObject({ info: { spend: 0 } })
    expect(await gate.get('/global/spend')).toMatchObject({ spend: 0.000017 })
  })
})
