import { expect, it } from 'vitest'
import { resourceTable } from '../../store/tables/resources.ts'
import { describeOnBoth } from '../testing/gates.ts'

const people = (count: number, role = 'user'): object[] =>
  Array.from({ length: count }, () => ({ role, user_id: `person-${crypto.randomUUID()}@example.com` }))

describeOnBoth('teams', (gate) => {
  it('are as they were after a change of the alias', async () => {
    const admin = crypto.randomUUID()
    await gate().get('/user/new', { user_id: admin })
    const team = await gate().get('/team/new', {
      team_alias: 'my-new-team',
      members_with_roles: [{ role: 'admin', user_id: admin }],
    })
    await gate().get('/team/member_add', { team_id: team['team_id'], member: people(10) })
    const { team_info: info } = await gate().get(`/team/info?team_id=${String(team['team_id'])}`)
    // Ten, their admin, and whoever made the team.
    expect(info).toHaveProperty('members_with_roles.length', 12)
    const { data } = await gate().get('/team/update', { team_id: team['team_id'], team_alias: 'my-new-team' })
    const { members_with_roles: _, members: __, updated_at: ___, ...same } = data as typeof team
    expect(team).toMatchObject(same)
  })

  it('are made many at once with one who is no user yet', async () => {
    const members_with_roles = people(1)
    const made = await Promise.all(
      Array.from({ length: 10 }, () =>
        gate().get('/team/new', { team_alias: 'my-new-team', members_with_roles }),
      ),
    )
    expect(new Set(made.map(({ team_id }) => team_id)).size).toBe(10)
    const [team] = made
    const [first] = (team?.['members_with_roles'] ?? []) as { user_id: string }[]
    const { teams } = await gate().get(`/user/info?user_id=${String(first?.user_id)}`)
    expect(teams).toHaveLength(10)
  })

  it('take people by their address', async () => {
    const email = `krrish-${crypto.randomUUID()}@example.com`
    const user = await gate().get('/user/new', { user_email: email })
    const team = await gate().get('/team/new', {})
    const members = [
      { role: 'user', user_email: email },
      { role: 'user', user_email: `new-${email}` },
    ]
    await gate().get('/team/member_add', { team_id: team['team_id'], member: members })
    const { teams } = await gate().get(`/user/info?user_id=${String(user['user_id'])}`)
    expect(teams).toMatchObject([{ team_id: team['team_id'] }])
    const deleted = await gate().get('/team/member_delete', { team_id: team['team_id'], user_email: email })
    expect(deleted['members_with_roles']).toMatchObject([
      { user_id: 'default_user_id', role: 'admin' },
      { user_email: `new-${email}` },
    ])
  })

  it('take everyone who is a user, however many, and pass by the one that is everybody', async () => {
    await gate().get('/user/update', { user_id: 'litellm-proxy-budget', spend: 0 })
    const row = { email: null, role: 'internal_user', sso_user_id: null, data: {} }
    const made = { created_ms: 1, created_by: null, updated_ms: 1, updated_by: null, version: 1 }
    for (let count = 0; count <= 500; count++)
      await resourceTable('users').insert(gate().database.kysely, { ...row, ...made, id: `of-many-${count}` })
    const { team_id } = await gate().get('/team/new', {
      members_with_roles: [{ role: 'admin', user_id: 'of-many-7' }],
    })
    const added = await gate().get('/team/bulk_member_add', { team_id, all_users: true })
    const results = added['results'] as { user_id: string; success: boolean }[]
    const failed = results.filter(({ success }) => !success).map(({ user_id: id }) => id)
    expect(failed.toSorted()).toEqual(['default_user_id', 'of-many-7'])
    expect(added['successful_additions']).toBe(results.length - 2)
    expect(results.length).toBeGreaterThan(501)
    expect(results.map(({ user_id: id }) => id)).not.toContain('litellm-proxy-budget')
  })

  it('show members what they are in them', async () => {
    const user_id = crypto.randomUUID()
    const { key } = await gate().get('/user/new', { user_id })
    const { team_id } = await gate().get('/team/new', { team_alias: 'mine', team_member_rpm_limit: 5 })
    const asking = { key: String(key) }
    const path = `/team/${String(team_id)}/members/me`
    expect((await gate().ask(path, undefined, asking)).status).toBe(404)
    const member = { user_id, role: 'user' }
    await gate().get('/team/member_add', { team_id, member, max_budget_in_team: 3 })
    expect(await gate().get(path, undefined, asking)).toMatchObject({
      user_id,
      team_id,
      team_alias: 'mine',
      role: 'user',
      spend: 0,
      litellm_budget_table: { max_budget: 3, rpm_limit: 5 },
    })
  })

  it('go with their keys and memberships', async () => {
    const user_id = crypto.randomUUID()
    await gate().get('/user/new', { user_id })
    const { team_id } = await gate().get('/team/new', { members_with_roles: [{ role: 'user', user_id }] })
    const { key } = await gate().get('/key/generate', { team_id })
    expect(
      await gate().get(`/team/info?team_id=${String(team_id)}`, undefined, { key: String(key) }),
    ).toMatchObject({
      keys: [{ team_id }],
    })
    expect(await gate().get('/team/delete', { team_ids: [team_id] })).toEqual({ deleted_teams: [team_id] })
    expect((await gate().get(`/user/info?user_id=${user_id}`))['teams']).toEqual([])
    expect((await gate().ask(`/team/info?team_id=${String(team_id)}`)).status).toBe(404)
    expect((await gate().ask(`/key/info?key=${String(key)}`)).status).toBe(404)
  })

  it('keep what a member may spend', async () => {
    const { team_id } = await gate().get('/team/new', {})
    const user_id = crypto.randomUUID()
    const { key } = await gate().get('/user/new', { user_id, team_id, max_budget: 10, models: ['fake'] })
    expect((await gate().get(`/key/info?key=${String(key)}`))['info']).toMatchObject({
      team_id,
      max_budget: null,
    })
    const updated = await gate().get('/team/member_update', { team_id, user_id, max_budget_in_team: 1e-7 })
    expect(updated).toMatchObject({ team_id, user_id, max_budget_in_team: 1e-7 })
    const { teams } = await gate().get(`/user/info?user_id=${user_id}`)
    expect(teams).toMatchObject([
      { team_id, team_memberships: [{ spend: 0, litellm_budget_table: { max_budget: 1e-7 } }] },
    ])
  })

  it.each<[string, object, number, string, RegExp]>([
    [
      '/team/member_add',
      { member: { role: 'user', user_id: 'twice' } },
      400,
      'team_member_already_in_team',
      /already/,
    ],
    ['/team/member_delete', { user_id: 'nobody' }, 400, 'bad_request_error', /not found in team/],
    ['/team/member_update', { user_id: 'nobody' }, 400, 'bad_request_error', /not found in team/],
    ['/team/new', {}, 400, 'bad_request_error', /already exists/],
    ['/team/update', { team_id: 'none' }, 404, 'not_found_error', /Team not found/],
    ['/team/update', { max_budget: -1 }, 422, 'validation_error', /negative/],
    ['/team/update', { budget_duration: 'sometimes' }, 422, 'validation_error', /30d/],
    ['/team/update', { organization_id: 'none' }, 400, 'bad_request_error', /Organization not found/],
    [
      '/team/member_add',
      { team_id: 'none', member: { role: 'user', user_id: 'a' } },
      404,
      'not_found_error',
      /Team/,
    ],
    ['/team/member_add', { member: { role: 'owner', user_id: 'a' } }, 422, 'validation_error', /member/],
  ])('%s refuses %j', async (path, body, status, type, message) => {
    const team_id = `refusing-${path}-${JSON.stringify(body).length}`
    await gate().ask('/team/new', { team_id, members_with_roles: [{ role: 'user', user_id: 'twice' }] })
    const answer = await gate().ask(path, { team_id, ...body })
    expect(answer).toMatchObject({ status, body: { error: { type, code: String(status) } } })
    expect(JSON.stringify(answer.body)).toMatch(message)
  })

  it('are listed', async () => {
    const alias = `listed-${crypto.randomUUID()}`
    await gate().get('/team/new', { team_alias: alias })
    expect(await gate().get(`/v2/team/list?team_alias=${alias.toUpperCase()}`)).toMatchObject({
      teams: [{ team_alias: alias }],
      total: 1,
      page: 1,
      page_size: 10,
      total_pages: 1,
    })
    expect(await gate().get('/team/list')).toContainEqual(
      expect.objectContaining({ team_alias: alias, keys: [], team_memberships: [expect.anything()] }),
    )
  })

  it('have models added and taken away, and are blocked', async () => {
    const { team_id } = await gate().get('/team/new', { models: ['a'] })
    expect(await gate().get('/team/model/add', { team_id, models: ['b', 'a'] })).toMatchObject({
      models: ['a', 'b'],
    })
    expect(await gate().get('/team/model/delete', { team_id, models: ['a'] })).toMatchObject({
      models: ['b'],
    })
    expect(await gate().get('/team/block', { team_id })).toMatchObject({ blocked: true })
    expect(await gate().get('/team/unblock', { team_id })).toMatchObject({ blocked: false })
    expect(gate().heard).toContainEqual({ kind: 'team', id: team_id })
  })

  it('take many people at once and say who could not come', async () => {
    const { team_id } = await gate().get('/team/new', {})
    const [one] = people(1)
    const answer = await gate().get('/team/bulk_member_add', { team_id, members: [one, one, ...people(1)] })
    expect(answer).toMatchObject({ total_requested: 3, successful_additions: 2, failed_additions: 1 })
  })
})

