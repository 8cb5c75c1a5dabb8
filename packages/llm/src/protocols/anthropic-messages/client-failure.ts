import type { Failure, FailureCode } from '../../types/failure.ts'
import type { JsonObject } from '../../types/json.ts'

const TYPES: Readonly<Partial<Record<FailureCode, string>>> = {
  authentication: 'authentication_error',
  permission_denied: 'permission_error',
  not_found: 'not_found_error',
  rate_limit: 'rate_limit_error',
  quota_exceeded: 'rate_limit_error',
  budget_exceeded: 'rate_limit_error',
  timeout: 'timeout_error',
  overloaded: 'overloaded_error',
  service_unavailable: 'overloaded_error',
}

/** Anthropic's error body. */
export function renderFailure(failure: Failure, context: { requestId: string }): JsonObject {
  return { ...renderError(failure), request_id: context.requestId }
}

/** An error as the last event of a stream. */
export function renderStreamFailure(failure: Failure, context: { requestId: string }): string {
  return renderErrorEvent(renderFailure(failure, context))
}

/** The same where the id of the request is not known. */
export function renderError(failure: Failure): JsonObject {
  return { type: 'error', error: { type: typeOf(failure), message: failure.message } }
}

export function renderErrorEvent(body: JsonObject): string {
  return `event: error\ndata: ${JSON.stringify(body)}\n\n`
}

function typeOf(failure: Failure): string {
  if (failure.status === 413) return 'request_too_large'
  return TYPES[failure.code] ?? (failure.status >= 500 ? 'api_error' : 'invalid_request_error')
}
