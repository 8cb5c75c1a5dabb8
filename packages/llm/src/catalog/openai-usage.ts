import type { JsonObject, Json } from '../types/json.ts'
import type { Usage } from '../types/usage.ts'

/**
 * Reads a usage object as OpenAI writes it (`/chat/completions`, `/embeddings`, `/responses`), with LiteLLM's
 * additions for cache writes, and Anthropic's own, whose input leaves cached tokens out. Never throws: what
 * is not a number reads as not reported. `undefined` for anything that is not an object.
 */
export function parseOpenaiUsage(usage: unknown): Usage | undefined {
  if (!isJsonObject(usage)) return undefined
  const input = inner(usage, 'prompt_tokens_details', 'input_tokens_details')
  const output = inner(usage, 'completion_tokens_details', 'output_tokens_details')
  const cacheReadTokens = number(usage, 'cache_read_input_tokens') ?? number(input, 'cached_tokens')
  const cacheWriteTokens =
    number(usage, 'cache_creation_input_tokens') ?? number(input, 'cache_creation_tokens')
  const serviceTier = usage['service_tier']
  return {
    inputTokens: number(usage, 'prompt_tokens') ?? responsesInput(usage),
    outputTokens: number(usage, 'completion_tokens') ?? number(usage, 'output_tokens') ?? 0,
    totalTokens: number(usage, 'total_tokens'),
    cacheReadTokens,
    cacheWriteTokens,
    cacheWrite1hTokens:
      number(inner(usage, 'cache_creation'), 'ephemeral_1h_input_tokens') ??
      number(inner(input, 'cache_creation_token_details'), 'ephemeral_1h_input_tokens'),
    reasoningTokens: number(output, 'reasoning_tokens'),
    inputAudioTokens: number(input, 'audio_tokens'),
    cacheReadAudioTokens: number(inner(input, 'cached_tokens_details'), 'audio_tokens'),
    outputAudioTokens: number(output, 'audio_tokens'),
    inputImageTokens: number(input, 'image_tokens'),
    outputImageTokens: number(output, 'image_tokens'),
    acceptedPredictionTokens: number(output, 'accepted_prediction_tokens'),
    rejectedPredictionTokens: number(output, 'rejected_prediction_tokens'),
    webSearchRequests: number(inner(usage, 'server_tool_use'), 'web_search_requests'),
    serviceTier: typeof serviceTier === 'string' ? serviceTier : undefined,
    audioMs: milliseconds(number(usage, 'seconds')),
    reportedCostUsd: number(usage, 'cost'),
    source: 'provider',
    raw: usage,
  }
}

/** `/responses` counts cached tokens in; Anthropic names its cache counts at the top and counts them apart. */
function responsesInput(usage: JsonObject): number {
  const cached =
    (number(usage, 'cache_read_input_tokens') ?? 0) + (number(usage, 'cache_creation_input_tokens') ?? 0)
  return (number(usage, 'input_tokens') ?? 0) + cached
}

function inner(object: JsonObject, ...keys: readonly string[]): JsonObject {
  for (const key of keys) {
    const value = object[key]
    if (isJsonObject(value)) return value
  }
  return {}
}

function number(object: JsonObject, key: string): number | undefined {
  const value: Json | undefined = object[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A transcript's usage may be its length. */
function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000)
}
