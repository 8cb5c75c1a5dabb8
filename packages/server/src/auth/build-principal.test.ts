import { describe, expect, test } from 'vitest'
import { scopeName } from '../policy/scope.ts'
import type {
  KeyData,
  LimitData,
  OrganizationData,
  OrganizationMemberData,
  TeamData,
  TeamMemberData,
  UserData,
} from '../store/data.ts'
import { buildPrincipal, refusalOf } from './build-principal.ts'
import type { Resource } from '../store/tables/resources.ts'
import type { PrincipalRows } from './principal-rows.ts'
import type { Principal } from './principal.ts'

const NOW_MS = Date.UTC(2026, 10, 27)
const MADE_MS = 1_000

interface Given {
  key?: KeyData
  columns?: Partial<Resource<'keys'>>
  user?: UserData & { role?: string }
  team?: TeamData
  member?: TeamMemberData
  organization?: OrganizationData
  organizationMember?: OrganizationMemberData
  budget?: LimitData
  memberships?: PrincipalRows['memberships']
  global?: LimitData
  everybody?: UserData
  legacy?: boolean
}

function rowsOf(given: Given): PrincipalRows {
  const { key, columns, user, team, member, organization, budget } = given
  const row = (id: string, createdMs: number) => ({
    id,
    created_ms: createdMs,
    created_by: null,
    updated_ms: createdMs,
    updated_by: null,
    version: 1,
  })
  return {
    key: key && {
      ...row('hash', MADE_MS),
      alias: null,
      user_id: user === undefined ? null : 'u',
      team_id: team === undefined ? null : 't',
      organization_id: null,
      budget_id: budget === undefined ? null : 'b',
      expires_ms: null,
      data: key,
      ...columns,
    },
    everybody: given.everybody && {
      ...row('litellm-proxy-budget', 9),
      email: null,
      role: 'internal_user',
      sso_user_id: null,
      data: given.everybody,
    },
    userId: columns?.user_id ?? (user === undefined ? undefined : 'u'),
    user: user && {
      ...row('u', 2),
      email: 'u@x',
      role: user.role ?? 'internal_user',
      sso_user_id: null,
      data: user,
    },
    team: team && {
      ...row('t', 3),
      alias: 'Team',
      organization_id: organization === undefined ? null : 'o',
      data: team,
    },
    teamMember: member && { groupId: 't', userId: 'u', role: 'user', createdMs: 4, data: member },
    organization: organization && { ...row('o', 5), alias: null, budget_id: null, data: organization },
    organizationMember: given.organizationMember && {
      groupId: 'o',
      userId: 'u',
      role: 'internal_user',
      createdMs: 6,
      data: given.organizationMember,
    },
    budgets: new Map(budget === undefined ? [] : [['b', budget]]),
    memberships: given.memberships ?? [],
    adminOfOrganizations: [],
  }
}

function settingsOf({ global = {}, legacy = false }: Given) {
  return { global, statusProfile: legacy ? 'legacy' : 'current' } as const
}

function build(given: Given): Principal {
  return buildPrincipal(rowsOf(given), 'key', settingsOf(given), NOW_MS)
}

/** Everything that a scope limits, in few words. */
function told(principal: Principal, name: string): string | undefined {
  const limits = principal.limits.find(({ scope }) => scopeName(scope) === name)
  if (limits === undefined) return undefined
  const budgets = limits.budgets.map(({ maxPicoUsd, softPicoUsd, duration, sinceMs }) =>
    [
      maxPicoUsd === undefined ? 'counted' : `$${Number(maxPicoUsd) / 1e12}`,
      ...(softPicoUsd === undefined ? [] : [`soft $${Number(softPicoUsd) / 1e12}`]),
      ...(duration === undefined ? [] : [`per ${duration}`]),
      ...(sinceMs === undefined ? [] : [`since ${sinceMs}`]),
    ].join(' '),
  )
  const rates = Object.entries({
    rpm: limits.rpm,
    tpm: limits.tpm,
    parallel: limits.maxParallelRequests,
  }).flatMap(([unit, max]) => (max === undefined ? [] : [`${max} ${unit}`]))
  return [...budgets, ...rates].join(', ')
}

