import type { Json, JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { compact, countOf, numberOf, objectOf, textOf } from '../wire.ts'

/** Reads `usage`. Input holds the cached tokens and output the reasoning, as in our own form. */
export function parseUsage(value: Json | undefined): Usage | undefined {
  const raw = objectOf(value)
  if (raw === undefined) return undefined
  const input = countOf(raw.input_tokens) ?? countOf(raw.prompt_tokens)
  const output = countOf(raw.output_tokens) ?? countOf(raw.completion_tokens)
  const total = countOf(raw.total_tokens)
  if (input === undefined && output === undefined && total === undefined) return undefined
  const inputs = objectOf(raw.input_tokens_details) ?? {}
  const outputs = objectOf(raw.output_tokens_details) ?? {}
  return {
    inputTokens: input ?? Math.max(0, (total ?? 0) - (output ?? 0)),
    outputTokens: output ?? Math.max(0, (total ?? 0) - (input ?? 0)),
    totalTokens: total,
    cacheReadTokens: countOf(inputs.cached_tokens),
    cacheWriteTokens: countOf(inputs.cache_write_tokens),
    reasoningTokens: countOf(outputs.reasoning_tokens),
    inputAudioTokens: countOf(inputs.audio_tokens),
    outputAudioTokens: countOf(outputs.audio_tokens),
    inputImageTokens: countOf(inputs.image_tokens),
    outputImageTokens: countOf(outputs.image_tokens),
    webSearchRequests:
      countOf(raw.num_sources_used) ??
      countOf(objectOf(raw.server_side_tool_usage_details)?.web_search_calls),
    serviceTier: textOf(raw.service_tier),
    reportedCostUsd: numberOf(raw.cost) ?? numberOf(objectOf(raw.cost)?.total_cost),
    source: 'provider',
    raw,
  }
}

/** Writes usage as clients of this wire read it; what only the provider knows of it stays beside. */
export function renderUsage(usage: Usage): JsonObject {
  return compact({
    input_tokens: usage.inputTokens,
    input_tokens_details: compact({
      cached_tokens: usage.cacheReadTokens ?? 0,
      cache_write_tokens: usage.cacheWriteTokens ?? 0,
      audio_tokens: usage.inputAudioTokens,
      image_tokens: usage.inputImageTokens,
    }),
    output_tokens: usage.outputTokens,
    output_tokens_details: compact({
      reasoning_tokens: usage.reasoningTokens ?? 0,
      audio_tokens: usage.outputAudioTokens,
      image_tokens: usage.outputImageTokens,
    }),
    total_tokens: usage.totalTokens ?? usage.inputTokens + usage.outputTokens,
  })
}
