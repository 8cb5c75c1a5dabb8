import { createError, isSwitchyardError } from '@switchyard/llm/kit'
import type { Failure, FailureCode, SwitchyardError } from '@switchyard/llm/kit'
import { BodyError } from '../http/body-error.ts'

/** How a provider's failure looks to the gateway's client: its status, our word for it, and its kind where that differs. */
const UPSTREAM: Partial<Record<FailureCode, { status: number; reason: string; code?: FailureCode }>> = {
  // The gateway's own key was refused, or its own configuration: nothing the client could do anything about.
  authentication: { status: 502, reason: 'upstream_auth_failed', code: 'bad_gateway' },
  permission_denied: { status: 502, reason: 'upstream_auth_failed', code: 'bad_gateway' },
  not_found: { status: 502, reason: 'upstream_model_not_found', code: 'bad_gateway' },
  timeout: { status: 504, reason: 'upstream_timeout' },
  rate_limit: { status: 429, reason: 'upstream_rate_limited' },
  quota_exceeded: { status: 429, reason: 'upstream_quota_exceeded' },
  internal: { status: 502, reason: 'upstream_error' },
  connection: { status: 503, reason: 'upstream_unavailable' },
  bad_gateway: { status: 502, reason: 'upstream_error' },
  service_unavailable: { status: 503, reason: 'upstream_unavailable' },
  overloaded: { status: 503, reason: 'upstream_overloaded' },
  invalid_response: { status: 502, reason: 'upstream_invalid_response' },
  stream_interrupted: { status: 502, reason: 'upstream_stream_interrupted' },
}

/** Reasons that say more than the code; they keep their own status. */
const BY_REASON: Readonly<Record<string, number>> = {
  upstream_tls_error: 502,
  upstream_redirect_refused: 502,
  upstream_address_forbidden: 502,
}

/** Any thrown value as what the client is told. What nobody expected is a plain 500 that says nothing of the inside. */
export function toGatewayFailure(error: unknown): Failure {
  if (isSwitchyardError(error))
    return error.provider === undefined ? error.toFailure() : upstreamFailure(error)
  if (error instanceof BodyError)
    return {
      ...createError({
        code: 'bad_request',
        status: error.status,
        message: error.message,
        param: error.param,
      }).toFailure(),
      reason: error.code,
    }
  return createError({
    code: 'internal',
    reason: 'internal_server_error',
    retryable: false,
    message: 'The gateway failed to handle this request. Its log has the details under the request id.',
  }).toFailure()
}

function upstreamFailure(error: SwitchyardError): Failure {
  const failure = error.toFailure()
  const seen = UPSTREAM[error.code]
  if (seen === undefined) return failure
  const reason = failure.reason ?? seen.reason
  const status = BY_REASON[reason] ?? seen.status
  if (seen.code === undefined) return { ...failure, reason, status }
  return createError({ ...failure, code: seen.code, type: undefined, reason, status }).toFailure()
}
