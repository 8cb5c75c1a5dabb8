import { createError } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Callers } from '../../auth/callers.ts'
import { ANONYMOUS, MASTER } from '../../auth/fixed-principals.ts'
import type { PrincipalCache } from '../../auth/principal-cache.ts'
import type { Principal } from '../../auth/principal.ts'
import { unknownKey } from '../../auth/refusals.ts'
import { Secret } from '../../config/index.ts'
import type { AccessSettings, GatewaySettings } from '../../config/index.ts'
import type { Authenticator } from './authenticate.ts'
import { createAuthenticator } from './authenticate.ts'

const settings: GatewaySettings = {
  dropParams: false,
  numRetries: 0,
  requestTimeoutMs: 1_000,
  maxRequestBytes: 1_000,
  maxUploadBytes: 1_000,
  masterKey: new Secret('sk-right'),
}

const access: AccessSettings = {
  statusProfile: 'current',
  useForwardedFor: false,
  enforcedParams: [],
  serviceAccountParams: [],
  failedLoginsPerMinute: 2,
  userHeaders: [],
  rejectClientTags: false,
  allowWithoutDatabase: false,
}

const alone: Callers = {
  master: MASTER,
  anonymous: ANONYMOUS,
  keys: undefined,
  tokens: undefined,
  custom: undefined,
  endUser: () => Promise.reject(new Error('not asked')),
  tag: () => Promise.reject(new Error('not asked')),
  close: () => undefined,
}

function principal(alias: string, rest: Partial<Principal> = {}): Principal {
  return { ...MASTER, type: 'key', role: 'key', keyAlias: alias, ...rest }
}

/** Knows some credentials: those that end in `-slow` only after a look-up, once. */
function cacheOf(known: Record<string, Principal>): PrincipalCache & { asked: string[] } {
  const headers = new Map<string, Principal>()
  const asked: string[] = []
  return {
    asked,
    peek: (header) => headers.get(header),
    get: (credential, header) => {
      asked.push(credential)
      const found = known[credential]
      if (found === undefined) throw unknownKey()
      headers.set(header, found)
      return credential.endsWith('-slow') ? Promise.resolve(found) : found
    },
    getByHash: () => Promise.reject(new Error('not asked')),
    drop: () => undefined,
    clear: () => headers.clear(),
  }
}

/** As node shows them: the first of two `authorization` headers counts, others are joined. */
function request(...pairs: string[]) {
  const headers: IncomingHttpHeaders = {}
  for (let at = 0; at < pairs.length; at += 2) {
    const name = (pairs[at] ?? '').toLowerCase()
    const given = headers[name]
    if (typeof given !== 'string') headers[name] = pairs[at + 1]
    else if (name !== 'authorization') headers[name] = `${given}, ${pairs[at + 1]}`
  }
  return {
    headers,
    rawHeaders: pairs,
    socket: { remoteAddress: '10.0.0.1' } as Socket,
    method: 'POST',
    url: '/x',
  }
}

const clock = { ms: 0 }

function create(
  parts: Partial<GatewaySettings> = {},
  callers: Partial<Callers> = {},
  rest: Partial<AccessSettings> = {},
): Authenticator {
  const config = { settings: { ...settings, ...parts }, access: { ...access, ...rest } }
  return createAuthenticator(config, { ...alone, ...callers }, () => clock.ms)
}

function nameOf({ type, keyAlias }: Principal): string {
  return type === 'master' ? 'admin' : (keyAlias ?? type)
}

function reasonOf(error: unknown): string {
  const { status, reason } = error as { status?: number; reason?: string }
  return `${status} ${reason}`
}

/** Who it is, or why not; for what has to be looked up `wait`. */
function outcome(authenticator: Authenticator, ...pairs: string[]): string {
  try {
    const found = authenticator.authenticate(request(...pairs))
    return found instanceof Promise ? 'wait' : nameOf(found)
  } catch (error) {
    return reasonOf(error)
  }
}

