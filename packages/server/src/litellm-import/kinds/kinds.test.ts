import { describe, expect, it } from 'vitest'
import { Columns } from '../columns.ts'
import type { LitellmRow } from '../columns.ts'
import { UNREADABLE, UNSEALABLE } from '../secrets.ts'
import type { Secrets } from '../secrets.ts'
import { budgets } from './budgets.ts'
import { customers } from './customers.ts'
import { keys } from './keys.ts'
import { credentials } from './credentials.ts'
import type { AnyKind, Context } from './kind.ts'
import { models } from './models.ts'
import { organizations } from './organizations.ts'
import { rotatedKeys } from './rotated-keys.ts'
import { tags } from './tags.ts'
import { teams } from './teams.ts'
import { users } from './users.ts'

const NOW_MS = Date.UTC(2026, 10, 27)
const HASH = 'a'.repeat(64)

const secrets: Secrets = {
  decrypt: (value) => (value.startsWith('closed ') ? value.slice('closed '.length) : undefined),
  sealer: {
    seal: (text, { id }) => Promise.resolve(`sealed ${id} ${text}`),
    open: () => Promise.reject(new Error('nobody opens')),
  },
  canSeal: true,
}

const context: Context = {
  secrets,
  nowMs: NOW_MS,
  global: { max_budget: 100, budget_duration: '30d' },
  masterKeyHash: 'f'.repeat(64),
  budgets: new Map([
    ['b-member', { max_budget: 2, budget_duration: '7d', allowed_models: ['gpt'] }],
    ['b-all', { max_budget: 1, rpm_limit: 5 }],
  ]),
  endedBudgets: new Set(['b-ended']),
  objectPermissions: new Map([['o-1', { object_permission_id: 'o-1', mcp_servers: ['s'] }]]),
  modelAliases: new Map([['7', { id: 7, aliases: { fast: 'gpt' } }]]),
  teamMembers: new Map([['t-1', [{ user_id: 'u-1', team_id: 't-1', spend: 0.5, budget_id: 'b-member' }]]]),
  organizationMembers: new Map([
    ['org-1', [{ user_id: 'u-1', organization_id: 'org-1', user_role: 'org_admin', budget_id: 'b-all' }]],
  ]),
}

const stamps = {
  created_ms: Date.UTC(2025, 0, 2),
  created_by: 'u-1',
  updated_ms: Date.UTC(2025, 0, 3),
  updated_by: null,
  version: 1,
}
const stamped = { created_at: '2025-01-02T00:00:00', created_by: 'u-1', updated_at: '2025-01-03T00:00:00' }

async function mapped(kind: AnyKind, row: LitellmRow, more: Partial<Context> = {}): Promise<unknown> {
  return await kind.map(new Columns(row), { ...context, ...more })
}

