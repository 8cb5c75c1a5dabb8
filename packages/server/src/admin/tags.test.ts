import { expect, it } from 'vitest'
import { describeOnBoth } from './testing/gates.ts'

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