async function awaited(authenticator: Authenticator, ...pairs: string[]): Promise<string> {
  try {
    return nameOf(await authenticator.authenticate(request(...pairs)))
  } catch (error) {
    return reasonOf(error)
  }
}

test.each<[string, string[], string]>([
  ['as bearer', ['Authorization', 'Bearer sk-right'], 'admin'],
  ['without the word', ['Authorization', 'sk-right'], 'admin'],
  ['in lower case, with spaces', ['authorization', 'bearer   sk-right '], 'admin'],
  ["in Anthropic's header", ['x-api-key', 'sk-right'], 'admin'],
  ["in Azure's header", ['api-key', 'sk-right'], 'admin'],
  ["in Google's header", ['x-goog-api-key', 'sk-right'], 'admin'],
  ["in the gateway's header", ['x-litellm-api-key', 'Bearer sk-right'], 'admin'],
  ['in two headers', ['x-api-key', 'sk-right', 'authorization', 'Bearer sk-right'], 'admin'],
  ['beside a key for others', ['x-litellm-api-key', 'sk-right', 'authorization', 'Bearer theirs'], 'admin'],
  ['none', [], '401 missing_api_key'],
  ['empty', ['authorization', 'Bearer '], '401 missing_api_key'],
  ['wrong', ['authorization', 'Bearer sk-wrong'], '401 invalid_api_key'],
  ['as long, and wrong', ['authorization', 'Bearer sk-rigth'], '401 invalid_api_key'],
  ['basic', ['authorization', 'Basic c2stcmlnaHQ='], '401 invalid_api_key'],
  [
    "wrong in the gateway's header",
    ['x-litellm-api-key', 'x', 'x-api-key', 'sk-right'],
    '401 invalid_api_key',
  ],
  ['two that differ', ['authorization', 'sk-right', 'api-key', 'other'], '400 conflicting_credentials'],
  [
    'two authorizations',
    ['Authorization', 'Bearer sk-right', 'authorization', 'Bearer other'],
    '400 conflicting_credentials',
  ],
  ['twice the same header', ['x-api-key', 'sk-right', 'x-api-key', 'sk-right'], '401 invalid_api_key'],
])('a key: %s', (_name, pairs, expected) => {
  const authenticator = create()
  expect(outcome(authenticator, ...pairs)).toBe(expected)
  // Asking again does not change it, nor does having let somebody in before.
  expect(outcome(authenticator, 'authorization', 'Bearer sk-right')).toBe('admin')
  expect(outcome(authenticator, ...pairs)).toBe(expected)
})

describe('what was beside the right key is not learnt', () => {
  test.each(['Bearer theirs', 'Bearer ', ''])('authorization: %j', (authorization) => {
    const authenticator = create()
    expect(outcome(authenticator, 'x-litellm-api-key', 'sk-right', 'authorization', authorization)).toBe(
      'admin',
    )
    expect(outcome(authenticator, 'authorization', authorization)).toMatch(/^401/)
  })
})

test('without a master key everybody is anonymous', () => {
  const authenticator = create({ masterKey: undefined })
  expect(outcome(authenticator)).toBe('anonymous')
  expect(outcome(authenticator, 'authorization', 'Bearer x')).toBe('anonymous')
})

test('a header of its own is the only one looked at', () => {
  const authenticator = create({ keyHeaderName: 'X-Team-Key' })
  expect(outcome(authenticator, 'x-team-key', 'sk-right')).toBe('admin')
  expect(outcome(authenticator, 'authorization', 'Bearer sk-right')).toBe('401 missing_api_key')
  expect(outcome(authenticator, 'x-team-key', 'sk-right', 'authorization', 'Bearer x')).toBe('admin')
  expect(outcome(authenticator, 'authorization', 'Bearer x')).toBe('401 missing_api_key')
})

