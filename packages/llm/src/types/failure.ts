import type { Json } from './json.ts'

/** What can go wrong, one word each. `errors.ts` holds the table that gives each its status and its class. */
export type FailureCode =
  | 'bad_request'
  | 'context_window_exceeded'
  | 'content_policy_violation'
  | 'unsupported_params'
  | 'unknown_provider'
  | 'authentication'
  | 'permission_denied'
  | 'not_found'
  | 'timeout'
  | 'unprocessable'
  | 'rate_limit'
  | 'quota_exceeded'
  | 'internal'
  | 'connection'
  | 'bad_gateway'
  | 'service_unavailable'
  | 'overloaded'
  | 'budget_exceeded'
  | 'invalid_response'
  | 'stream_interrupted'
  | 'unknown_price'
  | 'aborted'

/** A failure as data: what travels in an `error` event. The error classes of `errors.ts` have this shape. */
export interface Failure {
  code: FailureCode
  /** HTTP status that describes it best. */
  status: number
  /** What happened, where, and what to do next. Holds no secret. */
  message: string
  /** Whether the same call may succeed when repeated. */
  retryable: boolean
  provider?: string | undefined
  model?: string | undefined
  /** The request's field that caused it, as a path. */
  param?: string | undefined
  /** The wire's error type, where it is not the usual one of the code. */
  type?: string | undefined
  /** Our own finer word for it where there is one: `invalid_type`, `upstream_timeout` … */
  reason?: string | undefined
  /** The provider's own error type or code. */
  providerCode?: string | undefined
  /** Status the provider answered with. */
  providerStatus?: number | undefined
  /** The provider's own body, with secrets taken out. */
  providerBody?: Json | undefined
  /** How long the provider asks to wait. */
  retryAfterMs?: number | undefined
}
