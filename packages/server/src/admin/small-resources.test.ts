import { expect, it } from 'vitest'
import { describeOnBoth } from './testing/gates.ts'

describeOnBoth('customers', (gate) => {
  it.each(['/customer', '/end_user'])('are administered under %s', async (prefix) => {
    const user_id = crypto.randomUUID()
    expect(
      await gate().get(`${prefix}/new`, { user_id, max_budget: 5, allowed_model_region: 'eu' }),
    ).toMatchObject({
      user_id,
      blocked: false,
      spend: 0,
      allowed_model_region: 'eu',
      litellm_budget_table: { max_budget: 5 },
    })
    expect(await gate().ask(`${prefix}/new`, { user_id })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('Customer already exists') } },
    })
    expect(await gate().get(`${prefix}/update`, { user_id, max_budget: null, alias: 'Al' })).toMatchObject({
      alias: 'Al',
      litellm_budget_table: null,
    })
    expect(await gate().get(`${prefix}/block`, { user_ids: [user_id] })).toMatchObject({
      blocked_users: [{ user_id, blocked: true }],
    })
    expect(gate().heard).toContainEqual({ kind: 'customer', id: user_id })
    await gate().get(`${prefix}/unblock`, { user_ids: [user_id] })
    expect(await gate().get(`${prefix}/info?end_user_id=${user_id}`)).toMatchObject({ blocked: false })
    expect(await gate().get(`${prefix}/list`)).toContainEqual(expect.objectContaining({ user_id }))
    expect(await gate().get(`${prefix}/delete`, { user_ids: [user_id] })).toMatchObject({
      deleted_customers: 1,
    })
    expect((await gate().ask(`${prefix}/info?end_user_id=${user_id}`)).status).toBe(404)
  })

  it('can be blocked before they are seen', async () => {
    const user_id = crypto.randomUUID()
    await gate().get('/customer/block', { user_ids: [user_id] })
    expect(await gate().get(`/customer/info?end_user_id=${user_id}`)).toMatchObject({ blocked: true })
  })

  it('have the limits of the budget that they name', async () => {
    const budget_id = `free-tier-${crypto.randomUUID()}`
    await gate().get('/budget/new', { budget_id, tpm_limit: 2 })
    const user_id = crypto.randomUUID()
    expect(await gate().get('/end_user/new', { user_id, budget_id })).toMatchObject({
      budget_id,
      litellm_budget_table: { budget_id, tpm_limit: 2 },
    })
    expect((await gate().ask('/end_user/new', { user_id: 'x', budget_id, max_budget: 1 })).status).toBe(400)
    expect((await gate().ask('/end_user/new', { user_id: 'x', budget_id: 'none' })).status).toBe(400)
  })
})

describeOnBoth('budgets', (gate) => {
  it('are made, changed, asked for and deleted', async () => {
    const budget_id = crypto.randomUUID()
    expect(
      await gate().get('/budget/new', { budget_id, max_budget: 10, budget_duration: '1d' }),
    ).toMatchObject({
      budget_id,
      max_budget: 10,
      budget_reset_at: '2026-11-28T00:00:00.000Z',
    })
    expect((await gate().ask('/budget/new', { budget_id })).status).toBe(400)
    expect(await gate().get('/budget/update', { budget_id, rpm_limit: 3 })).toMatchObject({
      max_budget: 10,
      rpm_limit: 3,
    })
    expect(await gate().get('/budget/info', { budgets: [budget_id, 'none'] })).toMatchObject([{ budget_id }])
    expect(await gate().get('/budget/list')).toContainEqual(expect.objectContaining({ budget_id }))
    expect(await gate().get(`/budget/settings?budget_id=${budget_id}`)).toContainEqual(
      expect.objectContaining({ field_name: 'max_budget', field_value: 10, stored_in_db: true }),
    )
    expect(await gate().get('/budget/delete', { id: budget_id })).toMatchObject({ budget_id })
    expect((await gate().ask('/budget/update', { budget_id })).status).toBe(404)
  })
})

describeOnBoth('tags', (gate) => {
  it('are made, changed, asked for and deleted', async () => {
    const name = `tag-${crypto.randomUUID()}`
    expect(await gate().get('/tag/new', { name, description: 'Nightly', max_budget: 20 })).toMatchObject({
      message: `Tag ${name} created successfully`,
      tag: { name, spend: 0, litellm_budget_table: { max_budget: 20 } },
    })
    expect((await gate().ask('/tag/new', { name })).status).toBe(400)
    expect(await gate().get('/tag/update', { name, models: ['m'] })).toMatchObject({
      tag: { models: ['m'], description: 'Nightly' },
    })
    expect(await gate().get('/tag/info', { names: [name, 'none'] })).toEqual({
      [name]: expect.objectContaining({ name }),
    })
    expect(await gate().get('/tag/list')).toContainEqual(expect.objectContaining({ name }))
    await gate().get('/tag/delete', { name })
    expect((await gate().ask('/tag/info', { names: [name] })).status).toBe(404)
  })
})

