import { createError, isSwitchyardError } from '@switchyard/llm/kit'
import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Callers } from '../../auth/callers.ts'
import { addressNotAllowed, clientAddress, isAddressIn } from '../../auth/client-address.ts'
import type { Principal } from '../../auth/principal.ts'
import { createFailedLogins } from '../../auth/failed-logins.ts'
import type { PrincipalCache } from '../../auth/principal-cache.ts'
import { malformedKey, missingKey, tooManyFailures, unknownKey } from '../../auth/refusals.ts'
import { isVirtualKey } from '../../auth/virtual-key.ts'
import type { GatewayConfig } from '../../config/index.ts'

/** LiteLLM's headers for a key, in its order; `x-litellm-api-key` is the gateway's alone and wins over them. */
const KEY_HEADERS = [
  'authorization',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  'ocp-apim-subscription-key',
] as const

type Asking = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'socket' | 'method' | 'url'>

export interface Authenticator {
  /**
   * Who is asking; a promise only where that has to be looked up.
   *
   * @throws 401 with the reason, 429 `too_many_failed_logins`, 400 `conflicting_credentials`, 403 `address_not_allowed`, 503 `db_unavailable`.
   */
  authenticate: (request: Asking) => Principal | Promise<Principal>
}

/**
 * The master key, else what the hook says, else a virtual key or a token. Only headers decide: a key in an address
 * ends up in logs.
 */
export function createAuthenticator(
  { settings, access }: Pick<GatewayConfig, 'settings' | 'access'>,
  callers: Callers,
  monotonicMs: () => number,
): Authenticator {
  const master = settings.masterKey === undefined ? undefined : Buffer.from(settings.masterKey.reveal())
  const only = settings.keyHeaderName?.toLowerCase()
  const { keys, tokens, custom } = callers
  const failures = createFailedLogins(access.failedLoginsPerMinute, monotonicMs)
  // The `authorization` that held the master key is right again: one comparison instead of parsing.
  let known: string | undefined

  const identify = (request: Asking): Principal | Promise<Principal> => {
    const { headers, rawHeaders } = request
    if (master === undefined) return callers.anonymous
    if (hasTwoAuthorizations(rawHeaders)) throw conflicting()
    const { authorization } = headers
    if (authorization !== undefined && only === undefined && hasNoOtherKey(headers)) {
      if (authorization === known) return callers.master
      const principal =
        custom === undefined ? (keys?.peek(authorization) ?? tokens?.peek(authorization)) : undefined
      if (principal !== undefined) return principal
    }
    const key = only === undefined ? findKey(headers) : valueOf(headers[only])
    if (key !== undefined && equals(Buffer.from(key), master)) {
      // Beside the gateway's own header, `authorization` may hold anything.
      if (only === undefined && valueOf(authorization) === key) known = authorization
      return callers.master
    }
    const header = valueOf(authorization) === key ? authorization : undefined
    return custom === undefined ? holderOf(request, key, header) : askHook(request, key, header)
  }

  const askHook = async (
    request: Asking,
    key: string | undefined,
    header: string | undefined,
  ): Promise<Principal> => {
    const found = await custom?.identify({
      key,
      headers: request.headers,
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      address: clientAddress(request, access.useForwardedFor),
    })
    return found ?? holderOf(request, key, header)
  }

  const holderOf = (
    request: Asking,
    key: string | undefined,
    header = key,
  ): Principal | Promise<Principal> => {
    if (key === undefined || header === undefined) throw missingKey()
    if (isVirtualKey(key)) {
      if (keys === undefined) throw unknownKey()
      return keys.peek(key) ?? lookUp(keys, request, key, header)
    }
    if (tokens === undefined || !isToken(key)) throw malformedKey()
    return tokens.peek(key) ?? lookUp(tokens, request, key, header)
  }

  /** Who is known already comes in all the same. */
  function lookUp(
    cache: PrincipalCache,
    request: Asking,
    key: string,
    header: string,
  ): Principal | Promise<Principal> {
    const waitMs = failures.waitMs(clientAddress(request, access.useForwardedFor))
    if (waitMs > 0) throw tooManyFailures(waitMs)
    return cache.get(key, header)
  }

  function noteFailure(error: unknown, request: Asking): unknown {
    if (isSwitchyardError(error) && error.code === 'authentication')
      failures.note(clientAddress(request, access.useForwardedFor))
    return error
  }

  return {
    authenticate: (request) => {
      if (access.allowedIps !== undefined) checkAddress(request, access.allowedIps)
      let found: Principal | Promise<Principal>
      try {
        found = identify(request)
      } catch (error) {
        throw noteFailure(error, request)
      }
      return found instanceof Promise
        ? found.then(
            (principal) => fromHere(principal, request),
            (error: unknown) => {
              throw noteFailure(error, request)
            },
          )
        : fromHere(found, request)
    },
  }

  /** A key may be good from some places only. */
  function fromHere(principal: Principal, request: Asking): Principal {
    if (principal.allowedIps !== undefined) checkAddress(request, principal.allowedIps)
    return principal
  }

  function checkAddress(request: Asking, allowed: readonly string[]): void {
    const address = clientAddress(request, access.useForwardedFor)
    if (!isAddressIn(allowed, address)) throw addressNotAllowed(address)
  }
}

/** Three parts that dots divide. */
function isToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)
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
