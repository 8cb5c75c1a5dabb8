import { createError } from '@switchyard/llm/kit'
import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { GatewaySettings } from '../../config/index.ts'

/** Who is asking. */
export interface Caller {
  /** `admin` by the master key; `anonymous` where the gateway has none and listens on loopback only. */
  role: 'admin' | 'anonymous'
}

const ADMIN: Caller = { role: 'admin' }
const ANONYMOUS: Caller = { role: 'anonymous' }

/** LiteLLM's headers for a key, in its order. The first one is ours alone and wins over all others. */
const KEY_HEADERS = [
  'authorization',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  'ocp-apim-subscription-key',
] as const

export interface Authenticator {
  /** @throws 401 `missing_api_key` or `invalid_api_key`, 400 `conflicting_credentials`. */
  authenticate: (headers: IncomingHttpHeaders, query?: string) => Caller
}

/** Checks keys against the master key. The headers decide; nothing is read from the body. */
export function createAuthenticator(settings: GatewaySettings): Authenticator {
  const master = settings.masterKey === undefined ? undefined : Buffer.from(settings.masterKey.reveal())
  const only = settings.keyHeaderName?.toLowerCase()
  // A header that was right once is right again: one lookup instead of parsing and comparing.
  let known: string | undefined

  return {
    authenticate: (headers, query) => {
      if (master === undefined) return ANONYMOUS
      const { authorization } = headers
      if (authorization !== undefined && authorization === known && hasOneKey(headers)) return ADMIN
      const key = only === undefined ? findKey(headers, query) : valueOf(headers[only])
      if (key === undefined) throw unauthorized('missing_api_key', 'No api key passed in.')
      if (!equals(Buffer.from(key), master))
        throw unauthorized('invalid_api_key', 'Invalid api key passed in.')
      if (authorization !== undefined && only === undefined) known = authorization
      return ADMIN
    },
  }
}

function hasOneKey(headers: IncomingHttpHeaders): boolean {
  return (
    headers['x-api-key'] === undefined &&
    headers['api-key'] === undefined &&
    headers['x-goog-api-key'] === undefined &&
    headers['x-litellm-api-key'] === undefined &&
    headers['ocp-apim-subscription-key'] === undefined
  )
}

function findKey(headers: IncomingHttpHeaders, query: string | undefined): string | undefined {
  const ours = valueOf(headers['x-litellm-api-key'])
  if (ours !== undefined) return ours
  let key: string | undefined
  for (const name of KEY_HEADERS) {
    const value = valueOf(headers[name])
    if (value === undefined) continue
    if (key !== undefined && key !== value)
      throw createError({
        code: 'bad_request',
        reason: 'conflicting_credentials',
        message: 'Two headers carry different keys. Send one, or name the gateway key in x-litellm-api-key.',
      })
    key = value
  }
  return key ?? (query === undefined ? undefined : (new URLSearchParams(query).get('key') ?? undefined))
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

function unauthorized(reason: string, what: string): Error {
  return createError({
    code: 'authentication',
    reason,
    type: 'auth_error',
    message: `Authentication Error, ${what} Send the key as 'Authorization: Bearer <key>'.`,
  })
}
