import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../config/index.ts'
import type { GatewaySettings } from '../../config/index.ts'
import type { Authenticator } from './authenticate.ts'
import { createAuthenticator } from './authenticate.ts'

const settings: GatewaySettings = {
  dropParams: false,
  numRetries: 0,
  requestTimeoutMs: 1_000,
  maxRequestBytes: 1_000,
  masterKey: new Secret('sk-right'),
}

/** As node shows them: the first of two `authorization` headers counts, others are joined. */
function request(...pairs: string[]): { headers: IncomingHttpHeaders; rawHeaders: string[] } {
  const headers: IncomingHttpHeaders = {}
  for (let at = 0; at < pairs.length; at += 2) {
    const name = (pairs[at] ?? '').toLowerCase()
    const given = headers[name]
    if (typeof given !== 'string') headers[name] = pairs[at + 1]
    else if (name !== 'authorization') headers[name] = `${given}, ${pairs[at + 1]}`
  }
  return { headers, rawHeaders: pairs }
}

function outcome(authenticator: Authenticator, ...pairs: string[]): string {
  try {
    return authenticator.authenticate(request(...pairs)).role
  } catch (error) {
    const { status, reason } = error as { status?: number; reason?: string }
    return `${status} ${reason}`
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
  const authenticator = createAuthenticator(settings)
  expect(outcome(authenticator, ...pairs)).toBe(expected)
  // Asking again does not change it, nor does having let somebody in before.
  expect(outcome(authenticator, 'authorization', 'Bearer sk-right')).toBe('admin')
  expect(outcome(authenticator, ...pairs)).toBe(expected)
})

describe('what was beside the right key is not learnt', () => {
  test.each(['Bearer theirs', 'Bearer ', ''])('authorization: %j', (authorization) => {
    const authenticator = createAuthenticator(settings)
    expect(outcome(authenticator, 'x-litellm-api-key', 'sk-right', 'authorization', authorization)).toBe(
      'admin',
    )
    expect(outcome(authenticator, 'authorization', authorization)).toMatch(/^401/)
  })
})

test('without a master key everybody is anonymous', () => {
  const authenticator = createAuthenticator({ ...settings, masterKey: undefined })
  expect(outcome(authenticator)).toBe('anonymous')
  expect(outcome(authenticator, 'authorization', 'Bearer x')).toBe('anonymous')
})

test('a header of its own is the only one looked at', () => {
  const authenticator = createAuthenticator({ ...settings, keyHeaderName: 'X-Team-Key' })
  expect(outcome(authenticator, 'x-team-key', 'sk-right')).toBe('admin')
  expect(outcome(authenticator, 'authorization', 'Bearer sk-right')).toBe('401 missing_api_key')
  expect(outcome(authenticator, 'x-team-key', 'sk-right', 'authorization', 'Bearer x')).toBe('admin')
  expect(outcome(authenticator, 'authorization', 'Bearer x')).toBe('401 missing_api_key')
})
