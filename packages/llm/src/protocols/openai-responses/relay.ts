import type { Json } from '../../types/json.ts'
import type { ParseContext, RelayFacts, RelayReader } from '../protocol.ts'
import { objectOf, textOf } from '../wire.ts'
import { failureOfError } from './failure.ts'
import { parseUsage } from './usage.ts'

const ENDS: ReadonlySet<string> = new Set(['completed', 'incomplete', 'cancelled'])

/** Reads usage and the end out of events and whole responses that pass unchanged. */
export const openaiResponsesRelay: RelayReader = {
  facts: ['id', 'object', 'model', 'status', 'usage', 'error'],
  answer: 'output',
  read,
}

function read(body: Json, context: ParseContext): RelayFacts {
  const root = objectOf(body)
  if (root === undefined) return {}
  if (root.type === 'error') return { failure: failureOfError(root, context) }
  const event = textOf(root.type)
  const response = objectOf(root.response) ?? (root.object === 'response' ? root : undefined)
  const error = response === undefined ? root.error : response.error
  const usage = parseUsage(response?.usage)
  const sealed = sealedIn(response?.output)
  const facts: RelayFacts = {
    ...(usage === undefined ? {} : { usage }),
    ...(textOf(response?.model) === undefined ? {} : { model: textOf(response?.model) }),
    ...(textOf(response?.id) === undefined ? {} : { id: textOf(response?.id) }),
    ...(sealed.length === 0 ? {} : { sealed }),
  }
  if ((error !== undefined && error !== null) || response?.status === 'failed')
    return { ...facts, failure: failureOfError(error, context) }
  const ended = event === undefined ? response !== undefined : ENDS.has(event.replace(/^response\./, ''))
  return ended && (event === undefined || event.startsWith('response.'))
    ? { ...facts, finished: true }
    : facts
}

/** What items, of an answer or of a request, hold that only its maker can read. */
export function sealedIn(items: Json | undefined): readonly string[] {
  return Array.isArray(items) ? items.flatMap((item) => textOf(objectOf(item)?.encrypted_content) ?? []) : []
}
