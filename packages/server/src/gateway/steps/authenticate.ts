import { createError } from '@switchyard/llm/kit'
import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { GatewaySettings } from '../../config/index.ts'

/** Who is asking. */
export interface Caller {
  /** `admin` by the master key; `anonymous` where the gateway has none and listens on loopback only. */
  role: 'admin' | 'anonymous'
}

const ADMIN: Caller = { role: 'admin' }
const ANONYMOUS: Caller = { role: 'anonymous' }

/** LiteLLM's headers for a key, in its order; `x-litellm-api-key` is the gateway's alone and wins over them. */
const KEY_HEADERS = [
  'authorization',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  'ocp-apim-subscription-key',
] as const

export interface Authenticator {
  /** @throws 401 `missing_api_key` or `invalid_api_key`, 400 `conflicting_credentials`. */
  authenticate: (request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>) => Caller
}

/** Checks keys against the master key. Only headers decide: a key in an address ends up in logs. */
export function createAuthenticator(settings: GatewaySettings): Authenticator {
  const master = settings.masterKey === undefined ? undefined : Buffer.from(settings.masterKey.reveal())
  const only = settings.keyHeaderName?.toLowerCase()
  // The `authorization` that held the master key is right again: one comparison instead of parsing.
  let known: string | undefined

  return {
    authenticate: ({ headers, rawHeaders }) => {
      if (master === undefined) return ANONYMOUS
      if (hasTwoAuthorizations(rawHeaders)) throw conflicting()
      const { authorization } = headers
      if (authorization !== undefined && authorization === known && hasNoOtherKey(headers)) return ADMIN
      const key = only === undefined ? findKey(headers) : valueOf(headers[only])
      if (key === undefined) throw unauthorized('missing_api_key', 'No api key passed in.')
      if (!equals(Buffer.from(key), master))
        throw unauthorized('invalid_api_key', 'Invalid api key passed in.')
      // Beside the gateway's own header, `authorization` may hold anything.
      if (only === undefined && valueOf(authorization) === key) known = authorization
      return ADMIN
    },
  }
}

function hasNoOtherKey(headers: IncomingHttpHeaders): boolean {
  return (
    headers['x-api-key'] === undefined &&
    headers['api-key'] === undefined &&
    headers['x-goog-api-key'] === undefined &&
    headers['x-litellm-api-key'] === undefined &&
    headers['ocp-apim-subscription-key'] === undefined
  )
}

/** Node keeps the first of two; a proxy before us may have looked at the second. */
function hasTwoAuthorizations(rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) count++
  }
  return count > 1
}

const AUTHORIZATION = 'authorization'

function findKey(headers: IncomingHttpHeaders): string | undefined {
  const ours = valueOf(headers['x-litellm-api-key'])
  if (ours !== undefined) return ours
  let key: string | undefined
  for (const name of KEY_HEADERS) {
    const value = valueOf(headers[name])
    if (value === undefined) continue
    if (key !== undefined && key !== value) throw conflicting()
    key = value
  }
  return key
}

/** The key of a header, with or without `Bearer `. */
function valueOf(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined
  const value = header.replace(/^Bearer\s+/i, '').trim()
  return value === '' ? undefined : value
}

function equals(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

function conflicting(): Error {
  return createError({
    code: 'bad_request',
    reason: 'conflicting_credentials',
    message: 'Two headers carry different keys. Send one, or name the gateway key in x-litellm-api-key.',
  })
}

function unauthorized(reason: string, what: string): Error {
  return createError({
    code: 'authentication',
    reason,
    type: 'auth_error',
    message: `Authentication Error, ${what} Send the key as 'Authorization: Bearer <key>'.`,
  })
}
