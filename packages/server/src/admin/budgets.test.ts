import { expect, it } from 'vitest'
import { describeOnBoth } from './testing/gates.ts'

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
