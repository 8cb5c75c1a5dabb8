import { createFailure } from '../../errors.ts'
import type { Json } from '../../types/json.ts'
import type { ParseContext, RelayFacts, RelayReader } from '../protocol.ts'
import { objectOf, objectsOf, textOf } from '../wire.ts'
import { parseError } from './failure.ts'
import { countSearches, parseMetadata } from './metadata.ts'
import { parseUsage } from './usage.ts'

/** Reads usage and finish reason out of responses that pass unchanged. */
export const geminiRelay: RelayReader = {
  facts: ['responseId', 'modelVersion', 'usageMetadata', 'error'],
  read,
}

function read(body: Json, context: ParseContext): RelayFacts {
  const root = objectOf(body) ?? objectsOf(body).at(-1)
  if (root === undefined) return {}
  if (objectOf(root.error) !== undefined) return { failure: createFailure(parseError(root, context)) }
  const candidates = objectsOf(root.candidates)
  const finished =
    candidates.some((candidate) => textOf(candidate.finishReason) !== undefined) ||
    textOf(objectOf(root.promptFeedback)?.blockReason) !== undefined
  const metadata = parseMetadata(root, candidates[0])
  return {
    usage: countSearches(parseUsage(root.usageMetadata), metadata),
    model: textOf(root.modelVersion),
    id: textOf(root.responseId),
    ...(finished ? { finished } : {}),
  }
}