describe('keys and tokens', () => {
  const known = { 'sk-mine': principal('mine'), 'sk-slow': principal('slow') }
  const tokens = { 'a.b.c': principal('token') }

  test.each<[string, string[], string]>([
    ['the master key', ['authorization', 'Bearer sk-right'], 'admin'],
    ['a key', ['authorization', 'Bearer sk-mine'], 'mine'],
    ['a key that has to be looked up', ['authorization', 'Bearer sk-slow'], 'slow'],
    ["in Anthropic's header", ['x-api-key', 'sk-mine'], 'mine'],
    [
      "in the gateway's, beside a key for others",
      ['x-litellm-api-key', 'sk-mine', 'authorization', 'x'],
      'mine',
    ],
    ['a key nobody has', ['authorization', 'Bearer sk-other'], '401 invalid_api_key'],
    ['a query', ['authorization', "Bearer ' OR 1=1--"], '401 invalid_api_key'],
    ['a key with a query', ['authorization', "Bearer sk-x'; DROP TABLE keys;--"], '401 invalid_api_key'],
    ['a token', ['authorization', 'Bearer a.b.c'], 'token'],
    ['a token nobody signed', ['authorization', 'Bearer x.y.z'], '401 invalid_api_key'],
    ['two keys', ['authorization', 'sk-mine', 'x-api-key', 'sk-slow'], '400 conflicting_credentials'],
    [
      'one key twice, differently',
      ['Authorization', 'Bearer sk-mine', 'authorization', 'Bearer sk-slow'],
      '400 conflicting_credentials',
    ],
  ])('%s', async (_name, pairs, expected) => {
    const authenticator = create({}, { keys: cacheOf(known), tokens: cacheOf(tokens) })
    expect(await awaited(authenticator, ...pairs)).toBe(expected)
    // What was learnt lets nobody else in, and keeps nobody out.
    expect(await awaited(authenticator, 'authorization', 'Bearer sk-mine')).toBe('mine')
    expect(await awaited(authenticator, ...pairs)).toBe(expected)
  })

  test('who was looked up is there at once', async () => {
    const keys = cacheOf(known)
    const authenticator = create({}, { keys })
    expect(outcome(authenticator, 'authorization', 'Bearer sk-slow')).toBe('wait')
    expect(outcome(authenticator, 'authorization', 'Bearer sk-slow')).toBe('slow')
    expect(keys.asked).toEqual(['sk-slow'])
  })

  test('what can be no key is not looked up', () => {
    const keys = cacheOf(known)
    const authenticator = create({}, { keys })
    expect(outcome(authenticator, 'authorization', 'Bearer hash-or-token')).toBe('401 invalid_api_key')
    expect(outcome(authenticator, 'authorization', 'Bearer a.b.c')).toBe('401 invalid_api_key')
    expect(keys.asked).toEqual([])
  })

  test('where one header counts, what it taught opens no other', () => {
    const authenticator = create({ keyHeaderName: 'X-Team-Key' }, { keys: cacheOf(known) })
    expect(outcome(authenticator, 'x-team-key', 'Bearer sk-mine')).toBe('mine')
    expect(outcome(authenticator, 'authorization', 'Bearer sk-mine')).toBe('401 missing_api_key')
  })

  test('no refusal repeats the key', async () => {
    const authenticator = create({}, { keys: cacheOf(known), tokens: cacheOf(tokens) })
    for (const key of ['sk-secret-other', 'secret-word', 'secret.secret.secret']) {
      const pairs = ['authorization', `Bearer ${key}`]
      const found = (async () => authenticator.authenticate(request(...pairs)))()
      const error: unknown = await found.catch((reason: unknown) => reason)
      expect(JSON.stringify(error) + String(error)).not.toContain('secret')
    }
  })
})

