import { describe, expect, it } from 'vitest'
import type { AuthScheme } from '../types/auth.ts'
import { bearer } from './bearer.ts'
import { headerKey } from './header-key.ts'
import { none } from './none.ts'
import { anyRequest, createFakeContext } from './token-scheme.contract.ts'

const authorize = (scheme: AuthScheme, apiKey: string | undefined): unknown =>
  scheme.authorize(anyRequest, { apiKey, options: {} }, createFakeContext(''))

describe('schemes with an API key', () => {
  it.each<[string, AuthScheme, string | undefined, unknown]>([
    ['a bearer key', bearer(), 'sk-1', { authorization: 'Bearer sk-1' }],
    ['a key in a header of its own', headerKey('x-api-key'), 'sk-1', { 'x-api-key': 'sk-1' }],
    ['a prefix', headerKey('authorization', { prefix: 'Key ' }), 'k:1', { authorization: 'Key k:1' }],
    ['white space around it', bearer(), ' sk-1\n', { authorization: 'Bearer sk-1' }],
    ['no key where none is needed', bearer({ optional: true }), undefined, {}],
    ['an empty key where none is needed', headerKey('x-key', { optional: true }), '', {}],
    ['a key where none is needed', bearer({ optional: true }), 'sk-1', { authorization: 'Bearer sk-1' }],
    ['no scheme', none, 'sk-1', {}],
  ])('%s', (_, scheme, key, headers) => {
    expect(authorize(scheme, key)).toEqual(headers)
  })

  it.each([
    ['no key', undefined],
    ['an empty key', ' '],
    ['a key that would start another header', 'secret\r\nx-admin: 1'],
    ['a key with letters that no key has', 'secret…'],
  ])('%s is an error that does not show it', (_, key) => {
    let failure: unknown
    try {
      authorize(bearer(), key)
    } catch (error) {
      failure = error
    }
    expect(failure).toMatchObject({ name: 'CredentialError', retryable: false })
    expect(String(failure)).not.toContain('secret')
  })
})