describe('what each scope may spend', () => {
  test.each<[string, Given, string, string | undefined]>([
    ['a key without limits is counted', { key: {} }, 'key:hash', 'counted since 1000'],
    ['a budget for ever', { key: { max_budget: 0.0001 } }, 'key:hash', '$0.0001 since 1000'],
    ['a budget of nothing', { key: { max_budget: 0 } }, 'key:hash', '$0 since 1000'],
    [
      'its own window, soft limit, rates',
      {
        key: {
          max_budget: 10,
          soft_budget: 5,
          budget_duration: '30d',
          rpm_limit: 6,
          tpm_limit: 7,
          max_parallel_requests: 8,
        },
      },
      'key:hash',
      '$10 soft $5 per 30d since 1000, 6 rpm, 7 tpm, 8 parallel',
    ],
    ['since its spend was reset', { key: { max_budget: 1, budget_since_ms: 77 } }, 'key:hash', '$1 since 77'],
    [
      'several windows',
      {
        key: {
          budget_limits: [
            { budget_duration: '24h', max_budget: 10 },
            { budget_duration: '30d', max_budget: 100 },
          ],
        },
      },
      'key:hash',
      'counted since 1000, $10 per 24h since 1000, $100 per 30d since 1000',
    ],
    [
      'a budget that it names fills what it leaves out',
      { key: { rpm_limit: 1 }, budget: { max_budget: 3, budget_duration: '1d', rpm_limit: 9, tpm_limit: 9 } },
      'key:hash',
      '$3 per 1d since 1000, 1 rpm, 9 tpm',
    ],
    [
      'a limit of its own does not take the duration of the budget',
      { key: { max_budget: 1 }, budget: { max_budget: 3, budget_duration: '1d' } },
      'key:hash',
      '$1 since 1000',
    ],
    [
      'more for a time',
      { key: { max_budget: 0.1, temp_budget_increase: 0.2, temp_budget_expiry: '2026-11-28' } },
      'key:hash',
      '$0.3 since 1000',
    ],
    [
      'and not longer',
      { key: { max_budget: 0.1, temp_budget_increase: 0.2, temp_budget_expiry: '2026-11-27' } },
      'key:hash',
      '$0.1 since 1000',
    ],
    ['a rotated key goes on', { key: { scope_id: 'first', max_budget: 1 } }, 'key:first', '$1 since 1000'],
    ['the user', { key: {}, user: { max_budget: 2, rpm_limit: 3 } }, 'user:u', '$2 since 2, 3 rpm'],
    [
      'the user in a team’s work: counted, and only the rates hold',
      { key: {}, user: { max_budget: 2, budget_duration: '1d', rpm_limit: 3 }, team: {} },
      'user:u',
      'counted per 1d since 2, 3 rpm',
    ],
    ['a user whom nobody made yet', { key: {}, columns: { user_id: 'new' } }, 'user:new', 'counted'],
    ['the team', { key: {}, team: { max_budget: 4 } }, 'team:t', '$4 since 3'],
    [
      'the member in the team',
      { key: {}, user: {}, team: {}, member: { max_budget: 0.5, budget_duration: '1mo' } },
      'team_member:t/u',
      '$0.5 per 1mo since 4',
    ],
    [
      'a member without limits has the team’s for all',
      { key: {}, user: {}, team: { team_member_budget: 0.25, team_member_rpm_limit: 2 }, member: {} },
      'team_member:t/u',
      '$0.25 since 4, 2 rpm',
    ],
    ['a team’s key of nobody', { key: {}, team: {} }, 'team_member:t/u', undefined],
    [
      'the organization of the team',
      { key: {}, team: {}, organization: { max_budget: 9 } },
      'organization:o',
      '$9 since 5',
    ],
    [
      'the member in the organization',
      { key: {}, user: {}, organization: {}, organizationMember: { max_budget: 0.75 } },
      'organization_member:o/u',
      '$0.75 since 6',
    ],
    [
      'a member of the organization whose spend was reset',
      { key: {}, user: {}, organization: {}, organizationMember: { max_budget: 1, budget_since_ms: 88 } },
      'organization_member:o/u',
      '$1 since 88',
    ],
    [
      'a member without a budget is counted',
      { key: {}, user: {}, team: {}, organization: {}, organizationMember: {} },
      'organization_member:o/u',
      'counted since 6',
    ],
    [
      'everybody together',
      { key: {}, global: { max_budget: 100, budget_duration: '30d' } },
      'global:',
      '$100 per 30d',
    ],
    [
      'everybody, as an administrator has set it since',
      {
        key: {},
        global: { max_budget: 100, budget_duration: '30d' },
        everybody: { max_budget: 7, soft_budget: null, budget_since_ms: 99 },
      },
      'global:',
      '$7 per 30d since 99',
    ],
    ['an agent is counted', { key: { agent_id: 'a' } }, 'agent:a', 'counted'],
  ])('%s', (_name, given, scope, expected) => {
    expect(told(build(given), scope)).toBe(expected)
  })

  test('from the widest to the narrowest', () => {
    const { limits } = build({
      key: { agent_id: 'a' },
      user: {},
      team: {},
      organization: {},
      organizationMember: {},
    })
    expect(limits.map(({ scope }) => scope.kind)).toEqual([
      'global',
      'organization',
      'organization_member',
      'team',
      'user',
      'team_member',
      'agent',
      'key',
    ])
  })
})

