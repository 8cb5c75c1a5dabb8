import { codeOfStatus, createFailure } from '../../errors.ts'
import type { SwitchyardError } from '../../errors.ts'
import type { Frame } from '../../http/frame.ts'
import type { Failure, FailureCode } from '../../types/failure.ts'
import type { Json } from '../../types/json.ts'
import { wireError } from '../failure.ts'
import type { ParseContext, WireFailure } from '../protocol.ts'
import { scrub } from '../scrub.ts'
import { numberOf, objectOf, parseJson, textOf } from '../wire.ts'

/** Bedrock's exception names, in lower case: as HTTP errors they begin with a capital, in streams they do not. */
const CODES: Readonly<Record<string, FailureCode>> = {
  accessdeniedexception: 'permission_denied',
  expiredtokenexception: 'authentication',
  incompletesignatureexception: 'authentication',
  invalidsignatureexception: 'authentication',
  missingauthenticationtokenexception: 'authentication',
  unrecognizedclientexception: 'authentication',
  conflictexception: 'bad_request',
  internalserverexception: 'internal',
  internalfailure: 'internal',
  modelerrorexception: 'bad_gateway',
  modelnotreadyexception: 'service_unavailable',
  modelstreamerrorexception: 'bad_gateway',
  modeltimeoutexception: 'timeout',
  resourcenotfoundexception: 'not_found',
  servicequotaexceededexception: 'quota_exceeded',
  serviceunavailableexception: 'service_unavailable',
  throttlingexception: 'rate_limit',
  validationexception: 'bad_request',
}

const CONTEXT_WINDOW =
  /input is too long|input tokens exceeded|prompt is too long|too many (?:input |total )?tokens|exceeds? the (?:model'?s? )?(?:maximum )?(?:context|input)|maximum context length|expected max\w* ?length/i
const CREDENTIALS =
  /security token|signature we calculated|authentication failed|invalid api key|bearer token/i
const CONTENT_POLICY = /content filter(?:s|ing)? polic|blocked by (?:our )?content filter|usage polic/i
const UNKNOWN_MODEL = /model identifier is invalid/i

/** Reads an HTTP refusal of the Bedrock runtime, whichever operation it answers. */
export function parseFailure(failure: WireFailure, context: ParseContext): SwitchyardError {
  const body = objectOf(failure.body)
  const providerCode = exceptionName(failure.headers['x-amzn-errortype'] ?? textOf(body?.['__type']))
  const message = messageOf(failure.body)
  return wireError(failure, context, {
    message,
    code: codeOf(providerCode, message, failure.status),
    providerCode,
  })
}

/** Reads an exception or error message of an event stream. */
export function parseStreamFailure(frame: Frame, context: ParseContext): Failure {
  const body = parseJson(frame.data) ?? frame.data
  const message = messageOf(body)
  const providerStatus = numberOf(objectOf(body)?.['originalStatusCode'])
  return createFailure({
    code: codeOf(frame.event, message, undefined) ?? 'internal',
    message: `${context.provider}: ${scrub(message === '' ? (frame.event ?? 'the stream failed') : message)}`,
    provider: context.provider,
    model: context.model,
    providerCode: frame.event,
    providerStatus,
  })
}

function codeOf(
  name: string | undefined,
  message: string,
  status: number | undefined,
): FailureCode | undefined {
  const named = name === undefined ? undefined : CODES[name.toLowerCase()]
  const code = named ?? (status === undefined ? undefined : codeOfStatus(status))
  if (code === 'bad_request') {
    if (CONTEXT_WINDOW.test(message)) return 'context_window_exceeded'
    if (CONTENT_POLICY.test(message)) return 'content_policy_violation'
    if (UNKNOWN_MODEL.test(message)) return 'not_found'
  }
  if (code === 'permission_denied' && CREDENTIALS.test(message)) return 'authentication'
  return code
}

/** `ThrottlingException:http://internal.amazon.com/…` and `com.amazon.coral#ThrottlingException` are both sent. */
function exceptionName(text: string | undefined): string | undefined {
  const name = text?.split(':')[0]?.split('#').at(-1)
  return name === '' ? undefined : name
}

function messageOf(body: Json): string {
  if (typeof body === 'string') return body.slice(0, 500)
  const fields = objectOf(body)
  return (
    textOf(fields?.['message']) ?? textOf(fields?.['Message']) ?? textOf(fields?.['originalMessage']) ?? ''
  )
}
