import { createError } from '../../errors.ts'
import type { Answer, Finish } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { ParseContext } from '../protocol.ts'
import { arrayOf, numberOf, objectOf, objectsOf, stringOf, textOf } from '../wire.ts'
import { leftOver } from './dialect.ts'
import { errorOf } from './failure.ts'
import { parseItem } from './items.ts'
import { parseUsage } from './usage.ts'

/** Reads a whole `response`. Throws when it failed. */
export function parseAnswer(body: Json, context: ParseContext): Answer {
  const root = objectOf(body)
  if (root !== undefined && (isSaid(root.error) || root.status === 'failed'))
    throw errorOf(root.error ?? { message: 'the response failed' }, context)
  if (root === undefined || !Array.isArray(root.output))
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer is not a response: it has no 'output' list.`,
      provider: context.provider,
      model: context.model,
    })
  const items = objectsOf(root.output)
  const parts = items.flatMap((item) => parseItem(item, context))
  const usage = parseUsage(root.usage)
  const logprobs = logprobsOf(items)
  const calls = parts.some((part) => part.type === 'tool-call')
  const metadata = parseMetadata(root)
  return {
    id: stringOf(root.id) ?? '',
    model: stringOf(root.model) ?? '',
    ...createdOf(root),
    choices: [{ parts, finish: parseFinish(root, calls), ...(logprobs === undefined ? {} : { logprobs }) }],
    ...(usage === undefined ? {} : { usage }),
    ...tierOf(root),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

function isSaid(value: Json | undefined): boolean {
  return value !== undefined && value !== null
}

export function createdOf(response: JsonObject): { createdS?: number } {
  const created = numberOf(response.created_at)
  return created === undefined || created < 0 ? {} : { createdS: Math.floor(created) }
}

export function tierOf(response: JsonObject): { serviceTier?: string } {
  const serviceTier = textOf(response.service_tier)
  return serviceTier === undefined ? {} : { serviceTier }
}

const INCOMPLETE: Readonly<Record<string, Finish['reason']>> = {
  max_output_tokens: 'length',
  max_tokens: 'length',
  content_filter: 'content-filter',
}

/** The end of a response: what cut it, else whether it asks for tools. */
export function parseFinish(response: JsonObject, calls: boolean): Finish {
  const rawReason = textOf(objectOf(response.incomplete_details)?.reason)
  if (rawReason !== undefined) return { reason: INCOMPLETE[rawReason] ?? 'other', rawReason }
  const status = textOf(response.status)
  if (status !== undefined && status !== 'completed' && status !== 'in_progress')
    return { reason: status === 'incomplete' ? 'length' : 'other', rawReason: status }
  return { reason: calls ? 'tool-calls' : 'stop' }
}

/** Fields that our form has its own place for, or that say how far the response has come. */
const KNOWN: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created_at',
  'completed_at',
  'status',
  'model',
  'output',
  'output_text',
  'usage',
  'error',
  'incomplete_details',
  'service_tier',
])

/** What the response says beyond our form, for clients of this wire: the settings it was made with. */
export function parseMetadata(root: JsonObject): JsonObject | undefined {
  const response = leftOver(root, KNOWN)
  return Object.keys(response).length > 0 ? { response } : undefined
}

function logprobsOf(items: readonly JsonObject[]): Json | undefined {
  const content = items
    .filter((item) => item.type === 'message')
    .flatMap((item) => objectsOf(item.content))
    .flatMap((part) => arrayOf(part.logprobs))
  return content.length > 0 ? { content, refusal: null } : undefined
}
