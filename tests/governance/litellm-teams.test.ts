import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Json } from './support/admin.ts'
import { ANSWER_USD, at, describeProxy, soon } from './support/litellm-proxy.ts'

describeProxy('teams', (proxy) => {
  const membersOf = async (team: string): Promise<Json[]> =>
    at(await proxy.ask(`/team/info?team_id=${team}`), 'team_info', 'members_with_roles') as Json[]
  const teamsOf = async (user: string): Promise<Json[]> =>
    at(await proxy.ask(`/user/info?user_id=${user}`), 'teams') as Json[]

  it('may be looked at by administrators and their own keys only', async () => {
    const team = await proxy.newTeam({ team_alias: 'seen', models: ['house'] })
    const keys = { own: await proxy.newKey({ team_id: team }), other: await proxy.newKey() }
    const path = `/team/info?team_id=${team}`
    expect(await proxy.ask(path)).toMatchObject({
      team_id: team,
      team_info: { team_alias: 'seen', models: ['house'], members_with_roles: expect.any(Array) },
      keys: [expect.objectContaining({ team_id: team })],
      team_memberships: expect.any(Array),
    })
    expect((await proxy.call(path, undefined, keys.own)).status).toBe(200)
    expect((await proxy.call(path, undefined, keys.other)).status).toBe(403)
    expect((await proxy.call('/team/info?team_id=nobody')).status).toBe(404)
  })

  it('stay as they are but for what an update names', async () => {
    const admin = await proxy.newUser()
    const made = await proxy.ask('/team/new', {
      team_alias: 'before',
      members_with_roles: [{ role: 'admin', user_id: admin }],
    })
    const { team_id } = made
    const member = Array.from({ length: 10 }, () => ({
      role: 'user',
      user_id: `${randomUUID()}@example.com`,
    }))
    await proxy.ask('/team/member_add', { team_id, member })
    expect(await membersOf(String(team_id))).toHaveLength(12)
    const updated = await proxy.ask('/team/update', { team_id, team_alias: 'after' })
    const { members_with_roles: _, updated_at: __, ...data } = updated['data'] as Json
    expect({ ...made, team_alias: 'after' }).toMatchObject(data)
  })

  it('keep the rest of their metadata with PATCH, and lose what is null', async () => {
    const team = await proxy.newTeam({ metadata: { cost_center: 'CC-1', owner: 'a' } })
    const patch = async (metadata: object): Promise<unknown> =>
      at(await proxy.ask(`/team/${team}`, { metadata }, undefined, 'PATCH'), 'metadata')
    expect(await patch({ note: 'b' })).toEqual({ cost_center: 'CC-1', owner: 'a', note: 'b' })
    expect(await patch({ owner: null })).toEqual({ cost_center: 'CC-1', note: 'b' })
    expect(at(await proxy.ask(`/team/info?team_id=${team}`), 'team_info', 'metadata')).toEqual({
      cost_center: 'CC-1',
      note: 'b',
    })
  })

  it.each(['user_id', 'user_email'] as const)('add members and let them go, by %s', async (by) => {
    const [user_id, user_email] = [randomUUID(), `${randomUUID()}@example.com`]
    await proxy.newUser({ user_id, user_email })
    const who = by === 'user_id' ? { user_id } : { user_email }
    const team_id = await proxy.newTeam()
    await proxy.ask('/team/member_add', { team_id, member: { role: 'user', ...who } })
    expect(await teamsOf(user_id)).toMatchObject([{ team_id }])
    expect(
      await proxy.call('/team/member_add', { team_id, member: [{ role: 'user', ...who }] }),
    ).toMatchObject({
      status: 400,
      body: { error: { type: 'team_member_already_in_team' } },
    })
    expect((await proxy.call('/team/member_delete', { team_id, ...who })).status).toBe(200)
    expect((await proxy.call('/team/member_delete', { team_id, ...who })).status).toBe(400)
    expect(await teamsOf(user_id)).toEqual([])
    expect((await membersOf(team_id)).map(({ user_id: id }) => id)).not.toContain(user_id)
  })

  it('take their keys and memberships with them', async () => {
    const user = await proxy.newUser()
    const team = await proxy.newTeam({ members_with_roles: [{ role: 'user', user_id: user }] })
    const key = await proxy.newKey({ team_id: team })
    expect(await teamsOf(user)).toHaveLength(1)
    await proxy.ask('/team/delete', { team_ids: [team] })
    expect(await teamsOf(user)).toEqual([])
    expect((await proxy.call(`/team/info?team_id=${team}`)).status).toBe(404)
    expect((await proxy.chat(key, 'house')).status).toBe(401)
  })

  it('know their own names for models', async () => {
    const team_id = await proxy.newTeam({ models: ['house'] })
    await proxy.ask('/team/update', { team_id, model_aliases: { cheap: 'house' } })
    expect((await proxy.chat(await proxy.newKey({ team_id }), 'cheap')).status).toBe(200)
  })

  it('have budgets for single members', async () => {
    const team_id = await proxy.newTeam()
    const made = await proxy.ask('/user/new', { team_id, max_budget: 10, models: ['house'] })
    const [key, user_id] = [String(made['key']), String(made['user_id'])]
    await proxy.ask('/team/member_update', { team_id, user_id, max_budget_in_team: 0.0000001 })
    expect((await proxy.chat(key, 'house')).status).toBe(200)
    await soon(async () =>
      expect(await teamsOf(user_id)).toMatchObject([
        {
          team_id,
          team_memberships: [{ spend: ANSWER_USD, litellm_budget_table: { max_budget: 0.0000001 } }],
        },
      ]),
    )
    const { status, body } = await proxy.chat(key, 'house')
    expect([status, at(body, 'error', 'type')]).toEqual([429, 'budget_exceeded'])
    expect(at(body, 'error', 'message')).toContain('Budget has been exceeded!')
  })
})

