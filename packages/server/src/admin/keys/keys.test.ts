import { describe, expect, it } from 'vitest'
import { describeOnBoth } from '../testing/gates.ts'
import type { Gate, Json } from '../testing/gate.ts'

describeOnBoth('keys', (gate) => {
  const make = async (fields: object = {}): Promise<Json & { key: string; token: string }> =>
    (await gate().get('/key/generate', fields)) as Json & { key: string; token: string }
  const info = async (key: string): Promise<Json> =>
    (await gate().get(`/key/info?key=${key}`))['info'] as Json

  it('are made with LiteLLM’s answer', async () => {
    const key = await make({
      models: ['gpt-4o', 'claude-sonnet'],
      max_budget: 100,
      budget_duration: 'monthly',
      metadata: { team: 'backend', user: 'developer-1' },
      tpm_limit: 50000,
      rpm_limit: 100,
      duration: '30d',
      unknown: 'is ignored',
    })
    expect(key).toMatchObject({
      key: expect.stringMatching(/^sk-[\w-]{32}$/),
      token: expect.stringMatching(/^[0-9a-f]{64}$/),
      token_id: key.token,
      key_name: `sk-...${key.key.slice(-4)}`,
      models: ['gpt-4o', 'claude-sonnet'],
      max_budget: 100,
      budget_duration: 'monthly',
      budget_reset_at: '2026-12-01T00:00:00.000Z',
      expires: '2026-12-27T12:00:00.000Z',
      spend: 0,
      metadata: { team: 'backend', user: 'developer-1' },
      created_by: 'default_user_id',
      litellm_budget_table: null,
    })
    expect(key).not.toHaveProperty('unknown')
    const shown = await info(key.key)
    expect(shown).toMatchObject({ tpm_limit: 50000, rpm_limit: 100 })
    expect(shown).not.toHaveProperty('token')
    expect(JSON.stringify(shown)).not.toContain(key.key)
    expect(await info(key.token)).toEqual(shown)
  })

  it('are seen by themselves and by no other key', async () => {
    const [one, other] = [await make(), await make()]
    const path = `/key/info?key=${one.key}`
    expect((await gate().ask(path, undefined, { key: one.key })).status).toBe(200)
    expect(await gate().get('/key/info', undefined, { key: one.key })).toMatchObject({ key: one.token })
    expect((await gate().ask(path, undefined, { key: other.key })).status).toBe(403)
    const listed = await gate().get('/key/list', undefined, { key: other.key })
    expect(listed).toEqual({ keys: [other.token], total_count: 1, current_page: 1, total_pages: 1 })
    expect(
      await gate().get('/v2/key/info', { keys: [one.key, other.key] }, { key: other.key }),
    ).toMatchObject({
      info: [{ token: other.token }],
    })
  })

  it('are changed: null clears, what is left out stays', async () => {
    const { key } = await make({ max_budget: 5, rpm_limit: 7, duration: '1h', tags: ['a'], models: ['m'] })
    const changed = await gate().get('/key/update', { key, max_budget: null, duration: '-1', models: [] })
    expect(changed).toMatchObject({
      key,
      max_budget: null,
      rpm_limit: 7,
      expires: null,
      models: [],
      tags: ['a'],
      metadata: { tags: ['a'] },
    })
    expect(gate().heard).toContainEqual({ kind: 'key', id: changed['token'] })
  })

  it('take an empty text for one that is left out', async () => {
    const empty = {
      key_alias: '',
      team_id: '',
      user_id: '',
      duration: '',
      budget_duration: '',
      budget_id: '',
    }
    expect(await make(empty)).toMatchObject({ key_alias: null, team_id: null, user_id: null, expires: null })
  })

  it('may say limits and tags inside their metadata', async () => {
    const { key } = await make({ metadata: { tags: ['t'], model_rpm_limit: { m: 3 } } })
    expect(await info(key)).toMatchObject({ tags: ['t'], model_rpm_limit: { m: 3 } })
  })

  it('go by value, hash and alias', async () => {
    const [one, two, three] = [await make(), await make(), await make({ key_alias: 'going' })]
    const keys = [one.key, two.token]
    expect(await gate().get('/key/delete', { keys })).toEqual({ deleted_keys: keys })
    expect(await gate().get('/key/delete', { key_aliases: ['going'] })).toEqual({ deleted_keys: ['going'] })
    for (const { key } of [one, two, three])
      expect((await gate().ask(`/key/info?key=${key}`)).status).toBe(404)
    expect((await gate().ask('/key/delete', { keys })).status).toBe(404)
  })

  it('are blocked and unblocked', async () => {
    const { key } = await make()
    expect(await gate().get('/key/block', { key })).toMatchObject({ blocked: true })
    expect((await gate().ask('/key/info', undefined, { key })).status).toBe(401)
    expect(await gate().get('/key/unblock', { key })).toMatchObject({ blocked: false })
    expect((await gate().ask('/key/info', undefined, { key })).status).toBe(200)
  })

  it('get a new value; the old one dies at the end of its grace', async () => {
    const old = await make({ key_alias: 'rotated', max_budget: 5, spend: 2 })
    const fresh = await gate().get('/key/regenerate', { key: old.key, grace_period: '1h', rpm_limit: 9 })
    expect(fresh).toMatchObject({
      key_alias: 'rotated',
      max_budget: 5,
      rpm_limit: 9,
      spend: 2,
      rotation_count: 1,
      created_at: old['created_at'],
    })
    expect(fresh['key']).not.toBe(old.key)
    const works = async (key: unknown): Promise<number> =>
      (await gate().ask('/key/info', undefined, { key: String(key) })).status
    expect([await works(old.key), await works(fresh['key'])]).toEqual([200, 200])
    gate().nowMs += 3_600_000
    expect([await works(old.key), await works(fresh['key'])]).toEqual([401, 200])
    gate().nowMs -= 3_600_000
    const next = await gate().get(`/key/${String(fresh['token'])}/regenerate`, {
      new_key: 'sk-chosen-by-hand',
    })
    expect(next).toMatchObject({ key: 'sk-chosen-by-hand', spend: 2, rotation_count: 2 })
    expect(await works(fresh['key'])).toBe(401)
  })

  it('begin to count anew', async () => {
    const { key, token } = await make({ max_budget: 5, spend: 2 })
    expect(await info(key)).toMatchObject({ spend: 2 })
    expect(await gate().ask(`/key/${token}/reset_spend`, { reset_to: 3 })).toMatchObject({ status: 400 })
    expect(await gate().get(`/key/${token}/reset_spend`, { reset_to: 0.5 })).toMatchObject({
      previous_spend: 2,
      spend: 0.5,
      max_budget: 5,
    })
    gate().nowMs += 1
    expect(await gate().get('/key/update', { key, spend: 0 })).toMatchObject({ spend: 0 })
  })

  it('share a budget by its name', async () => {
    await gate().get('/budget/new', { budget_id: 'shared', max_budget: 3, budget_duration: '1d' })
    const { key } = await make({ budget_id: 'shared' })
    expect(await info(key)).toMatchObject({
      budget_id: 'shared',
      max_budget: null,
      budget_reset_at: '2026-11-28T00:00:00.000Z',
      litellm_budget_table: { budget_id: 'shared', max_budget: 3 },
    })
  })

  it('belong to a team and to nobody in it', async () => {
    expect((await gate().ask('/key/service-account/generate', {})).status).toBe(400)
    const { team_id } = await gate().get('/team/new', {})
    const key = await gate().get('/key/service-account/generate', { team_id, key_alias: 'nightly' })
    expect(key).toMatchObject({ team_id, user_id: null, metadata: { service_account_id: 'nightly' } })
  })

  it('are listed by page', async () => {
    const user_id = crypto.randomUUID()
    for (const key_alias of ['a', 'b', 'c']) await make({ user_id, key_alias: `${key_alias}-${user_id}` })
    const query = `user_id=${user_id}&size=2&sort_by=key_alias&sort_order=asc`
    expect(await gate().get(`/key/list?${query}&return_full_object=true`)).toMatchObject({
      keys: [{ key_alias: `a-${user_id}` }, { key_alias: `b-${user_id}` }],
      total_count: 3,
      current_page: 1,
      total_pages: 2,
    })
    expect(await gate().get(`/key/list?${query}&page=2`)).toHaveProperty('keys.length', 1)
    expect(await gate().get(`/key/aliases?search=C-${user_id}`)).toMatchObject({ aliases: [`c-${user_id}`] })
  })

  it('are changed many at once', async () => {
    const { key } = await make()
    expect(
      await gate().get('/key/bulk_update', {
        keys: [
          { key, max_budget: 4 },
          { key: 'sk-unknown', max_budget: 4 },
        ],
      }),
    ).toMatchObject({
      total_requested: 2,
      successful_updates: [{ key, key_info: { max_budget: 4 } }],
      failed_updates: [{ key: 'sk-unknown', failed_reason: expect.stringContaining('Key not found') }],
    })
  })

  const refusals: readonly [string, string, object, number, string, RegExp][] = [
    ['a second alias', '/key/generate', { key_alias: 'taken' }, 400, 'bad_request_error', /already exists/],
    ['a key twice', '/key/generate', { key: 'sk-taken-twice' }, 400, 'bad_request_error', /already/],
    ['a key without sk-', '/key/generate', { key: 'not-a-key' }, 422, 'validation_error', /sk-/],
    ['a negative budget', '/key/generate', { max_budget: -1 }, 422, 'validation_error', /negative/],
    ['an endless budget', '/key/generate', { max_budget: 'Infinity' }, 422, 'validation_error', /max_budget/],
    ['half a request', '/key/generate', { rpm_limit: 1.5 }, 422, 'validation_error', /rpm_limit/],
    ['a duration that is none', '/key/generate', { duration: 'soon' }, 422, 'validation_error', /duration/],
    [
      'an unknown team',
      '/key/generate',
      { team_id: 'none' },
      400,
      'bad_request_error',
      /Unable to find team/,
    ],
    ['an unknown budget', '/key/generate', { budget_id: 'none' }, 400, 'bad_request_error', /Budget/],
    ['changing an unknown key', '/key/update', { key: 'sk-none' }, 404, 'not_found_error', /Key not found/],
    ['changing no key', '/key/update', {}, 422, 'validation_error', /Field required: 'key'/],
    ['deleting nothing', '/key/delete', {}, 422, 'validation_error', /keys or key_aliases/],
    ['a model that is no text', '/key/generate', { models: [7] }, 422, 'validation_error', /models/],
  ]
  it.each(refusals)('refuse %s', async (_, path, body, status, type, message) => {
    await gate().ask('/key/generate', { key_alias: 'taken', key: 'sk-taken-twice' })
    const answer = await gate().ask(path, body)
    expect(answer).toMatchObject({ status, body: { error: { type, code: String(status) } } })
    expect(JSON.stringify(answer.body)).toMatch(message)
  })

  it('are changed by one of two at a time', async () => {
    const { key, token } = await make()
    const headers = { 'if-match': '"1"' }
    expect((await gate().ask('/key/update', { key, max_budget: 1 }, { headers })).status).toBe(200)
    expect(await gate().ask('/key/update', { key, max_budget: 2 }, { headers })).toMatchObject({
      status: 409,
      body: { error: { type: 'version_conflict' } },
    })
    expect(await info(token)).toMatchObject({ max_budget: 1 })
  })

  it('are changed by many at once, each in what it says', async () => {
    const { key } = await make()
    const fields = ['max_budget', 'soft_budget', 'rpm_limit', 'tpm_limit', 'max_parallel_requests']
    await Promise.all(fields.map((name) => gate().get('/key/update', { key, [name]: 7 })))
    expect(await info(key)).toMatchObject(Object.fromEntries(fields.map((name) => [name, 7])))
  })

  it('leave a trace of who changed what', async () => {
    const { key, token } = await make({ metadata: { api_key: 'sk-canary-in-metadata' } })
    const headers = { 'litellm-changed-by': 'alice' }
    await gate().get('/key/update', { key, max_budget: 1 }, { headers })
    await gate().get('/key/block', { key })
    const log = await gate().get(`/audit?object_id=${token}`)
    expect(log).toMatchObject({ total: 3, page: 1, total_pages: 1 })
    const entries = log['audit_logs'] as Json[]
    const actions = entries.map(({ action, changed_by }) => [action, changed_by])
    expect(actions).toHaveLength(3)
    expect(actions).toEqual(
      expect.arrayContaining([
        ['created', 'default_user_id'],
        ['updated', 'alice'],
        ['blocked', 'default_user_id'],
      ]),
    )
    const updated = entries.find(({ action }) => action === 'updated')
    expect(updated).toMatchObject({
      table_name: 'LiteLLM_VerificationToken',
      changed_by_api_key: 'master',
      updated_values: { data: { max_budget: 1 } },
    })
    expect(await gate().get(`/audit/${String(updated?.['id'])}`)).toEqual(updated)
    expect(JSON.stringify(log)).not.toContain('canary')
    expect(JSON.stringify(log)).not.toContain(key)
  })
})

