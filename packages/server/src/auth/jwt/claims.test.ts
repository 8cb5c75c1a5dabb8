import { expect, test } from 'vitest'
import type { JwtSettings } from '../../config/index.ts'
import { readClaims } from './claims.ts'

const SETTINGS: JwtSettings = {
  keyUrls: [],
  audiences: [],
  issuer: '',
  publicKeyTtlMs: 1,
  leewayS: 0,
  adminScope: 'litellm_proxy_admin',
  adminAllowedRoutes: ['management_routes'],
  teamAllowedRoutes: ['openai_routes'],
  teamIdUpsert: false,
  userIdUpsert: false,
  userAllowedRoles: [],
  roleMappings: [],
  enforceRbac: false,
  rolePermissions: {},
}

const NOBODY = { teamIds: [], modelLists: [] }

test.each<[string, Partial<JwtSettings>, Record<string, unknown>, object]>([
  ['says nothing that is asked for', {}, { sub: 'u', groups: ['t'] }, NOBODY],
  ['a user', { userIdField: 'sub' }, { sub: 'u' }, { ...NOBODY, userId: 'u' }],
  ['a user by a number', { userIdField: 'uid' }, { uid: 7 }, { ...NOBODY, userId: '7' }],
  ['a field within', { userIdField: 'a.b.c' }, { a: { b: { c: 'u' } } }, { ...NOBODY, userId: 'u' }],
  [
    'a claim with dots in its name',
    { userIdField: 'https://x.y/id' },
    { 'https://x.y/id': 'u' },
    { ...NOBODY, userId: 'u' },
  ],
  ['nothing of the language', { userIdField: 'constructor.name' }, {}, NOBODY],
  [
    'a team',
    { teamIdField: 'team' },
    { team: 't' },
    { ...NOBODY, teamIds: ['t'], allowedRoutes: ['openai_routes'] },
  ],
  [
    'several teams',
    { teamIdField: 'team', teamIdsField: 'groups' },
    { team: 'b', groups: ['a', 'b'] },
    { ...NOBODY, teamIds: ['b', 'a'], allowedRoutes: ['openai_routes'] },
  ],
  [
    'no team, with one for such',
    { teamIdField: 'team', teamIdDefault: 'd' },
    {},
    { ...NOBODY, teamIds: ['d'], allowedRoutes: ['openai_routes'] },
  ],
  [
    'an organization, an end user, an address',
    {
      organizationIdField: 'org',
      endUserIdField: 'customer',
      userEmailField: 'email',
      userEmailDomain: 'x.com',
    },
    { org: 'o', customer: 'c', email: 'me@X.com' },
    { ...NOBODY, organizationId: 'o', endUserId: 'c', email: 'me@X.com' },
  ],
  [
    'the administrator by scope',
    {},
    { scope: 'openid litellm_proxy_admin' },
    { ...NOBODY, role: 'proxy_admin', allowedRoutes: ['management_routes'] },
  ],
  [
    'the administrator by role',
    { rolesField: 'realm.roles', roleMappings: [{ role: 'root', internalRole: 'proxy_admin' }] },
    { realm: { roles: ['dev', 'root'] } },
    { ...NOBODY, role: 'proxy_admin', allowedRoutes: ['management_routes'] },
  ],
  [
    'a team by role',
    { rolesField: 'roles', objectIdField: 'oid', roleMappings: [{ role: 'svc', internalRole: 'team' }] },
    { roles: ['svc'], oid: 't' },
    { ...NOBODY, role: 'team', teamIds: ['t'], allowedRoutes: ['openai_routes'] },
  ],
  [
    'a user by role',
    {
      rolesField: 'roles',
      objectIdField: 'oid',
      roleMappings: [{ role: 'dev', internalRole: 'internal_user' }],
    },
    { roles: 'dev', oid: 'u' },
    { ...NOBODY, role: 'internal_user', userId: 'u' },
  ],
  [
    'what a role may do',
    {
      teamIdField: 'team',
      rolePermissions: { team: { models: ['m'], routes: ['llm_api_routes'] } },
    },
    { team: 't' },
    { ...NOBODY, teamIds: ['t'], modelLists: [['m']], allowedRoutes: ['llm_api_routes'] },
  ],
  [
    'what scopes allow, together',
    { scopeModels: { a: ['m'], b: ['n'] } },
    { scope: 'a b c' },
    { ...NOBODY, modelLists: [['m', 'n']] },
  ],
  ['a scope for all', { scopeModels: { a: ['m'], b: [] } }, { scope: ['a', 'b'] }, NOBODY],
  [
    'roles that are let in',
    { userRolesField: 'roles', userAllowedRoles: ['dev'] },
    { roles: ['ops', 'dev'] },
    NOBODY,
  ],
])('a token: %s', (_name, settings, claims, expected) => {
  expect(readClaims(claims, { ...SETTINGS, ...settings })).toEqual(expected)
})

test.each<[string, Partial<JwtSettings>, Record<string, unknown>]>([
  ['of another domain', { userEmailField: 'email', userEmailDomain: 'x.com' }, { email: 'me@evilx.com' }],
  ['without an address', { userEmailField: 'email', userEmailDomain: 'x.com' }, {}],
  [
    'without a role that is let in',
    { userRolesField: 'roles', userAllowedRoles: ['dev'] },
    { roles: ['ops'] },
  ],
  ['that is nobody', { enforceRbac: true, userIdField: 'sub' }, { sub: 'u' }],
  ['without a scope that allows a model', { scopeModels: { a: ['m'] } }, { scope: 'b constructor' }],
])('a token is not let in: %s', (_name, settings, claims) => {
  expect(() => readClaims(claims, { ...SETTINGS, ...settings })).toThrow(
    expect.objectContaining({ status: 403, reason: 'token_not_allowed', type: 'auth_error' }),
  )
})
