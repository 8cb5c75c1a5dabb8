import { codeOfStatus, createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import { parseRetryAfterMs } from '../http/retry-after.ts'
import type { FailureCode } from '../types/failure.ts'
import type { Json } from '../types/json.ts'
import type { ParseContext, WireFailure } from './protocol.ts'
import { scrub } from './scrub.ts'

/** The longest wait that a provider's answer can ask for; more counts as this. */
const RETRY_AFTER_CAP_MS = 3_600_000

export interface WireFailureFacts {
  /** The provider's own words. */
  message: string
  /** When the body says more than the status does. */
  code?: FailureCode | undefined
  providerCode?: string | undefined
  param?: string | undefined
  retryAfterMs?: number | undefined
  retryable?: boolean | undefined
}

/** Makes the error of a provider's refusal, once its protocol has read what the body says. */
export function wireError(
  failure: WireFailure,
  context: ParseContext,
  facts: WireFailureFacts,
): SwitchyardError {
  const code = facts.code ?? codeOfStatus(failure.status)
  const words = facts.message.trim() === '' ? `HTTP ${failure.status}` : scrub(facts.message.trim())
  const retryAfterMs =
    facts.retryAfterMs ?? parseRetryAfterMs(failure.headers, Date.now(), RETRY_AFTER_CAP_MS)
  return createError({
    code,
    status: statusFor(code, failure.status),
    message: `${context.provider}: ${words}`,
    retryable: facts.retryable,
    provider: context.provider,
    model: context.model,
    param: facts.param,
    providerCode: facts.providerCode,
    providerStatus: failure.status,
    providerBody: scrubBody(failure.body),
    retryAfterMs,
  })
}

/** The provider's status stands, unless the code was read from the body and has its own. */
function statusFor(code: FailureCode, status: number): number | undefined {
  return codeOfStatus(status) === code && status >= 400 ? status : undefined
}

/** A provider's body without what looks like a credential. */
export function scrubBody(body: Json): Json {
  if (typeof body === 'string') return scrub(body.slice(0, 2_000))
  if (Array.isArray(body)) return body.map(scrubBody)
  if (typeof body !== 'object' || body === null) return body
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, scrubBody(value ?? null)]))
}
