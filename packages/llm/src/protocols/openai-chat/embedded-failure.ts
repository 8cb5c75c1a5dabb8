import { codeOfStatus, createError } from '../../errors.ts'
import type { SwitchyardError } from '../../errors.ts'
import type { FailureCode } from '../../types/failure.ts'
import type { JsonObject } from '../../types/json.ts'
import { scrubBody } from '../failure.ts'
import type { ParseContext } from '../protocol.ts'
import { scrub } from '../scrub.ts'
import { numberOf, objectOf, objectsOf, stringOf } from '../wire.ts'
import { codeOf, readWords } from './failure.ts'

/** MiniMax's own numbers, in `base_resp.status_code`. */
const MINIMAX: Readonly<Record<number, FailureCode>> = {
  1001: 'timeout',
  1002: 'rate_limit',
  1004: 'authentication',
  1008: 'quota_exceeded',
  1026: 'content_policy_violation',
  1027: 'content_policy_violation',
  1039: 'context_window_exceeded',
  1041: 'rate_limit',
  2013: 'bad_request',
  2049: 'authentication',
}

/**
 * The failure that a body with status 200, or a chunk of a stream, tells instead of an answer: `error` (OpenAI,
 * OpenRouter also in a choice), `{object: "error"}` (vLLM), `base_resp` (MiniMax), or words without choices.
 */
export function readEmbeddedFailure(root: JsonObject, context: ParseContext): SwitchyardError | undefined {
  const base = objectOf(root.base_resp)
  const minimax = numberOf(base?.status_code) ?? 0
  if (minimax !== 0)
    return failureOf(
      context,
      root,
      MINIMAX[minimax] ?? 'internal',
      stringOf(base?.status_msg) ?? '',
      String(minimax),
    )
  const choice = objectsOf(root.choices).find(({ error }) => objectOf(error) !== undefined)
  const holder = isSet(root.error) || root.object === 'error' || saysOnlyWords(root) ? root : choice
  if (holder === undefined) return undefined
  const words = readWords(holder)
  const status = statusOf(holder)
  return failureOf(
    context,
    holder,
    codeOf(status, words) ?? codeOfStatus(status),
    words.message,
    words.code ?? words.type,
  )
}

/** `null`, `false`, `""` and `{}` beside an answer mean that nothing went wrong. */
function isSet(error: JsonObject[string]): boolean {
  if (typeof error === 'object' && error !== null) return Object.keys(error).length > 0
  return typeof error === 'string' && error !== ''
}

function saysOnlyWords(root: JsonObject): boolean {
  return (
    root.choices === undefined &&
    root.usage === undefined &&
    root.object === undefined &&
    readWords(root).message !== ''
  )
}

/** Statuses of errors that only have a name. */
const NAMED: readonly (readonly [RegExp, number])[] = [
  [/rate.?limit|insufficient_quota|too_many_requests/i, 429],
  [/overloaded|unavailable|slow_down/i, 503],
  [/authentication|invalid_api_key|unauthorized/i, 401],
  [/permission|forbidden/i, 403],
  [/not_?found/i, 404],
  [/timeout/i, 504],
  [/invalid_request|bad_?request|context_length|content_filter|content_policy|validation/i, 400],
]

/** The status an error names itself; services put it under several names. */
function statusOf(holder: JsonObject): number {
  const error = objectOf(holder.error) ?? holder
  for (const value of [
    error.status_code,
    error.code,
    error.status,
    error.http_status_code,
    holder.status_code,
  ]) {
    const status = typeof value === 'string' ? Number(value) : numberOf(value)
    if (status !== undefined && status >= 400 && status < 600) return status
  }
  const name = `${stringOf(error.code) ?? ''} ${stringOf(error.type) ?? ''} ${stringOf(holder.error_type) ?? ''}`
  return NAMED.find(([pattern]) => pattern.test(name))?.[1] ?? 500
}

function failureOf(
  { provider, model }: ParseContext,
  body: JsonObject,
  code: FailureCode,
  words: string,
  providerCode: string | undefined,
): SwitchyardError {
  return createError({
    code,
    message: `${provider}: ${words === '' ? 'answered with an error' : scrub(words)}`,
    provider,
    model,
    providerCode,
    providerBody: scrubBody(body),
  })
}
