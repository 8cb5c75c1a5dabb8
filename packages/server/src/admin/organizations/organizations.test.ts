import { expect, it } from 'vitest'
import { describeOnBoth } from '../testing/gates.ts'

describeOnBoth('organizations', (gate) => {
  it('are made many at once and listed', async () => {
    const organization_alias = `Organization: ${crypto.randomUUID()}`
    const body = { organization_alias, models: ['azure-models'], max_budget: null }
    const made = await Promise.all(Array.from({ length: 8 }, () => gate().get('/organization/new', body)))
    expect(new Set(made.map(({ organization_id }) => organization_id)).size).toBe(8)
    expect(made[0]).toMatchObject({
      organization_alias,
      models: ['azure-models'],
      spend: 0,
      members: [],
      teams: [],
    })
    expect(
      await gate().get(`/organization/list?org_alias=${encodeURIComponent(organization_alias)}`),
    ).toHaveLength(8)
  })

  it('are changed, asked for and deleted with what belongs to them', async () => {
    const { organization_id } = await gate().get('/organization/new', {
      organization_alias: 'o',
      max_budget: 9,
    })
    const changed = await gate().ask(
      '/organization/update',
      { organization_id, max_budget: null, metadata: { a: 1 } },
      { method: 'PATCH' },
    )
    expect(changed.body).toMatchObject({
      organization_alias: 'o',
      litellm_budget_table: null,
      metadata: { a: 1 },
    })
    const { team_id } = await gate().get('/team/new', { organization_id })
    const { key, organization_id: ofKey } = await gate().get('/key/generate', { team_id })
    expect(ofKey).toBe(organization_id)
    expect(await gate().get(`/organization/info?organization_id=${String(organization_id)}`)).toMatchObject({
      teams: [{ team_id }],
    })
    const body = { organization_ids: [organization_id] }
    const deleted = await gate().ask('/organization/delete', body, { method: 'DELETE' })
    expect(deleted.body).toMatchObject([{ organization_id }])
    for (const path of [
      `/organization/info?organization_id=${String(organization_id)}`,
      `/team/info?team_id=${String(team_id)}`,
      `/key/info?key=${String(key)}`,
    ])
      expect((await gate().ask(path)).status, path).toBe(404)
  })

  it('give their teams at most what they have', async () => {
    const { organization_id } = await gate().get('/organization/new', {
      organization_alias: 'small',
      models: ['gpt-4o', 'claude-*'],
      max_budget: 10,
    })
    for (const fields of [{ models: ['gpt-5'] }, { max_budget: 11 }])
      expect((await gate().ask('/team/new', { organization_id, ...fields })).status).toBe(400)
    await gate().get('/team/new', { organization_id, models: ['claude-sonnet'], max_budget: 10 })
  })

  it('have members, and admins who govern what belongs to them', async () => {
    const { organization_id } = await gate().get('/organization/new', { organization_alias: 'governed' })
    const { user_id, key } = await gate().get('/user/new', {})
    const as = { key: String(key) }
    expect((await gate().ask('/team/new', { organization_id }, as)).status).toBe(403)
    const member = { user_id, role: 'org_admin' }
    expect(await gate().get('/organization/member_add', { organization_id, member })).toMatchObject({
      organization_id,
      updated_organization_memberships: [{ user_id, user_role: 'org_admin' }],
    })
    expect((await gate().ask('/organization/member_add', { organization_id, member })).status).toBe(400)
    const { team_id } = await gate().get('/team/new', { organization_id }, as)
    await gate().get('/team/update', { team_id, max_budget: 5 }, as)
    expect((await gate().ask('/team/new', {}, as)).status).toBe(403)
    const made = await gate().get('/user/new', { organizations: [organization_id] }, as)
    expect(await gate().get('/user/list', undefined, as)).toMatchObject({ total: 2 })
    expect(
      (await gate().ask('/user/new', { user_role: 'proxy_admin', organizations: [organization_id] }, as))
        .status,
    ).toBe(403)
    const { user_id: other } = made
    const changed = { organization_id, user_id: other, role: 'internal_user_viewer' }
    expect(
      (await gate().ask('/organization/member_update', changed, { ...as, method: 'PATCH' })).body,
    ).toMatchObject({
      user_role: 'internal_user_viewer',
    })
    const gone = await gate().ask(
      '/organization/member_delete',
      { organization_id, user_id },
      { method: 'DELETE' },
    )
    expect(gone.body).toMatchObject({ user_id })
    expect((await gate().ask('/team/update', { team_id, max_budget: 6 }, as)).status).toBe(403)
  })
})
