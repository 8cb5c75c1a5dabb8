import { codeOfStatus } from '../../errors.ts'
import type { FailureInit, SwitchyardError } from '../../errors.ts'
import type { FailureCode } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { wireError } from '../failure.ts'
import type { ParseContext, WireFailure } from '../protocol.ts'
import { scrub } from '../scrub.ts'
import { objectOf, parseJson, stringOf, textOf } from '../wire.ts'

/** Anthropic's error types, where they say more than the status or stand in for it inside a stream. */
const TYPES: Readonly<Record<string, FailureCode>> = {
  invalid_request_error: 'bad_request',
  request_too_large: 'bad_request',
  authentication_error: 'authentication',
  permission_error: 'permission_denied',
  not_found_error: 'not_found',
  rate_limit_error: 'rate_limit',
  billing_error: 'quota_exceeded',
  timeout_error: 'timeout',
  api_error: 'internal',
  overloaded_error: 'overloaded',
}

const CONTEXT_WINDOW =
  /prompt is too long|exceeds? (the |its )?context (limit|window)|context_length_exceeded|maximum context length|input is too long/i
const QUOTA = /credit balance is too low|api usage limits|insufficient_quota/i
const CONTENT_POLICY = /content filtering policy|usage polic(y|ies)/i

/** Reads a refusal: `{type: 'error', error: {type, message}}`, and what other services of this wire make of it. */
export function parseFailure(failure: WireFailure, context: ParseContext): SwitchyardError {
  const { message, type, param } = readWords(failure.body)
  return wireError(failure, context, {
    message,
    code: codeOf(type, message, failure.status),
    providerCode: type,
    param,
  })
}

/** The failure of an error that came where an answer was due: in a stream, or with status 200. */
export function failureOfBody(body: Json, context: ParseContext): FailureInit {
  const { provider, model } = context
  const { message, type, param } = readWords(body)
  return {
    code: codeOf(type, message, undefined),
    message: `${provider}: ${message === '' ? 'the service answered with an error' : scrub(message)}`,
    provider,
    model,
    param,
    providerCode: type,
    providerBody: parseJson(scrub(JSON.stringify(body))) ?? null,
  }
}

interface Words {
  message: string
  type: string | undefined
  param: string | undefined
}

function readWords(body: Json): Words {
  const root = objectOf(body)
  if (root === undefined)
    return { message: plainText(stringOf(body) ?? ''), type: undefined, param: undefined }
  const error: JsonObject = objectOf(root.error) ?? root
  return {
    message: textOf(error.message) ?? textOf(root.error) ?? textOf(root.message) ?? textOf(root.detail) ?? '',
    type:
      error === root
        ? textOf(error.code)
        : (textOf(error.type) ?? textOf(error.code) ?? textOf(error.status)),
    param: textOf(error.param),
  }
}

/** Error pages of proxies are HTML: their text says nothing worth keeping. */
function plainText(body: string): string {
  return /^\s*</.test(body) ? 'the service answered with an HTML page instead of JSON' : body.slice(0, 500)
}

function codeOf(type: string | undefined, message: string, status: number | undefined): FailureCode {
  const code = TYPES[type ?? ''] ?? (status === undefined ? 'internal' : codeOfStatus(status))
  if (code === 'bad_request' || code === 'internal') {
    if (status !== undefined && status >= 500) return codeOfStatus(status)
    if (CONTEXT_WINDOW.test(message)) return 'context_window_exceeded'
    if (QUOTA.test(message)) return 'quota_exceeded'
    if (CONTENT_POLICY.test(message)) return 'content_policy_violation'
  }
  return code
}
