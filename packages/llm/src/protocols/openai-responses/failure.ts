import { codeOfStatus, createError, createFailure } from '../../errors.ts'
import type { SwitchyardError } from '../../errors.ts'
import type { Failure, FailureCode } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { codeOf, parseFailure as parseChatFailure, readWords } from '../openai-chat/failure.ts'
import type { ParseContext, WireFailure } from '../protocol.ts'
import { scrub } from '../scrub.ts'
import { numberOf, objectOf } from '../wire.ts'

/** What the codes of a failed response mean, where they mean a status. */
const STATUS: Readonly<Record<string, number>> = {
  server_error: 500,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  vector_store_timeout: 504,
  server_is_overloaded: 503,
  slow_down: 503,
  invalid_prompt: 400,
  invalid_request_error: 400,
  context_length_exceeded: 400,
  content_policy_violation: 400,
  image_content_policy_violation: 400,
  bio_policy: 400,
  cyber_policy: 400,
}

const POLICY: ReadonlySet<string> = new Set(['image_content_policy_violation', 'bio_policy', 'cyber_policy'])

/** What refers to something that only the account or deployment has which made it. */
const FOREIGN_STATE: ReadonlySet<string> = new Set([
  'previous_response_not_found',
  'invalid_encrypted_content',
])

/** Reads a refusal. State that lies elsewhere is told apart, so that a caller can look for it elsewhere. */
export function parseFailure(failure: WireFailure, context: ParseContext): SwitchyardError {
  const error = parseChatFailure(failure, context)
  if (error.providerCode === undefined || !FOREIGN_STATE.has(error.providerCode)) return error
  return createError({
    ...error.toFailure(),
    code: 'bad_request',
    type: undefined,
    status: 409,
    reason: 'response_state_unavailable',
  })
}

/** Reads the `error` of a failed response, or an `error` event, whose fields may stand at its root. */
export function failureOfError(error: Json | undefined, context: ParseContext): Failure {
  return errorOf(error, context).toFailure()
}

export function errorOf(error: Json | undefined, context: ParseContext): SwitchyardError {
  const body: JsonObject = objectOf(error) ?? {}
  const words = readWords(body)
  const inner = objectOf(body.error) ?? body
  const word = words.code ?? words.type ?? ''
  const told = numberOf(inner.status) ?? numberOf(inner.code) ?? Number(words.code)
  const status = told >= 400 && told < 600 ? told : (STATUS[word] ?? (word.includes('image') ? 400 : 500))
  const code: FailureCode = POLICY.has(word)
    ? 'content_policy_violation'
    : (codeOf(status, words) ?? codeOfStatus(status))
  return createError({
    code,
    message: `${context.provider}: ${words.message === '' ? 'the response failed' : scrub(words.message)}`,
    provider: context.provider,
    model: context.model,
    param: words.param,
    providerCode: words.code ?? words.type,
    providerBody: body,
  })
}

export function interrupted(context: ParseContext): Failure {
  const { provider, model } = context
  const message = `${provider}: the stream ended before the response was complete`
  return createFailure({ code: 'stream_interrupted', message, provider, model })
}
