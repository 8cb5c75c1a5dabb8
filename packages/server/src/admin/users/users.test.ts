import { expect, it } from 'vitest'
import { describeOnBoth } from '../testing/gates.ts'

describeOnBoth('users', (gate) => {
  it('are made many at once, each with a key', async () => {
    const made = await Promise.all(
      Array.from({ length: 10 }, () =>
        gate().get('/user/new', {
          models: ['azure-models'],
          aliases: { 'mistral-7b': 'gpt-3.5-turbo' },
          duration: null,
        }),
      ),
    )
    expect(new Set(made.map(({ user_id }) => user_id)).size).toBe(10)
    for (const { key } of made) expect(key).toMatch(/^sk-/)
    const without = await gate().get('/user/new', { auto_create_key: false })
    expect(without).toMatchObject({ key: null, user_role: 'internal_user', models: [] })
  })

  it('are seen by themselves and administrators, by nobody else', async () => {
    const { key, user_id } = await gate().get('/user/new', { user_id: 'krrish@example.com' })
    const path = `/user/info?user_id=${String(user_id)}`
    const expected = { user_id, user_info: { user_id, spend: 0 }, keys: [{ user_id }], teams: [] }
    expect(await gate().get(path)).toMatchObject(expected)
    expect(await gate().get(path, undefined, { key: String(key) })).toMatchObject(expected)
    const { key: other } = await gate().get('/user/new', {})
    expect((await gate().ask(path, undefined, { key: String(other) })).status).toBe(403)
    expect((await gate().ask('/user/info?user_id=none')).status).toBe(404)
  })

  it('have a budget that begins anew', async () => {
    const { user_id } = await gate().get('/user/new', { max_budget: 50, budget_duration: 'daily' })
    const { user_info: info } = await gate().get(`/user/info?user_id=${String(user_id)}`)
    expect(info).toMatchObject({ max_budget: 50, budget_reset_at: '2026-11-28T00:00:00.000Z' })
    gate().nowMs += 86_400_000
    const { user_info: later } = await gate().get(`/user/info?user_id=${String(user_id)}`)
    expect(later).toMatchObject({ budget_reset_at: '2026-11-29T00:00:00.000Z' })
    gate().nowMs -= 86_400_000
  })

  it.each<[string, string, object, number, string]>([
    ['an id twice', '/user/new', { user_id: 'twice' }, 409, 'User with id twice already exists'],
    ['an address twice', '/user/new', { user_email: 'TWICE@example.com' }, 409, 'User with email'],
    ['an unknown role', '/user/new', { user_role: 'god' }, 422, 'user_role'],
    ['an unknown team', '/user/new', { team_id: 'none' }, 404, 'Team not found'],
    ['deleting an unknown user', '/user/delete', { user_ids: ['none'] }, 404, 'User not found'],
    ['nobody', '/user/update', { max_budget: 1 }, 422, 'user_id or user_email'],
  ])('refuses %s', async (_, path, body, status, message) => {
    await gate().ask('/user/new', { user_id: 'twice', user_email: 'twice@example.com' })
    const answer = await gate().ask(path, body)
    expect(answer.status).toBe(status)
    expect(JSON.stringify(answer.body)).toContain(message)
  })

  it('are changed, and made when they are not there yet', async () => {
    expect(await gate().get('/user/update', { user_id: 'litellm-proxy-budget', spend: 0 })).toMatchObject({
      user_id: 'litellm-proxy-budget',
      data: { spend: 0 },
    })
    const { user_id } = await gate().get('/user/new', { max_budget: 5, rpm_limit: 3 })
    expect(await gate().get('/user/update', { user_id, max_budget: null, user_alias: 'Al' })).toMatchObject({
      data: { max_budget: null, rpm_limit: 3, user_alias: 'Al' },
    })
    expect(
      await gate().get('/user/bulk_update', {
        users: [
          { user_id, rpm_limit: 4 },
          { user_id: 'new', rpm_limit: 1 },
        ],
      }),
    ).toMatchObject({ total_requested: 2, successful_updates: 2, failed_updates: 0 })
  })

  it('cannot make themselves more than they are', async () => {
    const { user_id, key } = await gate().get('/user/new', { max_budget: 5 })
    const as = { key: String(key) }
    for (const field of [{ user_role: 'proxy_admin' }, { max_budget: 500 }, { models: [] }, { spend: 0 }])
      expect(await gate().ask('/user/update', { user_id, ...field }, as)).toMatchObject({
        status: 403,
        body: { error: { param: Object.keys(field)[0] } },
      })
    expect(await gate().get('/user/update', { user_id, user_alias: 'Me' }, as)).toMatchObject({
      data: { user_role: 'internal_user', max_budget: 5, user_alias: 'Me' },
    })
    expect((await gate().ask('/user/update', { user_id: 'twice', user_alias: 'x' }, as)).status).toBe(403)
  })

  it('are listed by page', async () => {
    const email = `list-${crypto.randomUUID()}@example.com`
    await gate().get('/user/new', { user_email: email, user_role: 'proxy_admin_viewer' })
    expect(await gate().get(`/user/list?user_email=${email}&page_size=1`)).toMatchObject({
      users: [{ user_email: email, key_count: 1, user_role: 'proxy_admin_viewer' }],
      total: 1,
      page: 1,
      page_size: 1,
      total_pages: 1,
    })
    expect(await gate().get('/user/available_roles')).toHaveProperty('internal_user.ui_label')
  })

  it('go with their keys', async () => {
    const { user_id, key } = await gate().get('/user/new', {})
    expect(await gate().get('/user/delete', { user_ids: [user_id] })).toBe(1)
    expect((await gate().ask(`/key/info?key=${String(key)}`)).status).toBe(404)
  })

  it('are seen all together by the name that LiteLLM has for it', async () => {
    expect(await gate().get('/user/info?user_id=litellm-proxy-budget')).toMatchObject({
      user_info: { spend: 0 },
    })
  })
})

describeOnBoth(
  'users with defaults',
  (gate) => {
    it('get what they do not say', async () => {
      expect(await gate().get('/user/new', { models: [] })).toMatchObject({
        max_budget: 7,
        budget_duration: '1d',
        models: ['cheap'],
      })
      expect(await gate().get('/user/new', { max_budget: 1, user_role: 'proxy_admin' })).toMatchObject({
        max_budget: 1,
        models: [],
      })
    })
  },
  `litellm_settings:
  default_internal_user_params: {models: [cheap], budget_duration: 1d}
  max_internal_user_budget: 7`,
)
