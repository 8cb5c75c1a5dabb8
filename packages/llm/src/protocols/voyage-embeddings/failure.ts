import type { SwitchyardError } from '../../errors.ts'
import { wireError } from '../failure.ts'
import type { ParseContext, WireFailure } from '../protocol.ts'
import { objectOf, textOf } from '../wire.ts'

const CONTEXT_WINDOW = /too many tokens|context length|max(?:imum)? (?:allowed )?tokens/i

export function parseFailure(failure: WireFailure, context: ParseContext): SwitchyardError {
  const body = objectOf(failure.body)
  const message =
    textOf(body?.['detail']) ??
    textOf(body?.['message']) ??
    (typeof failure.body === 'string' ? failure.body : '')
  const tooLong = failure.status === 400 && CONTEXT_WINDOW.test(message)
  return wireError(failure, context, { message, code: tooLong ? 'context_window_exceeded' : undefined })
}