describe('from where', () => {
  const keys = {
    keys: cacheOf({
      'sk-here': principal('here', { allowedIps: ['10.0.0.0/8'] }),
      'sk-there-slow': principal('there', { allowedIps: ['11.0.0.1'] }),
    }),
  }

  test.each<[string, string[] | undefined, string[], string]>([
    ['a key that is good here', undefined, ['authorization', 'sk-here'], 'here'],
    [
      'a key that is good elsewhere',
      undefined,
      ['authorization', 'sk-there-slow'],
      '403 address_not_allowed',
    ],
    ['the gateway’s own list', ['10.0.0.1'], ['authorization', 'sk-right'], 'admin'],
    ['not on the gateway’s list', ['11.0.0.0/8'], ['authorization', 'sk-right'], '403 address_not_allowed'],
    ['before any key is looked at', ['11.0.0.0/8'], [], '403 address_not_allowed'],
    [
      'what a client claims',
      ['11.0.0.0/8'],
      ['authorization', 'sk-right', 'x-forwarded-for', '11.0.0.1'],
      '403 address_not_allowed',
    ],
  ])('%s', async (_name, allowedIps, pairs, expected) => {
    const authenticator = create({}, keys, { allowedIps })
    expect(await awaited(authenticator, ...pairs)).toBe(expected)
    expect(await awaited(authenticator, ...pairs)).toBe(expected)
  })

  test('a proxy is believed where the configuration says so', async () => {
    const authenticator = create({}, keys, { allowedIps: ['11.0.0.0/8'], useForwardedFor: true })
    const pairs = ['authorization', 'sk-right', 'x-forwarded-for', '9.9.9.9, 11.0.0.1']
    expect(await awaited(authenticator, ...pairs)).toBe('admin')
  })
})

describe('a hook', () => {
  const refused = createError({ code: 'authentication', reason: 'invalid_api_key', message: 'no' })
  const custom: Callers['custom'] = {
    identify: ({ key, headers }) => {
      if (key === 'sk-refused') return Promise.reject(refused)
      return Promise.resolve(headers['x-badge'] === 'yes' ? principal('badge') : undefined)
    },
    drop: () => undefined,
    clear: () => undefined,
  }

  test.each<[string, string[], string]>([
    ['the master key is not its business', ['authorization', 'Bearer sk-right'], 'admin'],
    ['whom it knows', ['x-badge', 'yes'], 'badge'],
    ['whom it knows, with a key that is somebody’s', ['x-badge', 'yes', 'authorization', 'sk-mine'], 'badge'],
    ['whom it does not know', ['authorization', 'Bearer sk-mine'], 'mine'],
    ['nobody', [], '401 missing_api_key'],
    ['whom it refuses', ['authorization', 'Bearer sk-refused'], '401 invalid_api_key'],
  ])('%s', async (_name, pairs, expected) => {
    const authenticator = create(
      {},
      { custom, keys: cacheOf({ 'sk-mine': principal('mine'), 'sk-refused': principal('x') }) },
    )
    expect(await awaited(authenticator, ...pairs)).toBe(expected)
    expect(await awaited(authenticator, ...pairs)).toBe(expected)
  })
})

test('who fails too often from one address is not looked up for a while', () => {
  const keys = cacheOf({ 'sk-good': principal('good'), 'sk-new': principal('new') })
  const authenticator = create({}, { keys })
  const asked = (key: string) => outcome(authenticator, 'Authorization', `Bearer ${key}`)
  expect(asked('sk-good')).toBe('good')
  expect([asked('sk-bad-1'), asked('sk-bad-2'), asked('sk-bad-3')]).toEqual([
    '401 invalid_api_key',
    '401 invalid_api_key',
    '429 too_many_failed_logins',
  ])
  expect(keys.asked).not.toContain('sk-bad-3')
  expect(asked('sk-new')).toBe('429 too_many_failed_logins')
  // Who is known, and the administrator, come in all the same.
  expect([asked('sk-good'), asked('sk-right')]).toEqual(['good', 'admin'])
  clock.ms += 60_000
  expect(asked('sk-new')).toBe('new')
})