describeOnBoth('models and credentials', (gate) => {
  const canary = 'sk-canary-4711-0815'

  it('keep their secrets to themselves', async () => {
    const model = await gate().get('/model/new', {
      model_name: 'mine',
      litellm_params: {
        model: 'openai/gpt-4o',
        api_key: canary,
        rpm: 5,
        extra_headers: { 'x-secret': canary },
      },
    })
    expect(model).toMatchObject({
      model_name: 'mine',
      litellm_params: { model: 'openai/gpt-4o', api_key: '****', rpm: 5, extra_headers: '****' },
      model_info: { id: model['model_id'], db_model: true },
    })
    const changed = await gate().ask(
      `/model/${String(model['model_id'])}/update`,
      { litellm_params: { rpm: null, tpm: 9 } },
      { method: 'PATCH' },
    )
    expect(changed.body).toMatchObject({ litellm_params: { tpm: 9, api_key: '****' } })
    expect(changed.body).not.toHaveProperty('litellm_params.rpm')
    await gate().get('/credentials', { credential_name: 'openai', credential_values: { api_key: canary } })
    expect(await gate().get('/credentials/by_name/openai')).toEqual({
      credential_name: 'openai',
      credential_info: {},
      credential_values: { api_key: '****' },
    })
    const all = await Promise.all([gate().get('/credentials'), gate().get('/audit?page_size=100')])
    const rows = await gate().database.kysely.selectFrom('models').selectAll().execute()
    expect(JSON.stringify([all, rows])).not.toContain('canary')
  })

  it('are changed and deleted', async () => {
    await gate().get('/credentials', { credential_name: 'other', credential_values: { a: '1' } })
    const path = '/credentials/other'
    expect((await gate().ask(path, { credential_values: { b: '2' } }, { method: 'PATCH' })).status).toBe(200)
    expect(await gate().get('/credentials/by_name/other')).toMatchObject({
      credential_values: { a: '****', b: '****' },
    })
    expect((await gate().ask(path, undefined, { method: 'DELETE' })).status).toBe(200)
    expect((await gate().ask('/credentials/by_name/other')).status).toBe(404)
    const { model_id: id } = await gate().get('/model/new', {
      model_name: 'short',
      litellm_params: { model: 'openai/gpt-4o' },
    })
    expect(await gate().get('/model/delete', { id })).toEqual({
      message: `Model: ${String(id)} deleted successfully`,
    })
    expect((await gate().ask('/model/delete', { id })).status).toBe(400)
  })

  it.each<[object, RegExp]>([
    [{ model_name: 'x', litellm_params: {} }, /litellm_params.model/],
    [{ model_name: 'x', litellm_params: { model: 'openai/gpt-4o', api_base: 'ftp://x' } }, /api_base/],
  ])('refuse %j', async (body, message) => {
    const answer = await gate().ask('/model/new', body)
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toMatch(message)
  })
})

describeOnBoth(
  'the configuration',
  (gate) => {
    it('is shown without secrets', async () => {
      expect(await gate().get('/config/field/info?field_name=litellm_key_header_name')).toEqual({
        field_name: 'litellm_key_header_name',
        field_value: null,
      })
      expect(await gate().get('/config/list')).toContainEqual(
        expect.objectContaining({ field_name: 'master_key', field_value: '[redacted]' }),
      )
      expect(await gate().get('/get/config/callbacks')).toMatchObject({
        callbacks: [{ name: 'langfuse', type: 'success' }],
        router_settings: { num_retries: 4 },
      })
      expect((await gate().ask('/config/field/info?field_name=none')).status).toBe(400)
    })

    it('has no cache', async () => {
      for (const [path, body] of [
        ['/cache/ping'],
        ['/cache/flushall', {}],
        ['/cache/delete', { keys: [] }],
      ] as const)
        expect(await gate().ask(path, body)).toMatchObject({
          status: 503,
          body: { error: { message: expect.stringContaining('Cache not initialized') } },
        })
    })
  },
  'litellm_settings: {success_callback: [langfuse]}\nrouter_settings: {num_retries: 4}',
)