describe('keys', async () => {
  it('keep their hash, their owners, their limits and what they spent', async () => {
    const row = {
      ...stamped,
      token: HASH,
      key_name: 'sk-...1234',
      key_alias: 'web',
      spend: 1.25,
      expires: '2027-01-01T00:00:00',
      models: ['gpt'],
      aliases: { fast: 'gpt' },
      user_id: 'u-1',
      team_id: 't-1',
      organization_id: null,
      budget_id: 'b-1',
      metadata: { owner: 'x', tags: ['prod'], model_rpm_limit: { gpt: 3 } },
      blocked: false,
      max_budget: 10,
      budget_duration: '30d',
      budget_reset_at: '2026-12-01T00:00:00',
      rpm_limit: 60,
      model_max_budget: { gpt: { budget_limit: 1, time_period: '1d' }, claude: 2 },
      budget_limits: [{ budget_duration: '24h', max_budget: 3, reset_at: '2026-11-28' }],
      object_permission_id: 'o-1',
    }
    expect(await mapped(keys, row)).toEqual({
      resource: {
        id: HASH,
        alias: 'web',
        user_id: 'u-1',
        team_id: 't-1',
        organization_id: null,
        budget_id: 'b-1',
        expires_ms: Date.UTC(2027, 0, 1),
        data: {
          key_name: 'sk-...1234',
          models: ['gpt'],
          aliases: { fast: 'gpt' },
          blocked: false,
          metadata: { owner: 'x' },
          tags: ['prod'],
          model_rpm_limit: { gpt: 3 },
          max_budget: 10,
          budget_duration: '30d',
          rpm_limit: 60,
          model_max_budget: { gpt: { max_budget: 1, budget_duration: '1d' }, claude: { max_budget: 2 } },
          budget_limits: [{ budget_duration: '24h', max_budget: 3 }],
          object_permission: { object_permission_id: 'o-1', mcp_servers: ['s'] },
        },
        ...stamps,
      },
      spent: [{ limits: expect.objectContaining({ scope: { kind: 'key', id: HASH } }), usd: 1.25 }],
    })
  })

  it.each<[name: string, row: LitellmRow, id: string | undefined, why: RegExp | undefined]>([
    ['a hash', { token: HASH }, HASH, undefined],
    [
      'the key itself, as early releases kept it',
      { token: 'sk-1' },
      '0f2c10bf3d128c719c6bfa4ecbae94b7fceebaea6e4438fef38a90e5acc326f3',
      undefined,
    ],
    ['something else', { token: 'abc' }, undefined, /no SHA-256/],
    ['the master key', { token: 'f'.repeat(64) }, undefined, /master key/],
    ['a session', { token: HASH, team_id: 'litellm-dashboard' }, undefined, /dashboard/],
  ])('%s', async (_, row, id, why) => {
    const result = await keys.map(new Columns(row), context)
    if ('leftOut' in result)
      expect([id, result.leftOut]).toEqual([undefined, expect.stringMatching(why ?? /^$/)])
    else expect(result.resource).toMatchObject({ id, created_ms: NOW_MS, data: {} })
  })

  it('are taken over without what cannot be understood', async () => {
    const columns = new Columns({
      token: HASH,
      max_budget: -1,
      budget_duration: 'often',
      budget_limits: [{ max_budget: 1 }],
      model_max_budget: { gpt: { max_budget: 1, budget_duration: 'often' } },
    })
    expect(await keys.map(columns, context)).toMatchObject({
      resource: { data: { budget_limits: [], model_max_budget: {} } },
    })
    expect(columns.problems.map((problem) => problem.split(':')[0])).toEqual([
      'max_budget',
      'budget_duration',
      'budget_limits',
      'model_max_budget',
    ])
  })
})

it.each<[name: string, row: LitellmRow, expected: object]>([
  [
    'work until their time of grace is over',
    { id: 'x', token: HASH, active_token_id: 'b'.repeat(64), revoke_at: '2026-11-28T00:00:00' },
    {
      resource: { id: HASH, expires_ms: Date.UTC(2026, 10, 28), data: { replaced_by: 'b'.repeat(64) } },
    },
  ],
  [
    'are left out after it',
    { id: 'x', token: HASH, active_token_id: 'b'.repeat(64), revoke_at: '2026-11-26T00:00:00' },
    { leftOut: expect.stringContaining('grace') },
  ],
])('rotated keys %s', async (_, row, expected) => {
  const columns = new Columns(row)
  expect(await rotatedKeys.map(columns, context)).toMatchObject(expected)
})

it.each<[name: string, kind: AnyKind, row: LitellmRow, usd: number]>([
  ['in a time that goes on', keys, { token: HASH, budget_reset_at: '2026-11-28T00:00:00' }, 3],
  ['in a time that is over', keys, { token: HASH, budget_reset_at: '2026-11-26T00:00:00' }, 0],
  ['under a budget whose time is over', customers, { user_id: 'c', budget_id: 'b-ended' }, 0],
  ['under another budget', customers, { user_id: 'c', budget_id: 'b-all' }, 3],
])('what was spent %s counts as it should', async (_, kind, row, usd) => {
  expect(await mapped(kind, { ...row, spend: 3 })).toMatchObject({ spent: [{ usd }] })
})

