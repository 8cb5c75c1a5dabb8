import type { SwitchyardError } from '../../errors.ts'
import type { FailureCode } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { wireError } from '../failure.ts'
import type { ParseContext, WireFailure } from '../protocol.ts'
import { objectOf, objectsOf, stringOf, textOf } from '../wire.ts'

/** What services of this wire say when the prompt does not fit. */
const CONTEXT_WINDOW =
  /context_length_exceeded|maximum context length|exceeds? the context window|context window|prompt is too long|prompt too long|too_many_prompt_tokens|too many tokens|maximum prompt length|reduce the length of the (messages|prompt)|input tokens? exceed/i
const CONTENT_POLICY =
  /content_filter|content_policy_violation|ResponsibleAIPolicyViolation|content management policy|safety system|flagged|moderation/i

/** Reads a refusal of an OpenAI-like service: `{error: {message, type, code}}` and what others make of it. */
export function parseFailure(failure: WireFailure, context: ParseContext): SwitchyardError {
  const words = readWords(failure.body)
  return wireError(failure, context, {
    message: words.message,
    code: codeOf(failure.status, words),
    providerCode: words.code ?? words.type,
    param: words.param,
  })
}

interface Words {
  message: string
  type: string | undefined
  code: string | undefined
  param: string | undefined
}

/** Finds message, type and code in the shapes services use. */
export function readWords(body: Json): Words {
  if (typeof body === 'string') return { message: textPage(body), type: undefined, code: undefined, param: undefined }
  const root: JsonObject = objectOf(body) ?? objectsOf(body)[0] ?? {}
  const error = objectOf(root.error) ?? root
  const upstream = objectOf(error.metadata)
  const detail = objectsOf(root.detail)[0]
  const message =
    textOf(error.message) ??
    textOf(root.error) ??
    textOf(root.message) ??
    textOf(root.detail) ??
    textOf(root.error_message) ??
    textOf(detail?.msg) ??
    textOf(objectOf(root.message)?.detail) ??
    ''
  const raw = textOf(upstream?.raw)
  const code = error.code ?? root.code
  return {
    message: raw === undefined || message.includes(raw) ? message : `${message}: ${raw}`,
    type: textOf(error.type),
    code: typeof code === 'number' ? String(code) : stringOf(code),
    param: textOf(error.param),
  }
}

/** Error pages of proxies are HTML: their text says nothing worth keeping. */
function textPage(body: string): string {
  return /^\s*</.test(body) ? 'the service answered with an HTML page instead of JSON' : body.slice(0, 500)
}

/** What the words say beyond the status; `undefined` leaves it to the status. */
export function codeOf(status: number, words: Words): FailureCode | undefined {
  const all = `${words.code ?? ''} ${words.type ?? ''} ${words.message}`
  if (status === 429) {
    return /insufficient_quota|billing_hard_limit|exceeded your current quota|credit balance/i.test(all)
      ? 'quota_exceeded'
      : undefined
  }
  if (status >= 500) return undefined
  if (status === 400 || status === 413 || status === 422) {
    if (CONTEXT_WINDOW.test(all)) return 'context_window_exceeded'
    if (CONTENT_POLICY.test(`${words.code ?? ''} ${words.type ?? ''}`) || /content management policy/i.test(words.message))
      return 'content_policy_violation'
  }
  if (status === 400 && /(incorrect|invalid) api key|invalid_api_key|api key (is )?(not valid|invalid)/i.test(all))
    return 'authentication'
  if (status === 400 && /model_not_found|model .*(does not exist|not found)/i.test(all)) return 'not_found'
  return undefined
}