describeProxy('users, organizations and end users', (proxy) => {
  it('users see themselves and nobody else', async () => {
    const made = await proxy.ask('/user/new', { user_id: `${randomUUID()}@example.com`, models: ['house'] })
    const stranger = await proxy.ask('/user/new', {})
    const path = `/user/info?user_id=${encodeURIComponent(String(made['user_id']))}`
    expect(await proxy.ask(path)).toMatchObject({ user_info: { models: ['house'], spend: 0 }, teams: [] })
    expect((await proxy.call(path, undefined, String(made['key']))).status).toBe(200)
    expect((await proxy.call(path, undefined, String(stranger['key']))).status).toBe(403)
  })

  it('users can be made in a crowd, and only once with an id', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => proxy.newUser()))
    expect(new Set(made).size).toBe(10)
    expect((await proxy.call('/user/new', { user_id: made[0] })).status).toBe(409)
  })

  it.each(['org_admin', 'internal_user', 'internal_user_viewer'])(
    'organizations take members as %s, made where they are new',
    async (role) => {
      const organization_id = await proxy.newOrganization()
      const user_id = `new-${randomUUID()}`
      await proxy.ask('/organization/member_add', { organization_id, member: { role, user_id } })
      expect(await proxy.ask(`/organization/info?organization_id=${organization_id}`)).toMatchObject({
        members: [{ user_id, user_role: role }],
      })
    },
  )

  it('organizations may have one name in a crowd, and are listed', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => proxy.newOrganization()))
    expect(new Set(made).size).toBe(10)
    const listed = Object.values(await proxy.ask('/organization/list')) as Json[]
    expect(listed.map(({ organization_id: id }) => id)).toEqual(expect.arrayContaining(made))
  })

  describe('their admins', () => {
    async function newAdmin(): Promise<{ organization_id: string; key: string }> {
      const organization_id = await proxy.newOrganization()
      const user_id = `admin-${randomUUID()}`
      const member = { role: 'org_admin', user_id }
      await proxy.ask('/organization/member_add', { organization_id, member })
      return { organization_id, key: await proxy.newKey({ user_id }) }
    }

    it('make teams and users in their organization', async () => {
      const { organization_id, key } = await newAdmin()
      expect(await proxy.ask('/team/new', { organization_id }, key)).toMatchObject({ organization_id })
      expect((await proxy.call('/user/new', { organization_id }, key)).status).toBe(200)
      expect((await proxy.call('/user/new', { organizations: [organization_id] }, key)).status).toBe(200)
    })

    it.each(['/team/new', '/user/new'])('may not %s in another one', async (path) => {
      const { key } = await newAdmin()
      const organization_id = await proxy.newOrganization()
      const { status, body } = await proxy.call(path, { organization_id }, key)
      expect([status, at(body, 'error', 'type')]).toEqual([403, 'auth_error'])
      expect(at(body, 'error', 'message')).toContain(
        `You are not a member of the organization specified in the request body. Passed organization_id=${organization_id}`,
      )
    })
  })

  it('end users can be made, and are there when they have spent', async () => {
    const [made, seen] = [randomUUID(), randomUUID()]
    expect(await proxy.ask('/end_user/new', { user_id: made, alias: 'a' })).toMatchObject({ user_id: made })
    const look = async (id: string): Promise<Json> => await proxy.ask(`/end_user/info?end_user_id=${id}`)
    expect(await look(made)).toMatchObject({ user_id: made, alias: 'a', spend: 0, blocked: false })
    expect((await proxy.call(`/customer/info?end_user_id=${seen}`)).status).toBe(404)
    await proxy.chat(await proxy.newKey(), 'house', { user: seen })
    await soon(async () => expect(await look(seen)).toMatchObject({ user_id: seen, spend: ANSWER_USD }))
    const listed = Object.values(await proxy.ask('/customer/list')) as Json[]
    expect(listed.map(({ user_id: id }) => id)).toEqual(expect.arrayContaining([made, seen]))
    expect(await proxy.ask('/customer/update', { user_id: seen, max_budget: 0.00001 })).toMatchObject({
      user_id: seen,
    })
    expect((await proxy.chat(await proxy.newKey(), 'house', { user: seen })).status).toBe(429)
  })

  it('end users share the limits of the budget they name, whoever asks for them', async () => {
    const budget_id = `free-${randomUUID()}`
    await proxy.ask('/budget/new', { budget_id, tpm_limit: 2 })
    for (const key of [await proxy.newKey(), undefined]) {
      const user = randomUUID()
      await proxy.ask('/end_user/new', { user_id: user, budget_id })
      const statuses: number[] = []
      for (let count = 0; count < 5; count += 1) {
        const messages = [{ role: 'user', content: 'Hey!' }]
        statuses.push(
          (await proxy.call('/v1/chat/completions', { model: 'house', messages, user }, key)).status,
        )
      }
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0)
    }
  })
})
