import type { Json, JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { compact, countOf, objectOf, objectsOf, textOf } from '../wire.ts'

/**
 * Reads `usage`. Anthropic counts fresh input apart from cache reads and writes; ours is the sum. What a
 * compaction consumed stands only in `iterations` and is billed, so it is added.
 */
export function parseUsage(value: Json | undefined): Usage | undefined {
  const raw = objectOf(value)
  if (raw === undefined) return undefined
  const main = [raw.input_tokens, raw.output_tokens].filter((count) => count !== undefined && count !== null)
  // One figure that is none (below zero, say) makes the other worth nothing.
  if (main.length === 0 || main.some((count) => countOf(count) === undefined)) return undefined
  const counted = [raw, ...objectsOf(raw.iterations).filter((iteration) => iteration.type === 'compaction')]
  const reads = sumOf(counted, 'cache_read_input_tokens')
  const writes = sumOf(counted, 'cache_creation_input_tokens')
  const hourWrites = sumOf(
    counted.map((part) => objectOf(part.cache_creation) ?? {}),
    'ephemeral_1h_input_tokens',
  )
  return {
    inputTokens: (sumOf(counted, 'input_tokens') ?? 0) + (reads ?? 0) + (writes ?? 0),
    outputTokens: sumOf(counted, 'output_tokens') ?? 0,
    cacheReadTokens: reads,
    cacheWriteTokens: writes,
    cacheWrite1hTokens: hourWrites === undefined ? undefined : Math.min(hourWrites, writes ?? hourWrites),
    reasoningTokens: countOf(objectOf(raw.output_tokens_details)?.thinking_tokens),
    webSearchRequests: countOf(objectOf(raw.server_tool_use)?.web_search_requests),
    serviceTier: textOf(raw.service_tier),
    source: 'provider',
    raw,
  }
}

function sumOf(parts: readonly JsonObject[], field: string): number | undefined {
  let sum: number | undefined
  for (const part of parts) {
    const count = countOf(part[field])
    if (count !== undefined) sum = (sum ?? 0) + count
  }
  return sum
}

/** Joins what the start and the end of a stream tell: later figures replace earlier ones, absent ones do not. */
export function mergeUsage(known: JsonObject | undefined, later: Json | undefined): JsonObject | undefined {
  const update = objectOf(later)
  if (update === undefined) return known
  const merged: JsonObject = { ...known }
  for (const key in update) {
    const value = update[key]
    if (value !== undefined && value !== null) merged[key] = value
  }
  return merged
}

/** Writes usage as clients of this wire read it: as it came where it came in this form, else translated. */
export function renderUsage(usage: Usage | undefined): JsonObject {
  if (usage === undefined) return { input_tokens: 0, output_tokens: 0 }
  if (usage.raw !== undefined && isOwnUsage(usage.raw)) return usage.raw
  const reads = usage.cacheReadTokens ?? 0
  const writes = usage.cacheWriteTokens ?? 0
  const hourWrites = usage.cacheWrite1hTokens
  return compact({
    input_tokens: Math.max(0, usage.inputTokens - reads - writes),
    cache_creation_input_tokens: writes,
    cache_read_input_tokens: reads,
    cache_creation:
      hourWrites === undefined
        ? undefined
        : {
            ephemeral_5m_input_tokens: Math.max(0, writes - hourWrites),
            ephemeral_1h_input_tokens: hourWrites,
          },
    output_tokens: usage.outputTokens,
    output_tokens_details:
      usage.reasoningTokens === undefined ? undefined : { thinking_tokens: usage.reasoningTokens },
    server_tool_use:
      usage.webSearchRequests === undefined ? undefined : { web_search_requests: usage.webSearchRequests },
  })
}

/** OpenAI's responses also say `input_tokens`, but name cached ones otherwise. */
function isOwnUsage(raw: JsonObject): boolean {
  return (
    countOf(raw.input_tokens) !== undefined &&
    countOf(raw.output_tokens) !== undefined &&
    raw.prompt_tokens === undefined &&
    (countOf(raw.cache_read_input_tokens) !== undefined ||
      countOf(raw.cache_creation_input_tokens) !== undefined)
  )
}
