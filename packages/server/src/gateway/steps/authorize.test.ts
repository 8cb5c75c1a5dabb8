import { describe, expect, test } from 'vitest'
import type { EndUser } from '../../auth/load-limits.ts'
import { MASTER } from '../../auth/fixed-principals.ts'
import type { Principal } from '../../auth/principal.ts'
import { loadConfig } from '../../config/index.ts'
import { scanJson } from '../../http/scan-json.ts'
import type { ScopeLimits } from '../../policy/limits.ts'
import { scopeName } from '../../policy/scope.ts'
import type { ScopeKind } from '../../policy/scope.ts'
import { createServices } from '../../services.ts'
import type { LlmCall } from '../call.ts'
import { LLM_ROUTES } from '../routes/routes.ts'
import { createAuthorizer } from './authorize.ts'
import type { Authorized } from './authorize.ts'

const YAML = `
model_list:
  - model_name: cheap
    litellm_params: {model: openai/gpt-4o-mini, api_key: x}
    model_info: {access_groups: [beta]}
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o, api_key: x}
router_settings:
  model_group_alias: {fast: cheap}
`

const limit = (kind: ScopeKind, id: string): ScopeLimits => ({ scope: { kind, id }, budgets: [] })

function key(rest: Partial<Principal>): Principal {
  return {
    ...MASTER,
    type: 'key',
    role: 'key',
    keyHash: 'h',
    userId: undefined,
    limits: [limit('key', 'h')],
    ...rest,
  }
}

async function authorize(
  caller: Principal,
  body: Record<string, unknown> = {},
  { general = '', route = LLM_ROUTES[0], headers = {}, slow = false } = {},
): Promise<Authorized> {
  const loaded = await loadConfig({
    path: 'config.yaml',
    readFile: () => Promise.resolve(`${YAML}general_settings: {${general}}\n`),
    env: {},
  })
  if (!loaded.ok || route === undefined) throw new Error(JSON.stringify(loaded.findings))
  const services = createServices({ config: loaded.config, version: '1', env: () => undefined })
  const endUser = (id: string): EndUser => ({
    blocked: id === 'blocked',
    allowedRegion: id === 'european' ? 'eu' : undefined,
    limits: limit('end_user', id),
    modelLimits: new Map([['cheap', limit('end_user_model', `${id}/cheap`)]]),
  })
  const { authorize: ask } = createAuthorizer(services, {
    endUser: (id) => (slow ? Promise.resolve(endUser(id)) : endUser(id)),
    tag: (name) => (slow ? Promise.resolve(limit('tag', name)) : limit('tag', name)),
  })
  const whole = { model: 'cheap', ...body }
  const call: Pick<LlmCall, 'model' | 'scan'> = {
    model: whole.model,
    scan: scanJson(Buffer.from(JSON.stringify(whole))),
  }
  const answer = ask({ route, request: { headers } as never }, caller, call)
  expect(answer instanceof Promise).toBe(slow)
  return answer
}

async function outcome(...parameters: Parameters<typeof authorize>): Promise<string> {
  try {
    return (await authorize(...parameters)).model
  } catch (error) {
    const { status, type } = error as { status?: number; type?: string }
    return `${status} ${type}`
  }
}

const list = (of: 'key' | 'team' | 'user' | 'org', ...models: string[]) => ({ of, models })

