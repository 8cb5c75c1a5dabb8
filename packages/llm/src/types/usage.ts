import type { JsonObject } from './json.ts'

/**
 * What one call consumed, in tokens, with one meaning for every provider:
 * `inputTokens` holds all input (cache reads and writes included) and `outputTokens` all output
 * (reasoning included). The other counts are parts of these two. A part that the provider did not
 * report is left out, which is not the same as zero.
 */
export interface Usage {
  inputTokens: number
  outputTokens: number
  /** As the provider reports it; else the sum of the two. */
  totalTokens?: number | undefined
  /** Part of `inputTokens` that was read from the provider's prompt cache. */
  cacheReadTokens?: number | undefined
  /** Part of `inputTokens` that was written to the provider's prompt cache, all lifetimes together. */
  cacheWriteTokens?: number | undefined
  /** Part of `cacheWriteTokens` that is kept for an hour and priced higher (Anthropic, Bedrock). */
  cacheWrite1hTokens?: number | undefined
  /** Part of `outputTokens` spent on reasoning. */
  reasoningTokens?: number | undefined
  inputAudioTokens?: number | undefined
  /** Part of `cacheReadTokens` that was audio. */
  cacheReadAudioTokens?: number | undefined
  outputAudioTokens?: number | undefined
  inputImageTokens?: number | undefined
  outputImageTokens?: number | undefined
  /** OpenAI predicted outputs: parts of `outputTokens`. */
  acceptedPredictionTokens?: number | undefined
  rejectedPredictionTokens?: number | undefined
  /** Searches that the provider ran itself and bills by the piece. */
  webSearchRequests?: number | undefined
  /** Length of the recording that was listened to, in ms, as it is billed. */
  audioMs?: number | undefined
  /** Searches that a rerank is billed by: each a query with up to a hundred documents. */
  searchUnits?: number | undefined
  /** The tier that served the call when the provider names it (`default`, `flex`, `priority`, `batch` …). */
  serviceTier?: string | undefined
  /** What the provider says the call cost, in USD as it was written (OpenRouter, Perplexity, xAI). Kept, not billed. */
  reportedCostUsd?: number | undefined
  /** `estimated` when the provider gave no usage and the counts are our own. */
  source: 'provider' | 'estimated'
  /** The provider's own usage object, untouched. */
  raw?: JsonObject | undefined
}