describe('teams', () => {
  it('keep their members, with what each may spend', async () => {
    const row = {
      ...stamped,
      created_by: undefined,
      team_id: 't-1',
      team_alias: 'red',
      organization_id: 'org-1',
      admins: [],
      members: ['u-3'],
      members_with_roles: [
        { user_id: 'u-1', role: 'admin', user_email: 'a@b.c' },
        { user_id: 'u-2', role: 'user', user_email: null },
        { user_id: null, user_email: 'x@y.z', role: 'user' },
      ],
      metadata: { team_member_budget_id: 'b-all', cost_center: 7 },
      max_budget: 100,
      spend: 3,
      models: ['gpt', 'claude'],
      model_id: 7,
      blocked: true,
    }
    const columns = new Columns(row)
    expect(await teams.map(columns, context)).toEqual({
      resource: {
        id: 't-1',
        alias: 'red',
        organization_id: 'org-1',
        data: {
          models: ['gpt', 'claude'],
          model_aliases: { fast: 'gpt' },
          blocked: true,
          metadata: { cost_center: 7 },
          team_member_budget: 1,
          team_member_rpm_limit: 5,
          max_budget: 100,
        },
        ...stamps,
        created_by: null,
      },
      members: [
        { groupId: 't-1', userId: 'u-3', role: 'user', data: {}, createdMs: stamps.created_ms },
        {
          groupId: 't-1',
          userId: 'u-1',
          role: 'admin',
          data: { user_email: 'a@b.c', max_budget: 2, budget_duration: '7d', allowed_models: ['gpt'] },
          createdMs: stamps.created_ms,
        },
        { groupId: 't-1', userId: 'u-2', role: 'user', data: {}, createdMs: stamps.created_ms },
      ],
      spent: [
        { limits: expect.objectContaining({ scope: { kind: 'team', id: 't-1' } }), usd: 3 },
        { limits: expect.objectContaining({ scope: { kind: 'team_member', id: 't-1/u-1' } }), usd: 0.5 },
      ],
    })
    expect(columns.problems).toEqual(['members_with_roles: a member has no user_id'])
  })
})

describe('users', async () => {
  it('keep their role and their address in small letters', async () => {
    const row = {
      user_id: 'u-1',
      user_email: 'Ann@B.c',
      user_role: 'proxy_admin',
      sso_user_id: 's',
      spend: 2,
    }
    expect(await mapped(users, row)).toMatchObject({
      resource: { id: 'u-1', email: 'ann@b.c', role: 'proxy_admin', sso_user_id: 's' },
      spent: [{ limits: expect.objectContaining({ scope: { kind: 'user', id: 'u-1' } }), usd: 2 }],
    })
  })

  it.each<[role: string | null, kept: string, problems: number]>([
    [null, 'internal_user', 0],
    ['internal_user_viewer', 'internal_user_viewer', 0],
    ['customer', 'internal_user_viewer', 1],
  ])('with role %s are %s', async (role, kept, problems) => {
    const columns = new Columns({ user_id: 'u-1', user_role: role })
    expect(await users.map(columns, context)).toMatchObject({ resource: { role: kept } })
    expect(columns.problems).toHaveLength(problems)
  })

  it('are people: the user for the whole proxy is none', async () => {
    expect(await mapped(users, { user_id: 'litellm-proxy-budget', spend: 7 })).toEqual({
      leftOut: expect.stringContaining('litellm_settings.max_budget'),
      spent: [
        {
          limits: {
            scope: { kind: 'global', id: '' },
            budgets: [{ duration: '30d', maxPicoUsd: 100_000_000_000_000n }],
          },
          usd: 7,
        },
      ],
    })
  })
})

