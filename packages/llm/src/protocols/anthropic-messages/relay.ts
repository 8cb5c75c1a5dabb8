import { createFailure } from '../../errors.ts'
import type { Json } from '../../types/json.ts'
import type { ParseContext, RelayFacts, RelayReader } from '../protocol.ts'
import { objectOf, textOf } from '../wire.ts'
import { failureOfBody } from './failure.ts'
import { mergeUsage, parseUsage } from './usage.ts'

/** Reads usage and the end of a message out of events and whole answers that pass unchanged. */
export const anthropicRelay: RelayReader = {
  facts: ['id', 'type', 'model', 'usage', 'error'],
  answer: 'content',
  read,
}

function read(body: Json, context: ParseContext, known: RelayFacts = {}): RelayFacts {
  const event = objectOf(body)
  switch (event?.type) {
    case 'message_start':
      return readMessage(event.message)
    case 'message': {
      return { ...readMessage(event), finished: true }
    }
    case 'message_delta': {
      // The end tells only some of the figures; the others stand in the start.
      const usage = parseUsage(mergeUsage(known.usage?.raw, event.usage))
      const ended = textOf(objectOf(event.delta)?.stop_reason) !== undefined
      return { ...(usage === undefined ? {} : { usage }), ...(ended ? { finished: true } : {}) }
    }
    case 'message_stop':
      return { finished: true }
    case 'error':
      return { failure: createFailure(failureOfBody(event, context)) }
    default:
      return {}
  }
}

function readMessage(value: Json | undefined): RelayFacts {
  const message = objectOf(value)
  return { usage: parseUsage(message?.usage), model: textOf(message?.model), id: textOf(message?.id) }
}
