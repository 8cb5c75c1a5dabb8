import type { Failure, FailureCode } from './types/failure.ts'
import type { Json } from './types/json.ts'

interface FailureKind {
  /** Name of the error class, LiteLLM's where it has one. */
  className: string
  /** Status it is given when the provider's own says nothing better. */
  status: number
  retryable: boolean
  /** OpenAI's word for the family, used as `error.type` on the wire. */
  type: string
  /** The finer word that goes with every failure of this kind. */
  reason?: string
}

/** Every failure we know. Retrying, statuses and names are decided here and nowhere else. */
export const FAILURES: Readonly<Record<FailureCode, FailureKind>> = {
  bad_request: { className: 'BadRequestError', status: 400, retryable: false, type: 'invalid_request_error' },
  context_window_exceeded: {
    className: 'ContextWindowExceededError',
    status: 400,
    retryable: false,
    type: 'invalid_request_error',
    reason: 'context_length_exceeded',
  },
  content_policy_violation: {
    className: 'ContentPolicyViolationError',
    status: 400,
    retryable: false,
    type: 'invalid_request_error',
    reason: 'content_policy_violation',
  },
  unsupported_params: {
    className: 'UnsupportedParamsError',
    status: 400,
    retryable: false,
    type: 'invalid_request_error',
  },
  unknown_provider: {
    className: 'UnknownProviderError',
    status: 400,
    retryable: false,
    type: 'invalid_request_error',
  },
  authentication: {
    className: 'AuthenticationError',
    status: 401,
    retryable: false,
    type: 'authentication_error',
  },
  permission_denied: {
    className: 'PermissionDeniedError',
    status: 403,
    retryable: false,
    type: 'permission_error',
  },
  not_found: { className: 'NotFoundError', status: 404, retryable: false, type: 'not_found_error' },
  timeout: { className: 'Timeout', status: 408, retryable: true, type: 'timeout_error' },
  unprocessable: {
    className: 'UnprocessableEntityError',
    status: 422,
    retryable: false,
    type: 'invalid_request_error',
  },
  rate_limit: { className: 'RateLimitError', status: 429, retryable: true, type: 'rate_limit_error' },
  quota_exceeded: { className: 'RateLimitError', status: 429, retryable: false, type: 'insufficient_quota' },
  internal: { className: 'InternalServerError', status: 500, retryable: true, type: 'server_error' },
  connection: { className: 'APIConnectionError', status: 500, retryable: true, type: 'server_error' },
  bad_gateway: { className: 'BadGatewayError', status: 502, retryable: true, type: 'server_error' },
  service_unavailable: {
    className: 'ServiceUnavailableError',
    status: 503,
    retryable: true,
    type: 'server_error',
  },
  overloaded: { className: 'OverloadedError', status: 529, retryable: true, type: 'overloaded_error' },
  budget_exceeded: {
    className: 'BudgetExceededError',
    status: 429,
    retryable: false,
    type: 'budget_exceeded',
  },
  invalid_response: {
    className: 'APIResponseValidationError',
    status: 502,
    retryable: true,
    type: 'server_error',
  },
  stream_interrupted: {
    className: 'StreamInterruptedError',
    status: 502,
    retryable: true,
    type: 'server_error',
  },
  unknown_price: {
    className: 'UnknownPriceError',
    status: 400,
    retryable: false,
    type: 'invalid_request_error',
  },
  aborted: { className: 'AbortedError', status: 499, retryable: false, type: 'client_closed_request' },
}

/** What `failure()` needs; the table fills in the rest. */
export type FailureInit = Pick<Failure, 'code' | 'message'> & {
  [Key in Exclude<keyof Failure, 'code' | 'message'>]?: Failure[Key] | undefined
} & { cause?: unknown }

/**
 * Base of everything this package throws. `error.status` and `error.retryable` say what to do about
 * it; `error.name` is LiteLLM's class name. Recognise one with `isSwitchyardError()`, which also works
 * when two copies of the package are installed.
 */
export class SwitchyardError extends Error implements Failure {
  /** Tells our errors apart even across two copies of the package. */
  readonly isSwitchyardError: true = true
  readonly code: FailureCode
  readonly status: number
  readonly retryable: boolean
  /** The family, as OpenAI's wire names it. */
  readonly type: string
  readonly provider: string | undefined
  readonly model: string | undefined
  readonly param: string | undefined
  readonly reason: string | undefined
  readonly providerCode: string | undefined
  readonly providerStatus: number | undefined
  readonly providerBody: Json | undefined
  readonly retryAfterMs: number | undefined