it('organizations keep their members', async () => {
  const row = {
    organization_id: 'org-1',
    organization_alias: 'acme',
    budget_id: 'b-all',
    models: [],
    spend: 9,
  }
  expect(await mapped(organizations, row)).toMatchObject({
    resource: { id: 'org-1', alias: 'acme', budget_id: 'b-all', data: {} },
    members: [
      {
        groupId: 'org-1',
        userId: 'u-1',
        role: 'org_admin',
        data: { max_budget: 1, rpm_limit: 5 },
        createdMs: NOW_MS,
      },
    ],
    spent: [{ limits: expect.objectContaining({ scope: { kind: 'organization', id: 'org-1' } }), usd: 9 }],
  })
})

it.each<[name: string, kind: AnyKind, row: LitellmRow, resource: object, spent: object | undefined]>([
  [
    'budgets',
    budgets,
    { budget_id: 'b-1', max_budget: 5, soft_budget: 4, budget_duration: 'monthly', tpm_limit: 100 },
    { id: 'b-1', data: { max_budget: 5, soft_budget: 4, budget_duration: 'monthly', tpm_limit: 100 } },
    undefined,
  ],
  [
    'customers',
    customers,
    { user_id: 'c-1', alias: 'Carl', blocked: true, spend: 0.1, budget_id: 'b-1' },
    { id: 'c-1', budget_id: 'b-1', data: { alias: 'Carl', blocked: true } },
    [{ limits: expect.objectContaining({ scope: { kind: 'end_user', id: 'c-1' } }), usd: 0.1 }],
  ],
  [
    'tags',
    tags,
    { tag_name: 'prod', description: 'all', models: ['m-1'], spend: 0.2, budget_id: null },
    { id: 'prod', budget_id: null, data: { description: 'all', models: ['m-1'] } },
    [{ limits: expect.objectContaining({ scope: { kind: 'tag', id: 'prod' } }), usd: 0.2 }],
  ],
])('%s', async (_, kind, row, resource, spent) => {
  expect(await mapped(kind, row)).toMatchObject({ resource, ...(spent === undefined ? {} : { spent }) })
})

describe('models', () => {
  const row = {
    model_id: 'm-1',
    model_name: 'gpt',
    litellm_params: { model: 'closed openai/gpt-x', api_key: 'closed sk-provider', rpm: 5, api_base: null },
    model_info: { id: 'm-1', mode: 'chat' },
  }

  it('are opened, checked and sealed anew', async () => {
    expect(await mapped(models, row)).toMatchObject({
      resource: {
        id: 'm-1',
        model_name: 'gpt',
        data: {
          litellm_params: { model: 'openai/gpt-x', rpm: 5 },
          sealed_params: { api_key: 'sealed m-1/api_key "sk-provider"' },
          model_info: { id: 'm-1', mode: 'chat' },
        },
      },
    })
  })

  it.each<[name: string, change: object, more: Partial<Context>, why: string]>([
    ['encrypted with another key', { litellm_params: { model: 'A'.repeat(60) } }, {}, UNREADABLE],
    ['no place for secrets', {}, { secrets: { ...secrets, canSeal: false } }, UNSEALABLE],
    ['blocked', { blocked: true }, {}, 'it is blocked'],
    ['none', { litellm_params: { rpm: 5 } }, {}, 'litellm_params.model is required'],
  ])('%s: are left out with the reason', async (_, change, more, why) => {
    expect(await mapped(models, { ...row, ...change }, more)).toEqual({ leftOut: why })
  })
})

it('credentials are opened and sealed anew', async () => {
  const values = { api_key: 'closed sk-provider', api_base: 'https://example.com' }
  const row = {
    credential_id: 'x',
    credential_name: 'acme',
    credential_values: values,
    credential_info: { a: 1 },
  }
  expect(await mapped(credentials, row)).toMatchObject({
    resource: {
      id: 'acme',
      data: {
        credential_info: { a: 1 },
        sealed_values: {
          api_key: 'sealed acme/api_key sk-provider',
          api_base: 'sealed acme/api_base https://example.com',
        },
      },
    },
  })
})