describeOnBoth('what a key can give away', (gate) => {
  const open = async (fields: object): Promise<string> => {
    const { user_id } = await gate().get('/user/new', { auto_create_key: false, max_budget: 10 })
    return String((await gate().get('/key/generate', { user_id, ...fields }))['key'])
  }
  const granter = {
    models: ['gpt-4o', 'claude-*'],
    max_budget: 5,
    rpm_limit: 10,
    allowed_routes: ['/key/generate'],
  }

  it('is all of its own where the new one says nothing', async () => {
    const key = await open({ ...granter, duration: '1h' })
    expect(await gate().get('/key/generate', {}, { key })).toMatchObject({
      ...granter,
      expires: '2026-11-27T13:00:00.000Z',
    })
  })

  it.each<[object, string]>([
    [{ models: ['gpt-5'] }, 'models'],
    [{ models: ['*'] }, 'models'],
    [{ models: ['all-proxy-models'] }, 'models'],
    [{ max_budget: 6 }, 'max_budget'],
    [{ rpm_limit: 11 }, 'rpm_limit'],
    [{ allowed_routes: ['*'] }, 'allowed_routes'],
    [{ allowed_routes: ['/team/new'] }, 'allowed_routes'],
    [{ permissions: { get_spend_routes: true } }, 'permissions'],
    [{ budget_id: 'big' }, 'budget_id'],
    [{ spend: 1 }, 'spend'],
  ])('is not %j', async (fields, param) => {
    expect(await gate().ask('/key/generate', fields, { key: await open(granter) })).toMatchObject({
      status: 403,
      body: { error: { type: 'permission_exceeds_granter', param } },
    })
  })

  it('is a part of it', async () => {
    const fields = { models: ['gpt-4o', 'claude-sonnet'], max_budget: 1, allowed_routes: ['/key/generate'] }
    expect(await gate().get('/key/generate', fields, { key: await open(granter) })).toMatchObject(fields)
  })

  it('is nothing for others', async () => {
    const key = await open({})
    expect((await gate().ask('/key/generate', { user_id: 'somebody' }, { key })).status).toBe(403)
    const { key: foreign } = await gate().get('/key/generate', {})
    for (const path of ['/key/update', '/key/block', '/key/regenerate'])
      expect((await gate().ask(path, { key: foreign }, { key })).status).toBe(403)
  })

  it('is not more for itself: what an administrator set stays', async () => {
    const key = await open({ max_budget: 5, duration: '1h' })
    for (const fields of [
      { max_budget: 6 },
      { max_budget: null },
      { duration: '-1' },
      { spend: 0.1 },
      { spend: 0 },
    ])
      expect(await gate().ask('/key/update', { key, ...fields }, { key })).toMatchObject({ status: 403 })
    expect((await gate().ask('/key/update', { key, max_budget: 4 }, { key })).status).toBe(200)
  })

  it('is not the end of a block, however often it is asked', async () => {
    const { user_id, key } = await gate().get('/user/new', {})
    const as = { key: String(key) }
    const { key: own } = await gate().get('/key/generate', {}, as)
    expect(own).toMatch(/^sk-/)
    await gate().get('/key/block', { key: own })
    await gate().get('/key/update', { key: own, key_alias: `mine-${String(user_id)}` }, as)
    for (const [path, body] of [
      ['/key/unblock', { key: own }],
      ['/key/update', { key: own, blocked: false }],
      ['/key/update', { key: own, blocked: null }],
    ] as const)
      expect((await gate().ask(path, body, as)).status, path).toBe(403)
  })

  it('is for a team what the team may, whatever the budget of who makes it', async () => {
    const { team_id } = await gate().get('/team/new', { models: ['gpt-4o'] })
    const { user_id, key } = await gate().get('/user/new', { max_budget: 1 })
    await gate().get('/team/member_add', { team_id, member: { role: 'admin', user_id } })
    const as = { key: String(key) }
    await gate().get('/key/generate', { team_id, models: ['gpt-4o'], max_budget: 50 }, as)
    expect((await gate().ask('/key/generate', { team_id, models: ['gpt-5'] }, as)).status).toBe(403)
  })
})

