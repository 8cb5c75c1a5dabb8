import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../store/database.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { loadKey } from './load-principal.ts'

const NOW_MS = 1_000_000
const SETTINGS = { global: {}, statusProfile: 'current' } as const

describe.each(testDatabases)('callers in $dialect', ({ open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    await fill(database)
  })

  async function load(hash: string): Promise<string> {
    const { value: result } = await loadKey(database.kysely, hash, SETTINGS, () => NOW_MS)
    if (typeof result === 'function') return String(result().reason)
    const { keyHash, role, userId, teamId, organizationId } = result
    return [keyHash, role, userId, teamId, organizationId].join(' ')
  }

  test.each([
    ['a key of nobody', 'alone', 'alone key   '],
    ['a key of a user', 'personal', 'personal internal_user u  '],
    ['a key of a team', 'shared', 'shared internal_user u t o'],
    ['an unknown key', 'nobody', 'invalid_api_key'],
    ['a hash that is none', "' OR 1=1--", 'invalid_api_key'],
    ['an expired key', 'late', 'key_expired'],
    ['a key of a team that is gone', 'orphan', 'invalid_api_key'],
    ['a key that was replaced', 'old', 'newest internal_user u  '],
    ['one whose time after that is up', 'ended', 'key_expired'],
    ['one that leads in a circle', 'circle', 'invalid_api_key'],
  ])('%s', async (_name, hash, expected) => {
    expect(await load(hash)).toBe(expected)
  })

  test('everything it is made from is told', async () => {
    const { dependsOn, value: result } = await loadKey(database.kysely, 'shared', SETTINGS, () => NOW_MS)
    expect([...dependsOn].toSorted()).toEqual([
      'budget:b',
      'key:shared',
      'organization:o',
      'team:second',
      'team:t',
      'user:litellm-proxy-budget',
      'user:u',
    ])
    expect(result).toMatchObject({
      adminOfTeams: ['second'],
      memberOfTeams: ['t', 'second'],
      adminOfOrganizations: ['o'],
      teamPermissions: { t: ['/key/generate'], second: ['/key/info', '/key/health'] },
      modelLists: [{ of: 'team_member', models: ['m'] }],
    })
    const limits = typeof result === 'function' ? [] : result.limits
    expect(limits.map(({ scope, rpm }) => [scope.kind, rpm])).toEqual([
      ['global', undefined],
      ['organization', 9],
      ['organization_member', undefined],
      ['team', undefined],
      ['user', undefined],
      ['team_member', undefined],
      ['key', undefined],
    ])
  })

  test('the successor’s time counts where it is shorter', async () => {
    const { value: result } = await loadKey(database.kysely, 'old', SETTINGS, () => NOW_MS)
    expect(result).toMatchObject({ expiresMs: NOW_MS + 5 })
  })
})

async function fill({ kysely }: Database): Promise<void> {
  const row = (id: string, data: object = {}) => ({
    id,
    data: JSON.stringify(data),
    created_ms: 1,
    created_by: null,
    updated_ms: 1,
    updated_by: null,
    version: 1,
  })
  const key = (id: string, columns: object = {}, data: object = {}) => ({
    ...row(id, data),
    alias: null,
    user_id: null,
    team_id: null,
    organization_id: null,
    budget_id: null,
    expires_ms: null,
    ...columns,
  })
  await kysely
    .insertInto('keys')
    .values([
      key('alone'),
      key('personal', { user_id: 'u' }),
      key('shared', { user_id: 'u', team_id: 't' }),
      key('late', { expires_ms: NOW_MS }),
      key('orphan', { team_id: 'gone' }),
      key('old', { expires_ms: NOW_MS + 5 }, { replaced_by: 'newer' }),
      key('newer', { expires_ms: NOW_MS + 9 }, { replaced_by: 'newest' }),
      key('newest', { user_id: 'u' }),
      key('ended', { expires_ms: NOW_MS }, { replaced_by: 'newest' }),
      key('circle', {}, { replaced_by: 'circle' }),
    ])
    .execute()
  await kysely
    .insertInto('users')
    .values({ ...row('u'), email: 'u@x', role: 'internal_user', sso_user_id: null })
    .execute()
  await kysely
    .insertInto('teams')
    .values([
      { ...row('t', { team_member_permissions: ['/key/generate'] }), alias: 'T', organization_id: 'o' },
      { ...row('second'), alias: null, organization_id: null },
    ])
    .execute()
  const member = (team: string, role: string, data: object = {}) => ({
    team_id: team,
    user_id: 'u',
    role,
    data: JSON.stringify(data),
    created_ms: team === 't' ? 1 : 2,
  })
  await kysely
    .insertInto('team_members')
    .values([member('t', 'user', { allowed_models: ['m'] }), member('second', 'admin')])
    .execute()
  await kysely
    .insertInto('organizations')
    .values({ ...row('o'), alias: 'O', budget_id: 'b' })
    .execute()
  await kysely
    .insertInto('organization_members')
    .values({ organization_id: 'o', user_id: 'u', role: 'org_admin', data: '{}', created_ms: 1 })
    .execute()
  await kysely
    .insertInto('budgets')
    .values(row('b', { rpm_limit: 9 }))
    .execute()
}