  constructor(init: FailureInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause })
    const kind = FAILURES[init.code]
    this.name = kind.className
    this.code = init.code
    this.type = init.type ?? kind.type
    this.status = init.status ?? kind.status
    this.retryable = init.retryable ?? kind.retryable
    this.provider = init.provider
    this.model = init.model
    this.param = init.param
    this.reason = init.reason ?? kind.reason
    this.providerCode = init.providerCode
    this.providerStatus = init.providerStatus
    this.providerBody = init.providerBody
    this.retryAfterMs = init.retryAfterMs
  }

  /** The same error, placed: which provider and model it came from. */
  at(place: { provider?: string | undefined; model?: string | undefined }): SwitchyardError {
    return createError({
      ...this.toFailure(),
      provider: this.provider ?? place.provider,
      model: this.model ?? place.model,
      cause: this.cause,
    })
  }

  /** The error as plain data, for `error` events and logs. */
  toFailure(): Failure {
    return {
      code: this.code,
      status: this.status,
      message: this.message,
      retryable: this.retryable,
      provider: this.provider,
      model: this.model,
      param: this.param,
      type: this.type,
      reason: this.reason,
      providerCode: this.providerCode,
      providerStatus: this.providerStatus,
      providerBody: this.providerBody,
      retryAfterMs: this.retryAfterMs,
    }
  }
}

export class BadRequestError extends SwitchyardError {}
export class ContextWindowExceededError extends BadRequestError {}
export class ContentPolicyViolationError extends BadRequestError {}
export class UnsupportedParamsError extends BadRequestError {}
export class UnknownProviderError extends BadRequestError {}
export class UnknownPriceError extends BadRequestError {}
export class AuthenticationError extends SwitchyardError {}
export class PermissionDeniedError extends SwitchyardError {}
export class NotFoundError extends SwitchyardError {}
export class Timeout extends SwitchyardError {}
export class UnprocessableEntityError extends SwitchyardError {}
export class RateLimitError extends SwitchyardError {}
export class BudgetExceededError extends SwitchyardError {}
export class InternalServerError extends SwitchyardError {}
export class APIConnectionError extends SwitchyardError {}
export class BadGatewayError extends SwitchyardError {}
export class ServiceUnavailableError extends SwitchyardError {}
export class OverloadedError extends SwitchyardError {}
export class APIResponseValidationError extends SwitchyardError {}
export class StreamInterruptedError extends SwitchyardError {}
export class AbortedError extends SwitchyardError {}

const CLASSES: Readonly<Record<FailureCode, new (init: FailureInit) => SwitchyardError>> = {
  bad_request: BadRequestError,
  context_window_exceeded: ContextWindowExceededError,
  content_policy_violation: ContentPolicyViolationError,
  unsupported_params: UnsupportedParamsError,
  unknown_provider: UnknownProviderError,
  authentication: AuthenticationError,
  permission_denied: PermissionDeniedError,
  not_found: NotFoundError,
  timeout: Timeout,
  unprocessable: UnprocessableEntityError,
  rate_limit: RateLimitError,
  quota_exceeded: RateLimitError,
  internal: InternalServerError,
  connection: APIConnectionError,
  bad_gateway: BadGatewayError,
  service_unavailable: ServiceUnavailableError,
  overloaded: OverloadedError,
  budget_exceeded: BudgetExceededError,
  invalid_response: APIResponseValidationError,
  stream_interrupted: StreamInterruptedError,
  unknown_price: UnknownPriceError,
  aborted: AbortedError,
}

/** Makes the error class that belongs to a code. */
export function createError(init: FailureInit): SwitchyardError {
  return new CLASSES[init.code](init)
}

/** Makes the failure of an `error` event. */
export function createFailure(init: FailureInit): Failure {
  return createError(init).toFailure()
}

/** Whether a thrown value is ours, whichever copy of the package threw it. */
export function isSwitchyardError(value: unknown): value is SwitchyardError {
  return typeof value === 'object' && value !== null && 'isSwitchyardError' in value
}

const BY_STATUS: Readonly<Record<number, FailureCode>> = {
  400: 'bad_request',
  401: 'authentication',
  402: 'quota_exceeded',
  403: 'permission_denied',
  404: 'not_found',
  408: 'timeout',
  409: 'bad_request',
  413: 'bad_request',
  422: 'unprocessable',
  424: 'bad_gateway',
  429: 'rate_limit',
  498: 'overloaded',
  499: 'aborted',
  500: 'internal',
  502: 'bad_gateway',
  503: 'service_unavailable',
  504: 'timeout',
  529: 'overloaded',
}

/** The code an HTTP status stands for when the body says nothing more. */
export function codeOfStatus(status: number): FailureCode {
  return BY_STATUS[status] ?? (status >= 500 ? 'internal' : 'bad_request')
}
