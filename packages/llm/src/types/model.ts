/** What a model is for. */
export type ModelMode =
  | 'chat'
  | 'completion'
  | 'responses'
  | 'embedding'
  | 'image'
  | 'transcription'
  | 'speech'
  | 'rerank'
  | 'moderation'

/** Abilities a caller can ask about; see `supports()`. */
export type Capability =
  | 'function_calling'
  | 'parallel_function_calling'
  | 'tool_choice'
  | 'vision'
  | 'pdf_input'
  | 'audio_input'
  | 'audio_output'
  | 'prompt_caching'
  | 'reasoning'
  | 'response_schema'
  | 'system_messages'
  | 'web_search'

/**
 * Prices of one model as exact integers: pico-USD (10⁻¹² USD) per token or per unit.
 * 2.50 USD per million tokens = 2,500,000 pico-USD per token. A missing rate falls back as `cost()` documents.
 */
export interface Rates {
  inputPicoUsd: bigint
  outputPicoUsd: bigint
  cacheReadPicoUsd?: bigint | undefined
  cacheWritePicoUsd?: bigint | undefined
  cacheWrite1hPicoUsd?: bigint | undefined
  reasoningPicoUsd?: bigint | undefined
  inputAudioPicoUsd?: bigint | undefined
  cacheReadAudioPicoUsd?: bigint | undefined
  outputAudioPicoUsd?: bigint | undefined
  inputImagePicoUsd?: bigint | undefined
  outputImagePicoUsd?: bigint | undefined
  /** Charged once per request, whatever its size. */
  perRequestPicoUsd?: bigint | undefined
  perWebSearchPicoUsd?: bigint | undefined
  /** Charged for each second of a recording that is listened to, a part of one by its share. */
  perAudioSecondPicoUsd?: bigint | undefined
  /** Charged for each search unit of a rerank; for one where the provider counts none. */
  perQueryPicoUsd?: bigint | undefined
  /** Prices that replace the ones above for the whole call when its input passes a length. Ascending. */
  tiers?: readonly RateTier[] | undefined
  /** Prices of other service tiers (`flex`, `priority`, `batch` …), by name in lower case. */
  serviceTiers?: Readonly<Record<string, ServiceTierRates>> | undefined
}

export type BaseRates = Omit<Rates, 'tiers' | 'serviceTiers'>

export interface RateTier extends Partial<BaseRates> {
  /** The tier holds when `inputTokens` is greater than this. */
  aboveInputTokens: number
}

/** Replaces the rates it names. Without length tiers of its own, the model's general ones hold on top of it. */
export interface ServiceTierRates extends Partial<BaseRates> {
  tiers?: readonly RateTier[] | undefined
}

/** One model as the catalogue knows it. */
export interface ModelInfo {
  /** Our provider id, e.g. `anthropic`. */
  provider: string
  /** The model's id at that provider, without the provider prefix. */
  model: string
  mode: ModelMode
  maxInputTokens?: number | undefined
  maxOutputTokens?: number | undefined
  /** `undefined` means: no price is known. It never means free. */
  rates?: Rates | undefined
  capabilities: ReadonlySet<Capability>
  /** Dimensions of the vector an embedding model returns by default. */
  outputVectorSize?: number | undefined
  deprecationDate?: string | undefined
  /** Where the price comes from: `config`, `registered`, `override`, or the catalogue package's name. */
  priceSource?: string | undefined
}
