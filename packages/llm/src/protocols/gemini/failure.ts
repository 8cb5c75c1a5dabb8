import { codeOfStatus } from '../../errors.ts'
import type { FailureInit, SwitchyardError } from '../../errors.ts'
import type { FailureCode } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { wireError } from '../failure.ts'
import type { WireFailureFacts } from '../failure.ts'
import type { ParseContext, WireFailure } from '../protocol.ts'
import { scrub } from '../scrub.ts'
import { numberOf, objectOf, objectsOf, stringOf, textOf } from '../wire.ts'

const CONTEXT_WINDOW =
  /token count.*exceeds the maximum|exceeds the maximum number of (input )?tokens|input is too long/i
const BAD_KEY = /api key (not valid|not found|expired|is invalid)|API_KEY_INVALID|invalid_grant/i
const CONTENT_POLICY =
  /violat\w* .*(responsible ai|usage guidelines|polic(y|ies))|blocked by .*(safety|content)/i

/** Statuses of `google.rpc.Code` by name, for errors that come without an HTTP status of their own. */
const STATUS_BY_NAME: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNKNOWN: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
}

/** Reads a refusal of Google: `google.rpc.Status` under `error`, alone or as the first of a list. */
export function parseFailure(failure: WireFailure, context: ParseContext): SwitchyardError {
  return wireError(failure, context, readFacts(failure.status, failure.body))
}

/** Reads an error that came with status 200 or inside a stream. */
export function parseError(root: JsonObject, context: ParseContext): FailureInit {
  const error = objectOf(root.error) ?? root
  const status = numberOf(error.code) ?? STATUS_BY_NAME[stringOf(error.status) ?? ''] ?? 500
  const facts = readFacts(status, root)
  return {
    code: facts.code ?? codeOfStatus(status),
    message: `${context.provider}: ${scrub(facts.message === '' ? `error ${status}` : facts.message)}`,
    provider: context.provider,
    model: context.model,
    providerCode: facts.providerCode,
    providerStatus: status,
    retryAfterMs: facts.retryAfterMs,
  }
}

function readFacts(status: number, body: Json): WireFailureFacts {
  if (typeof body === 'string') {
    const page = /^\s*</.test(body)
    return { message: page ? 'the service answered with a page instead of JSON' : body.slice(0, 500) }
  }
  const root = objectOf(body) ?? objectsOf(body)[0] ?? {}
  const error = objectOf(root.error) ?? root
  const details = objectsOf(error.details)
  const reason = details.map((detail) => textOf(detail.reason)).find((word) => word !== undefined)
  const message = textOf(error.message) ?? textOf(error.error_description) ?? textOf(root.error) ?? ''
  return {
    message,
    code: codeOf(status, `${reason ?? ''} ${textOf(root.error) ?? ''} ${message}`),
    providerCode: reason ?? textOf(error.status),
    retryAfterMs: retryDelayOf(details),
  }
}

/** What the words say beyond the status; `undefined` leaves it to the status. */
function codeOf(status: number, words: string): FailureCode | undefined {
  if (status === 429)
    return /prepayment credits|credits are depleted/i.test(words) ? 'quota_exceeded' : undefined
  if (status !== 400) return undefined
  if (CONTEXT_WINDOW.test(words)) return 'context_window_exceeded'
  if (BAD_KEY.test(words)) return 'authentication'
  return CONTENT_POLICY.test(words) ? 'content_policy_violation' : undefined
}

/** `RetryInfo.retryDelay`, a protobuf duration such as `34.4s`. */
function retryDelayOf(details: readonly JsonObject[]): number | undefined {
  for (const detail of details) {
    const seconds = /^(\d+(?:\.\d+)?)s$/.exec(stringOf(detail.retryDelay) ?? '')?.[1]
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1000)
  }
  return undefined
}