describe('settings of the configuration', () => {
  describeOnBoth(
    'defaults and upper bounds of keys',
    (gate: () => Gate) => {
      it('fill what is left out', async () => {
        expect(await gate().get('/key/generate', {})).toMatchObject({
          max_budget: 1.5,
          models: ['cheap'],
          rpm_limit: 60,
          expires: '2026-12-27T12:00:00.000Z',
        })
      })
      it.each([{ max_budget: 101 }, { rpm_limit: 61 }, { duration: '60d' }, { duration: '-1' }])(
        'refuse %j',
        async (fields) => {
          const answer = await gate().ask('/key/generate', fields)
          expect(answer.status).toBe(400)
          expect(JSON.stringify(answer.body)).toContain('is over max limit set in config')
        },
      )
    },
    `litellm_settings:
  default_key_generate_params: {max_budget: 1.5, models: [cheap]}
  upperbound_key_generate_params: {max_budget: 100, rpm_limit: 60, duration: 30d}`,
  )

  describeOnBoth(
    'who may make keys',
    (gate: () => Gate) => {
      it('can be restricted', async () => {
        const { key } = await gate().get('/user/new', {
          key_alias: 'first',
          user_role: 'internal_user',
          auto_create_key: false,
        })
        expect(key).toBeNull()
        const answer = await gate().ask('/key/generate', {})
        expect(answer).toMatchObject({ status: 400 })
        expect(JSON.stringify(answer.body)).toContain('Required param tags not in data')
        expect((await gate().ask('/key/generate', { tags: ['a'] })).status).toBe(200)
      })
    },
    `litellm_settings:
  key_generation_settings:
    personal_key_generation: {allowed_user_roles: [proxy_admin], required_params: [tags]}`,
  )
})