describeOnBoth('what members of a team may do with its keys', (gate) => {
  const cases: readonly [permissions: string[] | undefined, allowed: string[]][] = [
    [undefined, []],
    [
      ['/key/update', '/key/delete', '/key/info'],
      ['update', 'delete'],
    ],
    [['/key/generate'], ['generate']],
    [['/key/regenerate'], ['regenerate']],
  ]
  it.each(cases)('%j', async (team_member_permissions, allowed) => {
    const { team_id } = await gate().get('/team/new', { team_member_permissions })
    const { user_id } = await gate().get('/user/new', { team_id })
    const { key } = await gate().get('/key/generate', { user_id })
    const as = { key: String(key) }
    const ofTeam = async (): Promise<unknown> => (await gate().get('/key/generate', { team_id }))['key']
    const calls: Readonly<Record<string, () => Promise<[string, object]>>> = {
      generate: async () => ['/key/generate', { team_id }],
      update: async () => ['/key/update', { key: await ofTeam(), metadata: { updated: true } }],
      delete: async () => ['/key/delete', { keys: [await ofTeam()] }],
      regenerate: async () => ['/key/regenerate', { key: await ofTeam() }],
    }
    for (const [name, call] of Object.entries(calls)) {
      const answer = await gate().ask(...(await call()), as)
      if (allowed.includes(name)) expect(answer, name).toMatchObject({ status: 200 })
      else
        expect(answer, name).toMatchObject({
          status: 401,
          body: { error: { type: 'team_member_permission_error' } },
        })
    }
    const moving = { key: await ofTeam(), team_id: 'ATTACKER_TEAM_ID' }
    expect((await gate().ask('/key/update', moving, as)).status).toBe(allowed.includes('update') ? 403 : 401)
    const info = await gate().ask(`/key/info?key=${String(await ofTeam())}`, undefined, as)
    expect(info.status).toBe((team_member_permissions?.includes('/key/info') ?? true) ? 200 : 403)
  })

  it('is all of it for admins of the team', async () => {
    const { team_id } = await gate().get('/team/new', {})
    const { user_id, key } = await gate().get('/user/new', {})
    await gate().get('/team/member_add', { team_id, member: { role: 'admin', user_id } })
    const as = { key: String(key) }
    const made = await gate().get('/key/generate', { team_id }, as)
    await gate().get('/key/update', { key: made['key'], max_budget: 3 }, as)
    await gate().get('/team/permissions_update', { team_id, team_member_permissions: ['/key/list'] }, as)
    expect(
      await gate().get(`/team/permissions_list?team_id=${String(team_id)}`, undefined, as),
    ).toMatchObject({
      team_member_permissions: ['/key/list'],
    })
    // What the team gets is not theirs to decide.
    await gate().get('/team/update', { team_id, max_budget: 5 })
    expect(await gate().ask('/team/update', { team_id, max_budget: 6 }, as)).toMatchObject({
      status: 403,
      body: { error: { type: 'permission_exceeds_granter' } },
    })
    for (const fields of [{ spend: 0 }, { max_budget: null }])
      expect((await gate().ask('/team/update', { team_id, ...fields }, as)).status).toBe(403)
    expect((await gate().ask('/team/block', { team_id }, as)).status).toBe(403)
    await gate().get('/team/update', { team_id, max_budget: 4 }, as)
  })
})