describe('limits for one model', () => {
  const modelScopes = (given: Given, model: string) =>
    (build(given).modelLimits[model] ?? []).map(({ scope, budgets, rpm, tpm }) => [
      scopeName(scope),
      budgets.map(({ maxPicoUsd, duration }) => `${maxPicoUsd} per ${duration}`).join(),
      rpm,
      tpm,
    ])

  test.each<[string, Given, string, unknown[]]>([
    ['none', { key: {} }, 'm', []],
    ['an ordinary word is no model', { key: {} }, 'constructor', []],
    [
      'a budget in one spelling',
      { key: { model_max_budget: { m: { max_budget: 1, budget_duration: '1d' } } } },
      'm',
      [['key_model:hash/m', '1000000000000 per 1d', undefined, undefined]],
    ],
    [
      'in the other, with rates',
      {
        key: { model_max_budget: { m: { budget_limit: 1, time_period: '1d', rpm_limit: 5, tpm_limit: 6 } } },
      },
      'm',
      [['key_model:hash/m', '1000000000000 per 1d', 5, 6]],
    ],
    [
      'rates win over those of the budget',
      {
        key: {
          model_max_budget: { m: { rpm_limit: 5 } },
          model_rpm_limit: { m: 1 },
          model_tpm_limit: { m: 2 },
        },
      },
      'm',
      [['key_model:hash/m', '', 1, 2]],
    ],
    [
      'models that share a budget',
      { key: { model_max_budget: { all: { max_budget: 1, budget_duration: '1d', models: ['m', 'n'] } } } },
      'n',
      [['key_model:hash/all', '1000000000000 per 1d', undefined, undefined]],
    ],
    [
      'of everybody it belongs to',
      {
        key: { model_rpm_limit: { m: 1 } },
        user: { model_rpm_limit: { m: 2 } },
        team: { model_rpm_limit: { m: 3 } },
        organization: { model_rpm_limit: { m: 4 } },
      },
      'm',
      [
        ['organization_model:o/m', '', 4, undefined],
        ['team_model:t/m', '', 3, undefined],
        ['key_model:hash/m', '', 1, undefined],
      ],
    ],
    [
      'of the user, for a key without a team',
      { key: {}, user: { model_rpm_limit: { m: 2 } } },
      'm',
      [['user_model:u/m', '', 2, undefined]],
    ],
  ])('%s', (_name, given, model, expected) => {
    expect(modelScopes(given, model)).toEqual(expected)
  })
})

test.each<[string, Given, string, unknown]>([
  ['none', { key: {} }, 'x', undefined],
  ['an ordinary word is no tag', { key: {} }, 'constructor', undefined],
  ['requests', { key: { tag_rpm_limit: { x: 5 } } }, 'x', ['key_tag:hash/x', 5, undefined]],
  ['tokens', { key: { tag_tpm_limit: { x: 6 } } }, 'x', ['key_tag:hash/x', undefined, 6]],
  [
    'both, of a rotated key',
    { key: { scope_id: 'first', tag_rpm_limit: { x: 5, y: 1 }, tag_tpm_limit: { x: 6 } } },
    'x',
    ['key_tag:first/x', 5, 6],
  ],
])('limits for one tag: %s', (_name, given, tag, expected) => {
  const limits = build(given).tagLimits[tag]
  expect(limits && [scopeName(limits.scope), limits.rpm, limits.tpm]).toEqual(expected)
})

describe('which models', () => {
  test.each<[string, Given, Record<string, readonly string[]>]>([
    ['all', { key: {}, user: {}, team: {} }, {}],
    ['the key’s own', { key: { models: ['a'] } }, { key: ['a'] }],
    [
      'a personal key: the user’s too',
      { key: { models: ['a'] }, user: { models: ['b'] } },
      { user: ['b'], key: ['a'] },
    ],
    [
      'a team’s key: the team’s, not the user’s',
      { key: { models: ['a'] }, user: { models: ['b'] }, team: { models: ['c'] } },
      { team: ['c'], key: ['a'] },
    ],
    [
      'all of the team’s',
      { key: { models: ['all-team-models'] }, team: { models: ['c'] }, organization: { models: ['d'] } },
      { org: ['d'], team: ['c'] },
    ],
    [
      'the member’s',
      { key: {}, user: {}, team: { default_team_member_models: ['x'] }, member: { allowed_models: ['y'] } },
      { team_member: ['y'] },
    ],
    [
      'those of members without a list',
      { key: {}, user: {}, team: { default_team_member_models: ['x'] } },
      { team_member: ['x'] },
    ],
  ])('%s', (_name, given, expected) => {
    expect(Object.fromEntries(build(given).modelLists.map(({ of, models }) => [of, models]))).toEqual(
      expected,
    )
  })
})

