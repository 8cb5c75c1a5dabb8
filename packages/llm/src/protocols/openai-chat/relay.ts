import type { Json } from '../../types/json.ts'
import { createFailure } from '../../errors.ts'
import type { ParseContext, RelayFacts, RelayReader } from '../protocol.ts'
import { objectOf, objectsOf, textOf } from '../wire.ts'
import { readWords } from './failure.ts'
import { parseUsage } from './usage.ts'

/** Reads usage and finish reason out of chunks and whole answers that pass unchanged. */
export const openaiChatRelay: RelayReader = {
  markers: ['"usage"', '"finish_reason":"', '"finish_reason": "', '"error"'],
  read,
}

function read(body: Json, context: ParseContext): RelayFacts {
  const root = objectOf(body)
  if (root === undefined) return {}
  if (root.error !== undefined && root.error !== null) {
    const { message } = readWords(root)
    const { provider, model } = context
    return { failure: createFailure({ code: 'bad_gateway', message: `${provider}: ${message}`, provider, model }) }
  }
  const finished = objectsOf(root.choices).some((choice) => textOf(choice.finish_reason) !== undefined)
  return {
    usage: parseUsage(root.usage, context.quirks) ?? parseUsage(objectOf(root.x_groq)?.usage, context.quirks),
    model: textOf(root.model),
    id: textOf(root.id),
    ...(finished ? { finished } : {}),
  }
}
