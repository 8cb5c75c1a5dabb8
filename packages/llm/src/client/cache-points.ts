import { createError } from '../errors.ts'
import type { CacheControl, Message } from '../types/message.ts'
import type { ChatRequest } from '../types/request.ts'

/** A message that ends a prefix which the provider should cache: LiteLLM's `cache_control_injection_points`, read. */
export interface CachePoint {
  /** Every message of this role; left out: of any. */
  readonly role?: string | undefined
  /** Which message; negative ones count from the end. */
  readonly index?: number | undefined
  readonly control: CacheControl
}

/** Anthropic and Bedrock take so many marks in one request, and refuse more. */
const MOST_MARKS = 4

/**
 * Reads LiteLLM's list.
 *
 * @throws with what is wrong with which entry.
 */
export function parseCachePoints(value: unknown): readonly CachePoint[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw wrong('', 'expected a list')
  return value.map((entry: unknown, at) => {
    if (typeof entry !== 'object' || entry === null) throw wrong(`[${at}]`, 'expected a map')
    const { location = 'message', role, index, control } = entry as Record<string, unknown>
    if (location !== 'message') throw wrong(`[${at}].location`, "expected 'message'")
    if (role !== undefined && role !== null && !ROLES.has(String(role)))
      throw wrong(`[${at}].role`, `expected one of ${[...ROLES].join(', ')}`)
    const number = typeof index === 'string' && /^-?\d+$/.test(index) ? Number(index) : index
    if (number !== undefined && number !== null && !Number.isInteger(number))
      throw wrong(`[${at}].index`, 'expected a whole number')
    if ((role ?? number ?? undefined) === undefined) throw wrong(`[${at}]`, 'needs a role or an index')
    const ttl = typeof control === 'object' && control !== null && 'ttl' in control ? control.ttl : undefined
    return {
      role: typeof role === 'string' ? role : undefined,
      index: typeof number === 'number' ? number : undefined,
      control: ttl === '1h' || ttl === '5m' ? { ttl } : {},
    }
  })
}

const ROLES: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool'])

function wrong(place: string, what: string): Error {
  return createError({
    code: 'bad_request',
    param: `cache_control_injection_points${place}`,
    message: `cache_control_injection_points${place}: ${what}. An entry is { location: message, role: system } or { location: message, index: -1 }.`,
  })
}

/** The request with marks where the points say, as far as the caller has left room for them. */
export function markCachePoints(request: ChatRequest, points: readonly CachePoint[]): ChatRequest {
  let room = MOST_MARKS - marksIn(request)
  if (points.length === 0 || room <= 0) return request
  const messages = [...request.messages]
  for (const point of points)
    for (const at of placesOf(point, messages)) {
      const message = messages[at]
      if (room <= 0 || message === undefined) continue
      const marked = markEnd(message, point.control)
      if (marked === undefined) continue
      messages[at] = marked
      room--
    }
  return { ...request, messages }
}

/** From the end: the longest prefix is worth most. */
function placesOf({ role, index }: CachePoint, messages: readonly Message[]): number[] {
  if (index !== undefined) return [index < 0 ? messages.length + index : index]
  return messages.flatMap((message, at) => (message.role === role ? [at] : [])).reverse()
}

/** `undefined` where its end is marked already, or can bear no mark. */
function markEnd(message: Message, control: CacheControl): Message | undefined {
  if (message.role === 'tool')
    return message.cacheControl === undefined ? { ...message, cacheControl: control } : undefined
  const parts: readonly MarkablePart[] = message.content
  const at = parts.findLastIndex(({ type }) => type === 'text' || type === 'image' || type === 'file')
  const part = parts[at]
  if (part === undefined || part.cacheControl !== undefined) return undefined
  const content = parts.with(at, { ...part, cacheControl: control })
  return { ...message, content } as Message
}

interface MarkablePart {
  readonly type: string
  readonly cacheControl?: CacheControl | undefined
}

function marksIn({ messages, tools = [] }: ChatRequest): number {
  let count = tools.filter((tool) => tool.type === 'function' && tool.cacheControl !== undefined).length
  for (const message of messages) {
    if (message.role === 'tool' && message.cacheControl !== undefined) count++
    const parts: readonly MarkablePart[] = message.content
    count += parts.filter(({ cacheControl }) => cacheControl !== undefined).length
  }
  return count
}
