import type { JsonObject, Json } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { Usage } from '../../types/usage.ts'
import { compact, countOf, numberOf, objectOf, objectsOf, textOf } from '../wire.ts'

/** Finds the usage of a whole answer or a chunk: at the root, under `x_groq`, or in the choice (Moonshot). */
export function findUsage(root: JsonObject, quirks: Quirks): Usage | undefined {
  return (
    parseUsage(root.usage, quirks) ??
    parseUsage(objectOf(root.x_groq)?.usage, quirks) ??
    parseUsage(objectsOf(root.choices)[0]?.usage, quirks)
  )
}

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
  return {
    inputTokens: input ?? Math.max(0, (total ?? 0) - (completion ?? 0)),
    outputTokens:
      completion === undefined
        ? Math.max(0, (total ?? 0) - (input ?? 0))
        : completion + outsideOf({ input, completion, total, reasoning }, quirks),
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
    webSearchRequests:
      countOf(objectOf(raw.server_tool_use)?.web_search_requests) ?? countOf(raw.num_search_queries),
    serviceTier: textOf(raw.service_tier),
    reportedCostUsd: reportedCostOf(raw),
    source: 'provider',
    raw,
  }
}

/** What the service says the call cost. xAI counts in ticks of 10⁻¹⁰ USD. */
function reportedCostOf(raw: JsonObject): number | undefined {
  const ticks = numberOf(raw.cost_in_usd_ticks)
  return (
    numberOf(raw.cost) ??
    numberOf(objectOf(raw.cost)?.total_cost) ??
    (ticks === undefined ? undefined : ticks / 1e10)
  )
}

interface Counts {
  input: number | undefined
  completion: number
  total: number | undefined
  reasoning: number | undefined
}

/** Reasoning that the output count leaves out. The total tells, whoever serves the model; without one the quirk does. */
function outsideOf({ input, completion, total, reasoning }: Counts, quirks: Quirks): number {
  if (reasoning === undefined || reasoning === 0) return 0
  const sum = (input ?? 0) + completion
  if (total === sum + reasoning) return reasoning
  return quirks.reasoningOutsideOutput === true && total !== sum ? reasoning : 0
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
