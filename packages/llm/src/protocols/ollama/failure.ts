import { codeOfStatus, createFailure } from '../../errors.ts'
import type { SwitchyardError } from '../../errors.ts'
import type { Failure, FailureCode } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { wireError } from '../failure.ts'
import type { ParseContext, WireFailure } from '../protocol.ts'
import { scrub } from '../scrub.ts'
import { objectOf, textOf } from '../wire.ts'

const CONTEXT_WINDOW =
  /prompt too long|exceeds? (?:the )?(?:maximum |max |available )?context|exceeded max(?:imum)? context/i
const UNKNOWN_MODEL = /model .*not found/i
const BUSY = /server busy|maximum pending requests/i

export function parseFailure(failure: WireFailure, context: ParseContext): SwitchyardError {
  const message = errorOf(failure.body) ?? (typeof failure.body === 'string' ? failure.body : '')
  return wireError(failure, context, { message, code: codeOf(message) ?? codeOfStatus(failure.status) })
}

/** A line of a stream that says what went wrong. */
export function parseStreamFailure(line: JsonObject, context: ParseContext): Failure | undefined {
  const message = errorOf(line)
  if (message === undefined) return undefined
  return createFailure({
    code: codeOf(message) ?? 'internal',
    message: `${context.provider}: ${scrub(message)}`,
    provider: context.provider,
    model: context.model,
  })
}

function codeOf(message: string): FailureCode | undefined {
  if (CONTEXT_WINDOW.test(message)) return 'context_window_exceeded'
  if (UNKNOWN_MODEL.test(message)) return 'not_found'
  if (BUSY.test(message)) return 'service_unavailable'
  return undefined
}

function errorOf(body: Json): string | undefined {
  const error = objectOf(body)?.['error']
  return textOf(error) ?? textOf(objectOf(error)?.['message'])
}
