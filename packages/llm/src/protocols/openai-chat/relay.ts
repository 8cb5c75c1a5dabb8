import type { Json } from '../../types/json.ts'
import type { ParseContext, RelayFacts, RelayReader } from '../protocol.ts'
import { objectOf, objectsOf, textOf } from '../wire.ts'
import { readEmbeddedFailure } from './embedded-failure.ts'
import { findUsage } from './usage.ts'

/** Reads usage and finish reason out of chunks and whole answers that pass unchanged. */
export const openaiChatRelay: RelayReader = {
  facts: ['id', 'object', 'model', 'usage', 'x_groq', 'error', 'base_resp', 'message', 'detail'],
  answer: 'choices',
  read,
}

function read(body: Json, context: ParseContext): RelayFacts {
  const root = objectOf(body)
  if (root === undefined) return {}
  const failure = readEmbeddedFailure(root, context)
  if (failure !== undefined) return { failure: failure.toFailure() }
  const finished = objectsOf(root.choices).some((choice) => textOf(choice.finish_reason) !== undefined)
  return {
    usage: findUsage(root, context.quirks),
    model: textOf(root.model),
    id: textOf(root.id),
    ...(finished ? { finished } : {}),
  }
}
