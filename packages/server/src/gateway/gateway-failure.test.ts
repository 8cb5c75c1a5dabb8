import {
  createError,
  isDeploymentFault,
  isStateElsewhere,
  isSwitchyardError,
  mayFailOver,
} from '@switchyard/llm/kit'
import type { FailureCode } from '@switchyard/llm/kit'
import { describe, expect, test } from 'vitest'
import { BodyError } from '../http/body-error.ts'
import { toGatewayFailure } from './gateway-failure.ts'

const provider = 'openai'

describe("a provider's failure", () => {
  test.each<[FailureCode, number, string | undefined]>([
    ['authentication', 502, 'upstream_auth_failed'],
    ['permission_denied', 502, 'upstream_auth_failed'],
    ['not_found', 502, 'upstream_model_not_found'],
    ['timeout', 504, 'upstream_timeout'],
    ['rate_limit', 429, 'upstream_rate_limited'],
    ['quota_exceeded', 429, 'upstream_quota_exceeded'],
    ['internal', 502, 'upstream_error'],
    ['connection', 503, 'upstream_unavailable'],
    ['service_unavailable', 503, 'upstream_unavailable'],
    ['overloaded', 503, 'upstream_overloaded'],
    ['invalid_response', 502, 'upstream_invalid_response'],
    ['stream_interrupted', 502, 'upstream_stream_interrupted'],
    ['bad_request', 400, undefined],
    ['context_window_exceeded', 400, undefined],
    ['content_policy_violation', 400, undefined],
  ])('%s is %i %s', (code, status, reason) => {
    const failure = toGatewayFailure(createError({ code, provider, message: 'x' }))
    expect(failure.status).toBe(status)
    if (reason !== undefined) expect(failure.reason).toBe(reason)
  })

  test('never looks like a refusal of the client', () => {
    const failure = toGatewayFailure(createError({ code: 'authentication', provider, message: 'bad key' }))
    expect(failure.code).toBe('bad_gateway')
    expect(failure.type).not.toBe('auth_error')
  })

  test.each(['upstream_tls_error', 'upstream_redirect_refused', 'upstream_address_forbidden'])(
    '%s keeps its word and is 502',
    (reason) => {
      const error = createError({ code: 'connection', reason, provider, message: 'x' })
      expect(toGatewayFailure(error)).toMatchObject({ reason, status: 502 })
    },
  )

  test('keeps what it says', () => {
    const error = createError({
      code: 'rate_limit',
      provider,
      message: 'slow',
      providerStatus: 429,
      retryAfterMs: 5,
    })
    expect(toGatewayFailure(error)).toMatchObject({
      retryAfterMs: 5,
      providerStatus: 429,
      provider,
      retryable: true,
    })
  })
})

test('our own failures stay what they are', () => {
  const error = createError({ code: 'authentication', reason: 'invalid_api_key', message: 'no' })
  expect(toGatewayFailure(error)).toMatchObject({
    code: 'authentication',
    status: 401,
    reason: 'invalid_api_key',
  })
})

test('a body that cannot be used', () => {
  expect(toGatewayFailure(new BodyError('request_too_large', 'too large'))).toMatchObject({
    code: 'bad_request',
    status: 413,
    reason: 'request_too_large',
    retryable: false,
  })
})

test.each([new TypeError('secret at /home/me'), 'text', undefined])(
  'what nobody expected says nothing: %s',
  (error) => {
    const failure = toGatewayFailure(error)
    expect(failure).toMatchObject({
      code: 'internal',
      status: 500,
      reason: 'internal_server_error',
      retryable: false,
    })
    expect(JSON.stringify(failure)).not.toContain('secret')
  },
)

test.each<[FailureCode, boolean, boolean]>([
  ['bad_request', false, false],
  ['content_policy_violation', false, false],
  ['aborted', false, false],
  ['rate_limit', true, false],
  ['timeout', true, false],
  ['connection', true, false],
  ['invalid_response', true, false],
  ['authentication', true, true],
  ['not_found', true, true],
  ['quota_exceeded', true, true],
])('%s: another may do better %s, this one never %s', (code, another, never) => {
  const error = createError({ code, provider, message: 'x' })
  if (!isSwitchyardError(error)) throw error
  expect(mayFailOver(error)).toBe(another)
  expect(isDeploymentFault(error)).toBe(never)
  expect(isStateElsewhere(error)).toBe(false)
})
