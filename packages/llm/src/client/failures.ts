import { CredentialError } from '../auth/credential-error.ts'
import { createError, isSwitchyardError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import { InvalidFrameError } from '../http/invalid-frame-error.ts'
import { TransportError } from '../http/transport-error.ts'
import type { TransportErrorKind } from '../http/transport-error.ts'
import type { ProviderDeclaration } from '../types/provider.ts'
import type { FailureCode } from '../types/failure.ts'

interface Place {
  provider: string
  model: string
}

const TRANSPORT: Readonly<
  Record<TransportErrorKind, { code: FailureCode; reason: string; retryable?: boolean }>
> = {
  connect_refused: { code: 'connection', reason: 'upstream_unavailable' },
  connect_timeout: { code: 'timeout', reason: 'upstream_timeout' },
  dns: { code: 'connection', reason: 'upstream_unavailable' },
  tls: { code: 'connection', reason: 'upstream_tls_error', retryable: false },
  forbidden_address: { code: 'connection', reason: 'upstream_address_forbidden', retryable: false },
  reset: { code: 'connection', reason: 'upstream_unavailable' },
  first_byte_timeout: { code: 'timeout', reason: 'upstream_timeout' },
  idle_timeout: { code: 'timeout', reason: 'upstream_timeout' },
  total_timeout: { code: 'timeout', reason: 'upstream_timeout' },
  aborted: { code: 'aborted', reason: 'aborted' },
  truncated: { code: 'stream_interrupted', reason: 'upstream_stream_interrupted' },
  invalid_response: { code: 'invalid_response', reason: 'upstream_invalid_response' },
  encoding: { code: 'invalid_response', reason: 'upstream_invalid_response' },
  invalid_request: { code: 'bad_request', reason: 'invalid_request' },
}

/** Any error of a call as one of ours, placed. What is already ours is only placed; what nobody knows stays as it is. */
export function failureOfCall(error: unknown, place: Place): unknown {
  if (isSwitchyardError(error)) return error.at(place)
  if (error instanceof TransportError) {
    const { code, reason, retryable } = TRANSPORT[error.kind]
    return createError({
      code,
      reason,
      retryable,
      message: `${place.provider} ${error.what}`,
      ...place,
      cause: error,
    })
  }
  if (error instanceof InvalidFrameError)
    return createError({
      code: 'invalid_response',
      reason: 'upstream_invalid_sse',
      message: `${place.provider}: sent a stream that cannot be read: ${error.message}`,
      ...place,
      cause: error,
    })
  return error
}

/** What is wrong with a target's credentials, and where they are looked for. */
export function failureOfCredentials(
  error: unknown,
  provider: ProviderDeclaration<unknown>,
  place: Place,
): unknown {
  if (!(error instanceof CredentialError)) return failureOfCall(error, place)
  const variables = provider.keyEnv === undefined ? '' : ` Variables read: ${provider.keyEnv.join(', ')}.`
  return credentialFailure(`${place.provider}: ${error.message}${variables}`, error, place)
}

function credentialFailure(message: string, error: CredentialError, place: Place): SwitchyardError {
  return createError({ code: 'authentication', message, retryable: error.retryable, ...place, cause: error })
}

/** A 200 that is not what was asked for. */
export function invalidResponse(reason: string, what: string, place: Place): SwitchyardError {
  return createError({ code: 'invalid_response', reason, message: `${place.provider}: ${what}`, ...place })
}
