import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AccessSettings } from './gateway-config.ts'
import { loadConfig } from './load.ts'
import { renderFinding } from './render-findings.ts'

const JWT_ENV = {
  JWT_PUBLIC_KEY_URL: 'https://a.example/jwks, https://b.example/jwks',
  JWT_ISSUER: 'https://a.example/',
  JWT_AUDIENCE: 'gateway',
}

const load = (general: object, env: Record<string, string> = {}, litellm: object = {}) =>
  loadConfig({
    path: 'folder/config.yaml',
    readFile: () =>
      Promise.resolve(
        JSON.stringify({
          model_list: [{ model_name: 'm', litellm_params: { model: 'openai/m' } }],
          general_settings: general,
          litellm_settings: litellm,
        }),
      ),
    env,
  })

async function access(...parameters: Parameters<typeof load>): Promise<AccessSettings> {
  const result = await load(...parameters)
  if (!result.ok) throw new Error(result.findings.map(renderFinding).join('\n'))
  return result.config.access
}

test('what holds when nothing is said', async () => {
  expect(await access({})).toEqual({
    statusProfile: 'current',
    allowedIps: undefined,
    allowedRoutes: undefined,
    adminOnlyRoutes: undefined,
    useForwardedFor: false,
    enforcedParams: [],
    serviceAccountParams: [],
    failedLoginsPerMinute: 300,
    userHeaders: ['x-litellm-customer-id', 'x-litellm-end-user-id'],
    rejectClientTags: false,
    allowWithoutDatabase: false,
    maxBudget: undefined,
    budgetDuration: undefined,
    maxEndUserBudget: undefined,
    maxEndUserBudgetId: undefined,
    jwt: undefined,
    customAuth: undefined,
  })
})

test('what is said', async () => {
  const general = {
    status_profile: 'legacy',
    allowed_ips: ['10.0.0.0/8', '::1'],
    use_x_forwarded_for: true,
    enforce_user_param: true,
    enforced_params: ['metadata.job'],
    user_header_name: 'X-My-User',
    user_header_mappings: [
      { header_name: 'X-Employee', litellm_user_role: 'internal_user' },
      { header_name: 'X-Customer', litellm_user_role: 'customer' },
    ],
    custom_auth: './lib/auth.ts:authenticate',
  }
  const litellm = { max_budget: 10, budget_duration: '30d', max_end_user_budget_id: 'default' }
  expect(await access(general, {}, litellm)).toMatchObject({
    statusProfile: 'legacy',
    allowedIps: ['10.0.0.0/8', '::1'],
    useForwardedFor: true,
    enforcedParams: ['user', 'metadata.job'],
    userHeaders: ['x-litellm-customer-id', 'x-litellm-end-user-id', 'x-customer', 'x-my-user'],
    maxBudget: 10,
    budgetDuration: '30d',
    maxEndUserBudgetId: 'default',
    customAuth: { path: resolve('folder/lib/auth.ts'), name: 'authenticate' },
  })
})

test('tokens: LiteLLM’s names and defaults', async () => {
  const { jwt } = await access(
    {
      enable_jwt_auth: true,
      enforce_rbac: true,
      role_permissions: [{ role: 'internal_user', models: ['m'] }],
      litellm_jwtauth: {
        user_id_jwt_field: 'sub',
        team_ids_jwt_field: 'groups',
        roles_jwt_field: 'realm.roles',
        role_mappings: [{ role: 'dev', internal_role: 'internal_user' }],
        scope_mappings: [{ scope: 'chat', models: ['m'] }],
        enforce_scope_based_access: true,
        public_key_ttl: 60,
      },
    },
    JWT_ENV,
  )
  expect(jwt).toMatchObject({
    keyUrls: ['https://a.example/jwks', 'https://b.example/jwks'],
    audiences: ['gateway'],
    issuer: 'https://a.example/',
    publicKeyTtlMs: 60_000,
    adminScope: 'litellm_proxy_admin',
    adminAllowedRoutes: [
      'management_routes',
      'spend_tracking_routes',
      'global_spend_tracking_routes',
      'info_routes',
    ],
    teamAllowedRoutes: ['openai_routes', 'info_routes'],
    userIdField: 'sub',
    teamIdsField: 'groups',
    rolesField: 'realm.roles',
    roleMappings: [{ role: 'dev', internalRole: 'internal_user' }],
    scopeModels: { chat: ['m'] },
    enforceRbac: true,
    rolePermissions: { internal_user: { models: ['m'], routes: undefined } },
  })
})

describe('what is refused', () => {
  const jwt = (keys: object) => ({ enable_jwt_auth: true, litellm_jwtauth: keys })
  test.each<[string, object, Record<string, string>, RegExp[]]>([
    [
      'tokens from anybody for anything',
      { enable_jwt_auth: true },
      {},
      [/JWT_PUBLIC_KEY_URL/, /JWT_ISSUER/, /JWT_AUDIENCE/],
    ],
    [
      'keys that are not at an address',
      { enable_jwt_auth: true },
      { ...JWT_ENV, JWT_PUBLIC_KEY_URL: 'file:///etc/passwd' },
      [/http addresses/],
    ],
    [
      'a misspelt setting of tokens',
      jwt({ user_id_field: 'sub' }),
      JWT_ENV,
      [/not offered here: user_id_field/],
    ],
    ['roles without the allowed ones', jwt({ user_roles_jwt_field: 'r' }), JWT_ENV, [/need each other/]],
    ['an object of no role', jwt({ object_id_jwt_field: 'oid' }), JWT_ENV, [/needs role_mappings/]],
    ['scopes that do nothing', jwt({ scope_mappings: [] }), JWT_ENV, [/enforce_scope_based_access/]],
    [
      'a domain of no address',
      jwt({ user_allowed_email_domain: 'x.com' }),
      JWT_ENV,
      [/user_email_jwt_field/],
    ],
    ['Python', { custom_auth: 'custom_auth.user_api_key_auth' }, {}, [/Python is not loaded/]],
    ['a range that is none', { allowed_ips: ['10.0.0.0/33'] }, {}, [/IP address or a range/]],
    ['a name for an address', { allowed_ips: ['localhost'] }, {}, [/IP address or a range/]],
    ['an unknown profile', { status_profile: 'old' }, {}, [/one of current, legacy/]],
  ])('%s', async (_name, general, env, expected) => {
    const { ok, findings } = await load(general, env)
    expect(ok).toBe(false)
    const errors = findings.filter(({ level }) => level === 'error').map(({ message }) => message)
    expect(errors).toEqual(expected.map((pattern) => expect.stringMatching(pattern)))
  })
})