describe('which models', () => {
  test.each<[string, Partial<Principal>, string, string]>([
    ['without a list', {}, 'cheap', 'cheap'],
    ['by name', { modelLists: [list('key', 'cheap')] }, 'cheap', 'cheap'],
    ['not another', { modelLists: [list('key', 'cheap')] }, 'gpt-4o', '403 key_model_access_denied'],
    [
      'nor one that nobody has',
      { modelLists: [list('key', 'cheap')] },
      'none',
      '403 key_model_access_denied',
    ],
    [
      'not the team’s',
      { modelLists: [list('key', 'cheap'), list('team', 'x')] },
      'cheap',
      '403 team_model_access_denied',
    ],
    [
      'not the user’s',
      { modelLists: [list('user', 'no-default-models')] },
      'cheap',
      '403 user_model_access_denied',
    ],
    ['not the organization’s', { modelLists: [list('org', 'x')] }, 'cheap', '403 org_model_access_denied'],
    [
      'the key is asked first',
      { modelLists: [list('key', 'x'), list('team', 'y')] },
      'cheap',
      '403 key_model_access_denied',
    ],
    ['by access group', { modelLists: [list('key', 'beta')] }, 'cheap', 'cheap'],
    ['by pattern, with the provider', { modelLists: [list('key', 'openai/*')] }, 'gpt-4o', 'gpt-4o'],
    ['an alias of the gateway', { modelLists: [list('key', 'cheap')] }, 'fast', 'fast'],
    [
      'an alias of the key',
      { aliases: { mine: 'cheap' }, modelLists: [list('key', 'cheap')] },
      'mine',
      'cheap',
    ],
    [
      'an alias to what is not theirs',
      { aliases: { mine: 'gpt-4o' }, modelLists: [list('key', 'cheap')] },
      'mine',
      '403 key_model_access_denied',
    ],
    ['a word of the language', { aliases: {} }, 'constructor', 'constructor'],
  ])('%s', async (_name, caller, model, expected) => {
    expect(await outcome(key(caller), { model })).toBe(expected)
  })

  test('LiteLLM’s older status', async () => {
    const caller = key({ modelLists: [list('key', 'x')] })
    expect(await outcome(caller, {}, { general: 'status_profile: legacy' })).toBe(
      '401 key_model_access_denied',
    )
  })

  test('a refusal names what the key has, and nothing that others have', async () => {
    const caller = key({ modelLists: [list('key', 'x')] })
    await expect(authorize(caller, { model: 'gpt-4o' })).rejects.toThrow(
      /^key not allowed to access model. This key can only access models=\['x'\]. Tried to access gpt-4o$/,
    )
  })

  test.each([
    [['cheap'], 'cheap'],
    [['cheap', 'gpt-4o'], '403 key_model_access_denied'],
    [[{ model: 'gpt-4o', messages: [] }], '403 key_model_access_denied'],
    [[{ cheap: ['gpt-4o'] }], '403 key_model_access_denied'],
    [[{ other: ['gpt-4o'] }], 'cheap'],
  ])('fallbacks %j are theirs too, or not', async (fallbacks, expected) => {
    expect(await outcome(key({ modelLists: [list('key', 'cheap')] }), { fallbacks })).toBe(expected)
  })
})

test('in several teams, the one that may use the model', async () => {
  const team = (id: string, ...models: string[]) => key({ teamId: id, modelLists: [list('team', ...models)] })
  const caller = { ...team('a', 'x'), otherTeams: [team('b', 'cheap'), team('c', 'cheap')] }
  expect((await authorize(caller)).parties.teamId).toBe('b')
  expect(await outcome(caller, { model: 'gpt-4o' })).toBe('403 team_model_access_denied')
})

test.each<[string, string[], number, string]>([
  ['its path', ['/v1/chat/completions'], 0, 'cheap'],
  ['calls to models', ['llm_api_routes'], 0, 'cheap'],
  ['another route', ['/v1/embeddings'], 0, '403 auth_error'],
  ['management', ['management_routes'], 0, '403 auth_error'],
])('a key for %s', async (_name, allowedRoutes, at, expected) => {
  expect(await outcome(key({ allowedRoutes }), {}, { route: LLM_ROUTES[at] })).toBe(expected)
})

describe('what a request has to have', () => {
  test.each<[string, Partial<Principal>, string, object, string]>([
    ['a user, by the configuration', {}, 'enforce_user_param: true', {}, '400 bad_request_error'],
    ['and has it', {}, 'enforce_user_param: true', { user: 'u' }, 'cheap'],
    ['a field, by the key', { enforcedParams: ['metadata.job'] }, '', {}, '400 bad_request_error'],
    [
      'a field, as a service account',
      { metadata: { service_account_id: 'nightly' } },
      'service_account_settings: {enforced_params: [user]}',
      {},
      '400 bad_request_error',
    ],
    ['and is none', {}, 'service_account_settings: {enforced_params: [user]}', {}, 'cheap'],
    ['and has it', { enforcedParams: ['metadata.job'] }, '', { metadata: { job: 1 } }, 'cheap'],
    [
      'no tags of its own',
      {},
      'reject_clientside_metadata_tags: true',
      { tags: ['a'] },
      '400 bad_request_error',
    ],
  ])('%s', async (_name, caller, general, body, expected) => {
    expect(await outcome(key(caller), { ...body }, { general })).toBe(expected)
  })
})

