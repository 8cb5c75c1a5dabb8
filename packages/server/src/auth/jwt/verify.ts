import type { AuthContext } from '@switchyard/llm/kit'
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose'
import type { FetchImplementation, JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose'
import type { JwtSettings } from '../../config/index.ts'
import { invalidToken } from '../refusals.ts'

/** Checks who signed a token, whom it is for and how long it holds. */
export interface TokenVerifier {
  /**
   * @returns what the token says.
   * @throws 401 `invalid_token`; another error when the public keys cannot be had.
   */
  verify: (token: string) => Promise<JWTPayload>
}

/**
 * Signatures by public keys only. A secret shared with the issuer (`HS…`) is not among them: with it, the public key
 * itself, which everybody has, would be taken for the secret.
 */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** How long the address of the keys is left alone after it was asked for a key that it does not have. */
const COOLDOWN_MS = 30_000
const TIMEOUT_MS = 5_000
const MAX_BYTES = 1_000_000

export function createTokenVerifier(
  settings: JwtSettings,
  nowMs: () => number,
  keysOf: (url: string) => JWTVerifyGetKey,
): TokenVerifier {
  const sources = settings.keyUrls.map(keysOf)
  const getKey: JWTVerifyGetKey = async (header, token) => {
    for (const source of sources) {
      try {
        return await source(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      }
    }
    throw new errors.JWKSNoMatchingKey()
  }
  return {
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, getKey, {
          algorithms: ALGORITHMS,
          issuer: settings.issuer,
          audience: [...settings.audiences],
          requiredClaims: ['iss', 'aud', 'exp'],
          clockTolerance: settings.leewayS,
          currentDate: new Date(nowMs()),
        })
        return payload
      } catch (error) {
        throw reasonOf(error) ?? error
      }
    },
  }
}

/** Keys that are at hand: for tests, and for whoever has them in a file. */
export function localKeys(set: JSONWebKeySet): JWTVerifyGetKey {
  return createLocalJWKSet(set)
}

/** Keys at an address: kept for a time, and asked for anew when a token names one that is not among them. */
export function remoteKeys(url: string, ttlMs: number, transport: AuthContext['transport']): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), {
    cacheMaxAge: ttlMs,
    cooldownDuration: Math.min(COOLDOWN_MS, ttlMs),
    timeoutDuration: TIMEOUT_MS,
    [customFetch]: fetchBy(transport),
  })
}

/** By the way that all of the gateway's calls take, with its rules about addresses. */
function fetchBy(transport: AuthContext['transport']): FetchImplementation {
  const timeouts = { connectMs: TIMEOUT_MS, firstByteMs: TIMEOUT_MS, idleMs: TIMEOUT_MS, totalMs: TIMEOUT_MS }
  return async (url, { headers, signal }) => {
    const request = { method: 'GET' as const, url, headers: Object.fromEntries(headers), timeouts, signal }
    const response = await transport(request)
    const pieces: Uint8Array[] = []
    let bytes = 0
    for await (const piece of response.body) {
      bytes += piece.length
      if (bytes > MAX_BYTES) throw new Error(`${url} gave more than ${MAX_BYTES} bytes of keys`)
      pieces.push(piece)
    }
    return new Response(Buffer.concat(pieces), { status: response.status })
  }
}

/** Why the token is refused; undefined where the fault is not the token's. */
function reasonOf(error: unknown): Error | undefined {
  if (error instanceof errors.JWTExpired) return invalidToken('it has expired. Get a new one.')
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalidToken(`its claim '${error.claim}' is missing or does not fit this gateway.`)
  if (error instanceof errors.JOSEAlgNotAllowed)
    return invalidToken('it is not signed in a way that is allowed here.')
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  )
    return invalidToken('it is not signed with a key of its issuer.')
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid)
    return invalidToken('it is malformed.')
  return undefined
}
