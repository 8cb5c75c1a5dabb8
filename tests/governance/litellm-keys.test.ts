import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { at, describeProxy } from './support/litellm-proxy.ts'

describeProxy('keys', (proxy) => {
  it('are shown once, and known by their SHA-256 afterwards', async () => {
    const made = await proxy.ask('/key/generate', { models: ['house'], key_alias: 'shown-once' })
    const key = String(made['key'])
    const hash = createHash('sha256').update(key).digest('hex')
    expect(made).toMatchObject({
      key: expect.stringMatching(/^sk-/),
      token: hash,
      key_name: `sk-...${key.slice(-4)}`,
      key_alias: 'shown-once',
      models: ['house'],
      spend: 0,
    })
    for (const name of [key, hash])
      expect(await proxy.ask(`/key/info?key=${name}`)).toMatchObject({
        info: { key_alias: 'shown-once', models: ['house'] },
      })
    expect(JSON.stringify(await proxy.ask(`/key/info?key=${hash}`))).not.toContain(key.slice(8))
  })

  it('may be looked at by themselves and administrators, not by other keys', async () => {
    const [key, other] = [await proxy.newKey(), await proxy.newKey()]
    const looks: readonly [path: string, by: string | undefined, status: number][] = [
      [`/key/info?key=${key}`, undefined, 200],
      [`/key/info?key=${key}`, key, 200],
      ['/key/info', key, 200],
      [`/key/info?key=${key}`, other, 403],
      ['/key/info?key=sk-nobody-has-this', undefined, 404],
      ['/key/info', 'sk-nobody-has-this', 401],
    ]
    for (const [path, by, status] of looks)
      expect([path, (await proxy.call(path, undefined, by)).status]).toEqual([path, status])
  })

  it('work with what an update gives them, from the next request on', async () => {
    const key = await proxy.newKey({ models: ['other'] })
    expect((await proxy.chat(key, 'house')).status).toBe(403)
    await proxy.ask('/key/update', { key, models: ['house'] })
    expect((await proxy.chat(key, 'house')).status).toBe(200)
  })

  it.each(['max_budget', 'rpm_limit', 'tpm_limit'])('lose a %s that is set to null', async (field) => {
    const key = await proxy.newKey({ max_budget: null, rpm_limit: null, tpm_limit: null })
    expect((await proxy.ask('/key/update', { key, [field]: 10 }))[field]).toBe(10)
    expect((await proxy.ask('/key/update', { key, [field]: null }))[field]).toBeNull()
  })

  it('stop to work when they are deleted, blocked or regenerated', async () => {
    const key = await proxy.newKey()
    await proxy.ask('/key/block', { key })
    expect((await proxy.chat(key, 'house')).status).toBe(401)
    await proxy.ask('/key/unblock', { key })
    expect((await proxy.chat(key, 'house')).status).toBe(200)
    const fresh = String((await proxy.ask('/key/regenerate', { key }))['key'])
    expect((await proxy.chat(key, 'house')).status).toBe(401)
    expect((await proxy.chat(fresh, 'house')).status).toBe(200)
    expect(await proxy.ask('/key/delete', { keys: [fresh] })).toMatchObject({
      deleted_keys: [expect.any(String)],
    })
    expect(await proxy.chat(fresh, 'house')).toMatchObject({
      status: 401,
      body: { error: { type: 'token_not_found_in_db', param: 'key' } },
    })
  })

  it('can be made in a crowd', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => proxy.newKey({ models: ['house'] })))
    expect(new Set(made).size).toBe(10)
  })

  it('begin a new window of their budget by themselves', async () => {
    const key = await proxy.newKey({ max_budget: 10, budget_duration: '1s' })
    const resetAt = async (): Promise<unknown> =>
      at(await proxy.ask('/key/info', undefined, key), 'info', 'budget_reset_at')
    const first = String(await resetAt())
    await expect.poll(resetAt, { timeout: 5_000 }).not.toBe(first)
  })

  it('know their own names for models', async () => {
    const key = await proxy.newKey({ aliases: { cheap: 'house' }, models: ['house'] })
    expect((await proxy.chat(key, 'cheap')).status).toBe(200)
  })

  it('are found in lists by their team and their user', async () => {
    const [team_id, user_id] = [await proxy.newTeam(), await proxy.newUser({ auto_create_key: false })]
    const token = String((await proxy.ask('/key/generate', { team_id, user_id }))['token'])
    for (const filter of [`team_id=${team_id}`, `user_id=${user_id}`])
      expect(await proxy.ask(`/key/list?${filter}`)).toMatchObject({ keys: [token], total_count: 1 })
  })
})

describeProxy('keys of people and teams', (proxy) => {
  interface Member {
    team: string
    teamKey: string
    /** A key of a member's own. */
    key: string
  }

  async function newMember(permissions?: readonly string[]): Promise<Member> {
    const team = await proxy.newTeam({ team_member_permissions: permissions ?? null })
    const user_id = await proxy.newUser({ team_id: team })
    return { team, teamKey: await proxy.newKey({ team_id: team }), key: await proxy.newKey({ user_id }) }
  }

  const VERBS = {
    '/key/generate': ({ team: team_id }: Member) => ({ team_id }),
    '/key/update': ({ team: team_id, teamKey: key }: Member) => ({ key, team_id, metadata: { seen: true } }),
    '/key/regenerate': ({ teamKey: key }: Member) => ({ key }),
    '/key/delete': ({ teamKey }: Member) => ({ keys: [teamKey] }),
  } as const
  type Verb = keyof typeof VERBS
  const verbs = Object.keys(VERBS) as Verb[]

  const trusts: readonly [what: string, permissions: readonly string[] | undefined, may: readonly Verb[]][] =
    [
      ['with nothing', undefined, []],
      ['to change and delete', ['/key/update', '/key/delete', '/key/info'], ['/key/update', '/key/delete']],
      ['to make', ['/key/generate'], ['/key/generate']],
    ]

  describe.each(trusts)('trusted %s', (_what, permissions, may) => {
    it.each(verbs)('%s', async (verb) => {
      const member = await newMember(permissions)
      const { status, body } = await proxy.call(verb, VERBS[verb](member), member.key)
      if (may.includes(verb)) expect(status).toBe(200)
      else
        expect([status, body]).toMatchObject([
          401,
          { error: { type: 'team_member_permission_error', code: '401' } },
        ])
    })
  })

  it('are seen by every member, and not moved to a team that nobody has', async () => {
    const { key, teamKey } = await newMember()
    expect((await proxy.call(`/key/info?key=${teamKey}`, undefined, key)).status).toBe(200)
    expect((await proxy.call('/key/update', { key: teamKey, team_id: 'of-somebody-else' }, key)).status).toBe(
      401,
    )
  })

  it('are made for users who exist', async () => {
    const { status, body } = await proxy.call('/key/generate', { user_id: 'never-made', team_id: 'no-team' })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(body).toHaveProperty('error.message')
  })
})