describe('while the database is away', () => {
  const budget = { ...limit('key', 'h'), budgets: [{ maxPicoUsd: 1n }] }

  test.each<[string, Partial<Principal>, string, string]>([
    ['who has no budget goes on', { stale: true }, '', 'cheap'],
    ['who has one does not', { stale: true, limits: [budget] }, '', '503 server_error'],
    [
      'unless that is allowed',
      { stale: true, limits: [budget] },
      'allow_requests_on_db_unavailable: true',
      'cheap',
    ],
    ['who is known freshly goes on', { limits: [budget] }, '', 'cheap'],
  ])('%s', async (_name, caller, general, expected) => {
    expect(await outcome(key(caller), {}, { general })).toBe(expected)
  })
})

describe('whom it is charged to', () => {
  const caller = key({
    keyAlias: 'alias',
    userId: 'u',
    teamId: 't',
    organizationId: 'o',
    agentId: 'a',
    tags: ['own'],
    modelLimits: { cheap: [limit('key_model', 'h/cheap')] },
  })

  test.each([false, true])('everybody whom it names, looked up: %s', async (slow) => {
    const body = { user: 'end', tags: ['given', 'own'] }
    const { parties, limits } = await authorize(caller, body, { slow })
    expect(parties).toEqual({
      keyHash: 'h',
      keyAlias: 'alias',
      userId: 'u',
      teamId: 't',
      organizationId: 'o',
      endUserId: 'end',
      agentId: 'a',
      tags: ['own', 'given'],
    })
    expect(limits.map(({ scope }) => scopeName(scope))).toEqual([
      'key:h',
      'tag:own',
      'tag:given',
      'end_user:end',
      'key_model:h/cheap',
      'end_user_model:end/cheap',
    ])
  })

  test('limits of the key by tag hold for its requests with them', async () => {
    const tagLimits = { given: limit('key_tag', 'h/given'), other: limit('key_tag', 'h/other') }
    const { limits } = await authorize(key({ tagLimits }), { tags: ['given', 'constructor'] })
    expect(limits.map(({ scope }) => scopeName(scope))).toEqual([
      'key:h',
      'tag:given',
      'tag:constructor',
      'key_tag:h/given',
    ])
  })

  test.each<[string, string | undefined, string | undefined, string | undefined]>([
    ['neither', undefined, undefined, undefined],
    ['the key', 'us', undefined, 'us'],
    ['the end user', undefined, 'european', 'eu'],
    ['both', 'eu', 'european', 'eu'],
  ])('a region that %s is bound to', async (_name, allowedRegion, user, expected) => {
    const { principal } = await authorize(key({ allowedRegion }), user === undefined ? {} : { user })
    expect(principal.allowedRegion).toBe(expected)
  })

  test('regions that exclude each other are refused', async () => {
    expect(await outcome(key({ allowedRegion: 'us' }), { user: 'european' })).toMatch(/^403/)
  })

  test('limits of another model do not hold', async () => {
    const { limits } = await authorize({ ...caller, tags: [] }, { model: 'gpt-4o' })
    expect(limits.map(({ scope }) => scopeName(scope))).toEqual(['key:h'])
  })

  test('nothing is made anew where nothing is added', async () => {
    const plain = key({})
    expect((await authorize(plain)).limits).toBe(plain.limits)
    expect((await authorize(MASTER, { model: 'constructor' })).limits).toBe(MASTER.limits)
  })

  test('an end user that the token names is the one', async () => {
    const { parties } = await authorize(key({ endUserId: 'token' }), { user: 'other' })
    expect(parties.endUserId).toBe('token')
  })

  test('an end user who is blocked', async () => {
    expect(await outcome(caller, { user: 'blocked' })).toBe('400 auth_error')
  })
})
