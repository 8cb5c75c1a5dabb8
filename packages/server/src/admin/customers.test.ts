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
