import { createError } from '@switchyard/llm/kit'
import { beforeAll, describe, expect, test } from 'vitest'
import type { JwtSettings } from '../../config/index.ts'
import { createChanges } from '../../store/changes.ts'
import type { Change, Changes } from '../../store/changes.ts'
import type { Database } from '../../store/database.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import { testDatabases } from '../../store/testing/databases.ts'
import { invalidToken } from '../refusals.ts'
import { loadToken } from './load-token.ts'
import { createProvision } from './provision.ts'

const NOW_MS = 1_000_000
const SETTINGS: JwtSettings = {
  keyUrls: [],
  audiences: [],
  issuer: '',
  publicKeyTtlMs: 1,
  leewayS: 0,
  adminScope: 'admin',
  adminAllowedRoutes: ['management_routes'],
  teamAllowedRoutes: ['openai_routes'],
  teamIdUpsert: false,
  teamIdsField: 'teams',
  userIdField: 'sub',
  userEmailField: 'email',
  endUserIdField: 'customer',
  userIdUpsert: false,
  userAllowedRoles: [],
  roleMappings: [],
  enforceRbac: false,
  rolePermissions: {},
}
const SECTIONS = {
  litellm_settings: {
    default_internal_user_params: { user_role: 'internal_user_viewer', max_budget: 2, teams: ['x'] },
    default_team_params: { models: ['m'] },
  },
}

const row = (id: string) => ({
  id,
  created_ms: 1,
  created_by: null,
  updated_ms: 1,
  updated_by: null,
  version: 1,
})

describe.each(testDatabases)('tokens with $dialect', ({ open }) => {
  let database: Database
  let changes: Changes
  const heard: Change[] = []
  beforeAll(async () => {
    database = await open()
    const log = { warn: () => undefined, info: () => undefined }
    changes = await createChanges({ database, instance: 'one', log })
    changes.subscribe((change) => {
      if (change !== 'gap') heard.push(change)
    })
    const teams = resourceTable('teams')
    await teams.insert(database.kysely, { ...row('t'), alias: 'T', organization_id: null, data: {} })
    await teams.insert(database.kysely, {
      ...row('shut'),
      alias: null,
      organization_id: null,
      data: { blocked: true },
    })
    await teams.insert(database.kysely, { ...row('second'), alias: null, organization_id: null, data: {} })
    await resourceTable('users').insert(database.kysely, {
      ...row('u'),
      email: 'u@x.com',
      role: 'internal_user',
      sso_user_id: null,
      data: {},
    })
  })

  const load = async (claims: Record<string, unknown>, settings: Partial<JwtSettings> = {}) => {
    const { value, dependsOn } = await loadToken('a.b.c', {
      queries: database.kysely,
      verifier: { verify: () => Promise.resolve({ exp: 2_000, ...claims }) },
      jwt: { ...SETTINGS, ...settings },
      principals: { global: {}, statusProfile: 'current' },
      nowMs: () => NOW_MS,
      provision: createProvision({ sections: SECTIONS }, changes, () => NOW_MS),
    })
    return { value, dependsOn: [...dependsOn].toSorted().join(' ') }
  }

  const told = async (...parameters: Parameters<typeof load>): Promise<string> => {
    const { value } = await load(...parameters)
    if (typeof value === 'function') return `${value().status} ${value().reason}`
    const { role, userId, teamId, otherTeams = [], allowedRoutes, expiresMs } = value
    expect(expiresMs).toBe(2_000_000)
    return [
      role,
      userId ?? '-',
      [teamId ?? '-', ...otherTeams.map((other) => other.teamId)].join('+'),
      allowedRoutes?.join() ?? '',
    ].join(' ')
  }

  test.each<[string, Record<string, unknown>, string]>([
    ['a user', { sub: 'u' }, 'internal_user u - '],
    ['a user in a team', { sub: 'u', teams: ['t'] }, 'internal_user u t openai_routes'],
    ['several teams', { sub: 'u', teams: ['t', 'second'] }, 'internal_user u t+second openai_routes'],
    [
      'teams of which one is here',
      { sub: 'u', teams: ['gone', 'second'] },
      'internal_user u second openai_routes',
    ],
    ['teams of which one is shut', { sub: 'u', teams: ['shut', 't'] }, 'internal_user u t openai_routes'],
    ['a shut team', { sub: 'u', teams: ['shut'] }, '401 team_blocked'],
    ['teams that are not here', { sub: 'u', teams: ['gone'] }, '403 token_not_allowed'],
    ['a user nobody made', { sub: 'new' }, '403 token_not_allowed'],
    ['such a user, in a team', { sub: 'new', teams: ['t'] }, 'key new t openai_routes'],
    ['nobody', {}, '403 token_not_allowed'],
    ['the administrator', { scope: 'admin', sub: 'boss' }, 'proxy_admin boss - management_routes'],
  ])('of %s', async (_name, claims, expected) => {
    expect(await told(claims)).toBe(expected)
  })

  test('what the token itself says', async () => {
    const { value, dependsOn } = await load({ sub: 'u', email: 'other@x.com', customer: 'c', teams: ['t'] })
    expect(value).toMatchObject({ type: 'jwt', keyHash: '', userEmail: 'u@x.com', endUserId: 'c' })
    expect(dependsOn).toBe('team:t user:litellm-proxy-budget user:u')
  })

  test('that are not good', async () => {
    const { value } = await loadToken('a.b.c', {
      queries: database.kysely,
      verifier: { verify: () => Promise.reject(invalidToken('no.')) },
      jwt: SETTINGS,
      principals: { global: {}, statusProfile: 'current' },
      nowMs: () => NOW_MS,
      provision: () => Promise.resolve(),
    })
    expect(typeof value === 'function' && value().reason).toBe('invalid_token')
  })

  test.each([
    new Error('away'),
    createError({ code: 'bad_gateway', reason: 'upstream_address_forbidden', message: 'no' }),
  ])('whose keys cannot be had are not refused: %s', async (fault) => {
    const loading = loadToken('a.b.c', {
      queries: database.kysely,
      verifier: { verify: () => Promise.reject(fault) },
      jwt: SETTINGS,
      principals: { global: {}, statusProfile: 'current' },
      nowMs: () => NOW_MS,
      provision: () => Promise.resolve(),
    })
    await expect(loading).rejects.toBe(fault)
  })

  test('that make their user and their team, once, however many come at a time', async () => {
    const claims = { sub: 'fresh', email: 'Fresh@x.com', teams: ['made'] }
    const settings = { userIdUpsert: true, teamIdUpsert: true }
    const all = await Promise.all(Array.from({ length: 4 }, () => told(claims, settings)))
    expect(new Set(all)).toEqual(new Set(['internal_user_viewer fresh made openai_routes']))
    expect(heard).toEqual([
      { kind: 'user', id: 'fresh' },
      { kind: 'team', id: 'made' },
    ])
    expect(await resourceTable('users').get(database.kysely, 'fresh')).toMatchObject({
      email: 'fresh@x.com',
      created_by: 'jwt',
      data: { max_budget: 2 },
    })
    const team = await resourceTable('teams').get(database.kysely, 'made')
    expect(team?.data).toEqual({ models: ['m'] })
  })
})
