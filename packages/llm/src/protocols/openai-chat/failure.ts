import type { SwitchyardError } from '../../errors.ts'
import type { FailureCode } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { wireError } from '../failure.ts'
import type { ParseContext, WireFailure } from '../protocol.ts'
import { arrayOf, objectOf, objectsOf, stringOf, textOf } from '../wire.ts'

/** What services of this wire say when the prompt does not fit. */
const CONTEXT_WINDOW = new RegExp(
  [
    'context_length_exceeded|context_window_exceeded|too_many_prompt_tokens|prompt_too_long',
    'maximum context length|exceeds? the (maximum |available )?context|context (window|length|size)',
    'prompt (is )?too (long|large)|input (is )?too long|too many (input |prompt )?tokens',
    'maximum prompt length|reduce the length of|input tokens? (count )?.{0,20}exceed|exceeds? the maximum number of tokens',
    'range of input length|`inputs` tokens|inputs? (length|tokens).{0,40}must (be|have)',
  ].join('|'),
  'i',
)
/** A bound that was set too high is a bad setting, whatever the model's window. */
const OUTPUT_BOUND =
  /max_(completion_|output_)?tokens.{0,30}(too large|too high|must be|should be)|range of max_tokens/i
const CONTENT_POLICY =
  /content_filter|content_policy|ResponsibleAIPolicyViolation|data_inspection_failed|safety|flagged|moderation/i
const CONTENT_POLICY_WORDS = /content management policy|content.{0,20}policy violation|inappropriate content/i

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
  if (typeof body === 'string')
    return { message: textPage(body), type: undefined, code: undefined, param: undefined }
  const root: JsonObject = objectOf(body) ?? objectsOf(body)[0] ?? {}
  const outer = objectOf(root.error) ?? objectsOf(root.errors)[0] ?? objectOf(root.detail) ?? root
  const error = objectOf(outer.error) ?? outer
  const code = error.code ?? error.error_code ?? root.code ?? root.error_code
  return {
    message: messageOf(error, root),
    type: textOf(error.type) ?? textOf(root.error_type),
    code: typeof code === 'number' ? String(code) : stringOf(code),
    param: textOf(error.param),
  }
}

/** The words themselves, with those of the upstream service where a router passes them on (OpenRouter). */
function messageOf(error: JsonObject, root: JsonObject): string {
  const message =
    textOf(error.message) ??
    joinWords(textOf(root.code), textOf(root.error)) ??
    textOf(error.Message) ??
    textOf(root.message) ??
    textOf(root.detail) ??
    textOf(root.error_message) ??
    textOf(root.msg) ??
    textOf(objectsOf(root.detail)[0]?.msg) ??
    textOf(objectOf(root.message)?.detail) ??
    textOf(arrayOf(root.error)[0]) ??
    ''
  const raw = textOf(objectOf(error.metadata)?.raw)
  return raw === undefined || message.includes(raw) ? message : `${message}: ${raw}`
}

/** xAI tells the kind beside the words: `{code: "invalid-argument", error: "Incorrect API key provided."}`. */
function joinWords(code: string | undefined, text: string | undefined): string | undefined {
  return code === undefined || text === undefined ? text : `${code}: ${text}`
}

/** Error pages of proxies are HTML: their text says nothing worth keeping. */
function textPage(body: string): string {
  return /^\s*</.test(body) ? 'the service answered with an HTML page instead of JSON' : body.slice(0, 500)
}

/** What the words say beyond the status; `undefined` leaves it to the status. */
export function codeOf(status: number, words: Words): FailureCode | undefined {
  const kind = `${words.code ?? ''} ${words.type ?? ''}`
  const all = `${kind} ${words.message}`
  if (status === 429) return isQuota(all) ? 'quota_exceeded' : undefined
  if (status >= 500) return undefined
  if (status === 400 || status === 413 || status === 422) {
    if (CONTEXT_WINDOW.test(all) && !OUTPUT_BOUND.test(words.message)) return 'context_window_exceeded'
    if (CONTENT_POLICY.test(kind) || CONTENT_POLICY_WORDS.test(words.message))
      return 'content_policy_violation'
  }
  if (status === 403 && /moderation|flagged/i.test(words.message)) return 'content_policy_violation'
  if (status !== 400) return undefined
  if (/(incorrect|invalid) api key|invalid_api_key|api key (is )?(not valid|invalid)/i.test(all))
    return 'authentication'
  if (/model_not_found|model .*(does not exist|not found)/i.test(all)) return 'not_found'
  return isQuota(all) ? 'quota_exceeded' : undefined
}

/** The account is empty: waiting does not help. */
function isQuota(words: string): boolean {
  return /insufficient_quota|billing_hard_limit|exceeded your current quota|credit balance|insufficient balance/i.test(
    words,
  )
}
