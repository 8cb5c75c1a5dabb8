import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import type { JwtSettings } from '../../config/index.ts'
import { createTokenVerifier, localKeys } from './verify.ts'
import type { TokenVerifier } from './verify.ts'

const NOW_MS = Date.UTC(2026, 10, 27)
const SETTINGS = {
  keyUrls: ['one', 'two'],
  audiences: ['gateway', 'other-name'],
  issuer: 'https://issuer/',
  publicKeyTtlMs: 1,
  leewayS: 0,
} as unknown as JwtSettings

const keys = new Map<string, { privateKey: CryptoKey; publicKey: CryptoKey }>()
let verifier: TokenVerifier

beforeAll(async () => {
  const sets: Record<string, { keys: JWK[] }> = { one: { keys: [] }, two: { keys: [] } }
  for (const [kid, alg, url] of [
    ['rsa', 'RS256', 'one'],
    ['ec', 'ES256', 'one'],
    ['ed', 'EdDSA', 'two'],
    ['stranger', 'RS256', 'none'],
  ] as const) {
    const pair = await generateKeyPair(alg, { extractable: true })
    keys.set(kid, pair)
    sets[url]?.keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg })
  }
  verifier = createTokenVerifier(
    SETTINGS,
    () => NOW_MS,
    (url) => localKeys(sets[url] ?? { keys: [] }),
  )
})

interface Given {
  kid?: string
  alg?: string
  claims?: Record<string, unknown>
  key?: CryptoKey | Uint8Array
}

async function sign({ kid = 'rsa', alg = 'RS256', claims = {}, key }: Given): Promise<string> {
  const all = { iss: 'https://issuer/', aud: 'gateway', exp: NOW_MS / 1000 + 60, sub: 'u', ...claims }
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  const secret = key ?? keys.get(kid)?.privateKey
  if (secret === undefined) throw new Error(kid)
  return new SignJWT(given).setProtectedHeader({ alg, kid }).sign(secret)
}

async function outcome(token: string): Promise<string> {
  try {
    return `let in: ${(await verifier.verify(token)).sub}`
  } catch (error) {
    const { status, reason, message } = error as { status?: number; reason?: string; message: string }
    expect(message).not.toContain(token.slice(0, 20))
    return `${status} ${reason}`
  }
}

describe('tokens', () => {
  test.each<[string, Given, string]>([
    ['signed by RSA', {}, 'let in: u'],
    ['signed by a curve', { kid: 'ec', alg: 'ES256' }, 'let in: u'],
    ['signed by a key of the second address', { kid: 'ed', alg: 'EdDSA' }, 'let in: u'],
    ['for several, us among them', { claims: { aud: ['x', 'other-name'] } }, 'let in: u'],
    ['for somebody else', { claims: { aud: 'x' } }, '401 invalid_token'],
    ['for nobody', { claims: { aud: undefined } }, '401 invalid_token'],
    ['of another issuer', { claims: { iss: 'https://evil/' } }, '401 invalid_token'],
    ['of no issuer', { claims: { iss: undefined } }, '401 invalid_token'],
    ['that has expired', { claims: { exp: NOW_MS / 1000 - 1 } }, '401 invalid_token'],
    ['that never expires', { claims: { exp: undefined } }, '401 invalid_token'],
    ['that begins later', { claims: { nbf: NOW_MS / 1000 + 10 } }, '401 invalid_token'],
    ['signed by a stranger', { kid: 'stranger' }, '401 invalid_token'],
    ['signed by another of the keys', { kid: 'ec', alg: 'ES256', claims: {} }, 'let in: u'],
  ])('%s', async (_name, given, expected) => {
    expect(await outcome(await sign(given))).toBe(expected)
  })

  test('signed by a stranger who names a known key', async () => {
    const key = keys.get('stranger')?.privateKey
    expect(await outcome(await sign({ kid: 'rsa', ...(key && { key }) }))).toBe('401 invalid_token')
  })

  test('signed with the public key as if it were a secret', async () => {
    const publicKey = keys.get('rsa')?.publicKey
    if (publicKey === undefined) throw new Error('no key')
    const secret = new TextEncoder().encode(await exportSPKI(publicKey))
    expect(await outcome(await sign({ alg: 'HS256', key: secret }))).toBe('401 invalid_token')
  })

  test('not signed at all', async () => {
    const token = new UnsecuredJWT({
      sub: 'u',
      iss: 'https://issuer/',
      aud: 'gateway',
      exp: NOW_MS / 1000 + 60,
    })
    expect(await outcome(token.encode())).toBe('401 invalid_token')
    expect(await outcome(`${token.encode()}AAAA`)).toBe('401 invalid_token')
  })

  test('changed after it was signed', async () => {
    const [header, payload, signature] = (await sign({})).split('.')
    const forged = Buffer.from(payload ?? '', 'base64url')
      .toString()
      .replace('"u"', '"admin"')
    const token = [header, Buffer.from(forged).toString('base64url'), signature].join('.')
    expect(await outcome(token)).toBe('401 invalid_token')
  })

  test.each(['a.b.c', '..', 'e30.e30.e30', 'eyJhbGciOiJSUzI1NiJ9.e30.x'])(
    'that are none: %s',
    async (token) => {
      expect(await outcome(token)).toBe('401 invalid_token')
    },
  )

  test('that begin alike are not taken for each other', async () => {
    const mine = await sign({ claims: { sub: 'mine' } })
    const yours = await sign({ claims: { sub: 'yours' } })
    expect(mine.slice(0, 20)).toBe(yours.slice(0, 20))
    expect([await outcome(mine), await outcome(yours)]).toEqual(['let in: mine', 'let in: yours'])
  })
})

test('keys that cannot be had are not the token’s fault', async () => {
  const away = createTokenVerifier(
    SETTINGS,
    () => NOW_MS,
    () => () => Promise.reject(new Error('away')),
  )
  await expect(away.verify(await sign({}))).rejects.toThrow('away')
})
