import type { JsonObject, Json } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { Usage } from '../../types/usage.ts'
import { compact, countOf, numberOf, objectOf, textOf } from '../wire.ts'

/**
 * Reads `usage` as dozens of services write it. Prompt tokens hold the cached ones and completion
 * tokens the reasoning, except where a quirk says otherwise.
 */
export function parseUsage(value: Json | undefined, quirks: Quirks): Usage | undefined {
  const raw = objectOf(value)
  if (raw === undefined) return undefined
  const input = countOf(raw.prompt_tokens) ?? countOf(raw.input_tokens)
  const completion = countOf(raw.completion_tokens) ?? countOf(raw.output_tokens)
  const total = countOf(raw.total_tokens)
  if (input === undefined && completion === undefined && total === undefined) return undefined
  const prompt = objectOf(raw.prompt_tokens_details) ?? objectOf(raw.input_tokens_details) ?? {}
  const output = objectOf(raw.completion_tokens_details) ?? objectOf(raw.output_tokens_details) ?? {}
  const reasoning = countOf(output.reasoning_tokens) ?? countOf(raw.reasoning_tokens)
  const outside = quirks.reasoningOutsideOutput === true ? (reasoning ?? 0) : 0
  return {
    inputTokens: input ?? Math.max(0, (total ?? 0) - (completion ?? 0)),
    outputTokens: (completion ?? Math.max(0, (total ?? 0) - (input ?? 0))) + outside,
    totalTokens: total,
    cacheReadTokens:
      countOf(prompt.cached_tokens) ??
      countOf(raw.prompt_cache_hit_tokens) ??
      countOf(raw.num_cached_tokens) ??
      countOf(raw.cached_tokens) ??
      countOf(raw.cache_read_input_tokens),
    cacheWriteTokens:
      countOf(prompt.cache_write_tokens) ??
      countOf(prompt.cache_creation_tokens) ??
      countOf(raw.cache_creation_input_tokens),
    reasoningTokens: reasoning,
    inputAudioTokens: countOf(prompt.audio_tokens),
    outputAudioTokens: countOf(output.audio_tokens),
    inputImageTokens: countOf(prompt.image_tokens),
    outputImageTokens: countOf(output.image_tokens),
    acceptedPredictionTokens: countOf(output.accepted_prediction_tokens),
    rejectedPredictionTokens: countOf(output.rejected_prediction_tokens),
    webSearchRequests: countOf(objectOf(raw.server_tool_use)?.web_search_requests) ?? countOf(raw.num_search_queries),
    serviceTier: textOf(raw.service_tier),
    reportedCostUsd: numberOf(raw.cost) ?? numberOf(objectOf(raw.cost)?.total_cost),
    source: 'provider',
    raw,
  }
}

/** Writes usage as OpenAI does, with LiteLLM's fields for prompt caches beside it. */
export function renderUsage(usage: Usage): JsonObject {
  return compact({
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens ?? usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: compact({
      cached_tokens: usage.cacheReadTokens ?? 0,
      audio_tokens: usage.inputAudioTokens ?? 0,
      image_tokens: usage.inputImageTokens,
      cache_creation_tokens: usage.cacheWriteTokens,
    }),
    completion_tokens_details: compact({
      reasoning_tokens: usage.reasoningTokens ?? 0,
      audio_tokens: usage.outputAudioTokens ?? 0,
      image_tokens: usage.outputImageTokens,
      accepted_prediction_tokens: usage.acceptedPredictionTokens ?? 0,
      rejected_prediction_tokens: usage.rejectedPredictionTokens ?? 0,
    }),
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheWriteTokens === undefined ? undefined : (usage.cacheReadTokens ?? 0),
  })
}