describe('who it is', () => {
  test('names for models are those of its settings, too', () => {
    const { aliases } = build({
      key: {
        router_settings: {
          model_group_alias: { fast: 'b', hidden: { model: 'h', hidden: true }, list: ['x'] },
        },
      },
      team: {
        model_aliases: { fast: 'a' },
        router_settings: { model_group_alias: { fast: 't', slow: 'c' } },
      },
    })
    expect(aliases).toEqual({ fast: 'b', hidden: 'h', slow: 'c' })
  })

  test('everything that is said about the request', () => {
    const principal = build({
      key: {
        key_name: 'sk-...abcd',
        metadata: { tags: ['k'], job: 'x', enforced_params: ['user'] },
        aliases: { fast: 'b' },
        allowed_routes: ['llm_api_routes'],
        allowed_ips: ['10.0.0.1'],
      },
      columns: { alias: 'mine', expires_ms: NOW_MS + 1 },
      user: {},
      team: { model_aliases: { fast: 'a', slow: 'c' }, tags: ['t', 'k'] },
      organization: {},
    })
    expect(principal).toMatchObject({
      type: 'key',
      role: 'internal_user',
      keyHash: 'hash',
      keyAlias: 'mine',
      keyName: 'sk-...abcd',
      userId: 'u',
      userEmail: 'u@x',
      teamId: 't',
      teamAlias: 'Team',
      organizationId: 'o',
      aliases: { fast: 'b', slow: 'c' },
      allowedRoutes: ['llm_api_routes'],
      allowedIps: ['10.0.0.1'],
      tags: ['t', 'k'],
      enforcedParams: ['user'],
      expiresMs: NOW_MS + 1,
    })
    expect(Object.isFrozen(principal)).toBe(true)
  })

  test.each([
    ['proxy_admin', 'proxy_admin'],
    ['internal_user_viewer', 'internal_user_viewer'],
    ['team', 'key'],
    ['root', 'key'],
  ])('the role %s counts as %s', (role, expected) => {
    expect(build({ key: {}, user: { role } }).role).toBe(expected)
  })

  test('a key of nobody has the least role', () => {
    expect(build({ key: {} }).role).toBe('key')
  })

  test('the teams they are in', () => {
    const { adminOfTeams, memberOfTeams, teamPermissions } = build({
      key: {},
      user: {},
      memberships: [
        { teamId: 'a', role: 'admin' },
        { teamId: 'b', role: 'user', permissions: ['/key/generate'] },
      ],
    })
    expect(adminOfTeams).toEqual(['a'])
    expect(memberOfTeams).toEqual(['a', 'b'])
    expect(teamPermissions).toEqual({ a: ['/key/info', '/key/health'], b: ['/key/generate'] })
  })
})

test.each<[string, Given, string | undefined]>([
  ['a good key', { key: {} }, undefined],
  ['a blocked key', { key: { blocked: true } }, '401 key_blocked auth_error'],
  ['an unblocked one', { key: { blocked: null } }, undefined],
  ['an expired key', { key: {}, columns: { expires_ms: NOW_MS } }, '401 key_expired expired_key'],
  [
    'in LiteLLM’s older words',
    { key: {}, columns: { expires_ms: 1 }, legacy: true },
    '400 key_expired expired_key',
  ],
  ['one that expires later', { key: {}, columns: { expires_ms: NOW_MS + 1 } }, undefined],
  ['the key of a blocked team', { key: {}, team: { blocked: true } }, '401 team_blocked auth_error'],
  [
    'the key of a deleted team',
    { key: {}, columns: { team_id: 'gone' } },
    '401 invalid_api_key token_not_found_in_db',
  ],
  ['a session of the dashboard', { key: {}, columns: { team_id: 'litellm-dashboard' } }, undefined],
])('%s is let in or not', (_name, given, expected) => {
  const refusal = refusalOf(rowsOf(given), settingsOf(given), NOW_MS)?.()
  expect(refusal && `${refusal.status} ${refusal.reason} ${refusal.type}`).toBe(expected)
})
