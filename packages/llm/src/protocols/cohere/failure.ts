import { codeOfStatus } from '../../errors.ts'
import type { SwitchyardError } from '../../errors.ts'
import type { FailureCode } from '../../types/failure.ts'
import { wireError } from '../failure.ts'
import type { ParseContext, WireFailure } from '../protocol.ts'
import { objectOf, textOf } from '../wire.ts'

const CONTEXT_WINDOW =
  /too many tokens|exceeds? (?:the )?(?:maximum )?(?:context|token)|maximum context length/i
const USED_UP = /trial key.*(?:month|limit)|calls? ?\/ ?month|billing|payment/i

/** Reads a refusal of any of Cohere's endpoints. */
export function parseFailure(failure: WireFailure, context: ParseContext): SwitchyardError {
  const body = objectOf(failure.body)
  const providerCode = textOf(body?.['error_type']) ?? textOf(body?.['code'])
  const message =
    textOf(body?.['message']) ??
    textOf(body?.['error']) ??
    (typeof failure.body === 'string' ? failure.body : '')
  return wireError(failure, context, {
    message,
    code: codeOf(failure.status, providerCode, message),
    providerCode,
  })
}

function codeOf(status: number, providerCode: string | undefined, message: string): FailureCode {
  if (providerCode === 'TOO_MANY_TOKENS') return 'context_window_exceeded'
  // Cohere's own status for input or output that it blocks.
  if (status === 498) return 'content_policy_violation'
  if (status === 400 && CONTEXT_WINDOW.test(message)) return 'context_window_exceeded'
  if (status === 429 && USED_UP.test(message)) return 'quota_exceeded'
  return codeOfStatus(status)
}
