import type { BaseRates, ModelMode, Rates, ServiceTierRates } from '../types/model.ts'
import { divideHalfUp, picoUsdFromUsd, picoUsdPerTokenFromUsdPerMillion } from './money.ts'

/** What the catalogues below lack or have wrong. */
export interface ModelOverride {
  mode?: ModelMode
  rates?: Rates
  maxInputTokens?: number
  outputVectorSize?: number
}

/** By our provider id and model, from the providers' price lists. Prices in USD per million tokens. */
const overrides: Readonly<Record<string, ModelOverride>> = {
  'openai/omni-moderation-latest': { mode: 'moderation', rates: perMillion(0, 0) },
  'openai/omni-moderation-2024-09-26': { mode: 'moderation', rates: perMillion(0, 0) },
  'openai/text-moderation-latest': { mode: 'moderation', rates: perMillion(0, 0) },
  'openai/ft:gpt-4.1': { rates: perMillion(3, 12, 0.75) },
  'openai/ft:gpt-4.1-mini': { rates: perMillion(0.8, 3.2, 0.2) },
  'openai/ft:gpt-4.1-nano': { rates: perMillion(0.2, 0.8, 0.05) },
  'openai/ft:o4-mini': { rates: perMillion(4, 16, 1) },
  'openai/text-embedding-3-small': { outputVectorSize: 1536 },
  'openai/text-embedding-3-large': { outputVectorSize: 3072 },
  'openai/text-embedding-ada-002': { outputVectorSize: 1536 },
  'gemini/gemini-embedding-001': { outputVectorSize: 3072 },
  'vertex_ai/gemini-embedding-001': { outputVectorSize: 3072 },
  'cohere/embed-v4.0': { mode: 'embedding', maxInputTokens: 128_000, outputVectorSize: 1536 },
  'cohere/embed-english-v3.0': embedding(0.1, 512, 1024),
  'cohere/embed-multilingual-v3.0': embedding(0.1, 512, 1024),
  'cohere/embed-english-light-v3.0': embedding(0.1, 512, 384),
  'cohere/embed-multilingual-light-v3.0': embedding(0.1, 512, 384),
  'cohere/rerank-v3.5': { mode: 'rerank', rates: perQuery(0.002) },
  'cohere/rerank-english-v3.0': { mode: 'rerank', rates: perQuery(0.002) },
  'cohere/rerank-multilingual-v3.0': { mode: 'rerank', rates: perQuery(0.002) },
  'voyage/rerank-2.5': { mode: 'rerank', rates: perMillion(0.05, 0), maxInputTokens: 32_000 },
  'voyage/rerank-2.5-lite': { mode: 'rerank', rates: perMillion(0.02, 0), maxInputTokens: 32_000 },
  'voyage/rerank-2': { mode: 'rerank', rates: perMillion(0.05, 0), maxInputTokens: 16_000 },
  'voyage/rerank-2-lite': { mode: 'rerank', rates: perMillion(0.02, 0), maxInputTokens: 8_000 },
  'bedrock/amazon.rerank-v1:0': { mode: 'rerank', rates: perQuery(0.001) },
  'bedrock/cohere.rerank-v3-5:0': { mode: 'rerank', rates: perQuery(0.002) },
  'vertex_ai/semantic-ranker-default@latest': { mode: 'rerank', rates: perQuery(0.001) },
  'vertex_ai/semantic-ranker-default-004': { mode: 'rerank', rates: perQuery(0.001) },
  'deepgram/nova-3': listening(0.258),
  'deepgram/nova-2': listening(0.258),
  'xai/grok-stt': listening(0.1),
  'bedrock/amazon.titan-embed-text-v2:0': embedding(0.02, 8192, 1024),
  'bedrock/amazon.titan-embed-text-v1': embedding(0.1, 8192, 1536),
  'bedrock/cohere.embed-english-v3': embedding(0.1, 512, 1024),
  'bedrock/cohere.embed-multilingual-v3': embedding(0.1, 512, 1024),
  'azure/phi-3-medium-128k-instruct': { rates: perMillion(0.17, 0.68) },
  'azure/phi-3-mini-128k-instruct': { rates: perMillion(0.13, 0.52) },
  'azure/phi-4': { rates: perMillion(0.125, 0.5) },
  'azure/phi-4-reasoning-plus': { rates: perMillion(0.125, 0.5) },
  'mistral/mistral-embed': { mode: 'embedding', outputVectorSize: 1024 },
}

/** Names that point to another model now, while the price package still lists the model they pointed to. */
const movedNames: Readonly<Record<string, string>> = {
  'deepseek/deepseek-chat': 'deepseek-v4-flash',
  'deepseek/deepseek-reasoner': 'deepseek-v4-flash',
  'mistral/mistral-large': 'mistral-large-2512',
  'mistral/mistral-large-latest': 'mistral-large-2512',
  'mistral/mistral-small': 'mistral-small-2603',
  'mistral/mistral-small-latest': 'mistral-small-2603',
}

/** The model that a name stands for today. */
export function currentModel(provider: string, model: string): string {
  const name = `${provider}/${model}`
  return (Object.hasOwn(movedNames, name) ? movedNames[name] : undefined) ?? model
}

/** OpenRouter says in the name that a model is free; new ones come every week. */
const freeByName = /^openrouter\/.+:free$/

const aliases: Readonly<Record<string, string>> = {
  azure: 'openai',
  azure_ai: 'azure',
  'text-completion-openai': 'openai',
  cohere_chat: 'cohere',
  vertex_ai_beta: 'vertex_ai',
}

export function findOverride(provider: string, model: string): ModelOverride | undefined {
  const own = `${provider}/${model}`
  if (Object.hasOwn(overrides, own)) return overrides[own]
  const same = `${aliases[provider] ?? provider}/${model}`
  if (Object.hasOwn(overrides, same)) return overrides[same]
  return freeByName.test(own) ? { rates: perMillion(0, 0) } : undefined
}

/**
 * USD per million tokens: input, output, cached input. OpenAI's list at openai.com/api-priority-processing, read in
 * November 2026; GPT-5.5 is not on it and stands here as others quote OpenAI.
 */
const priorityPrices: Readonly<Record<string, readonly [number, number, number?]>> = {
  'openai/gpt-4o': [4.25, 17, 2.125],
  'openai/gpt-4o-2024-05-13': [8.75, 26.25],
  'openai/gpt-4o-mini': [0.25, 1, 0.125],
  'openai/gpt-4.1': [3.5, 14, 0.875],
  'openai/gpt-4.1-mini': [0.7, 2.8, 0.175],
  'openai/gpt-4.1-nano': [0.2, 0.8, 0.05],
  'openai/o3': [3.5, 14, 0.875],
  'openai/o4-mini': [2, 8, 0.5],
  'openai/gpt-5': [2.5, 20, 0.25],
  'openai/gpt-5-mini': [0.45, 3.6, 0.045],
  'openai/gpt-5-codex': [2.5, 20, 0.25],
  'openai/gpt-5.1': [2.5, 20, 0.25],
  'openai/gpt-5.1-codex': [2.5, 20, 0.25],
  'openai/gpt-5.2': [3.5, 28, 0.35],
  'openai/gpt-5.4': [5, 30, 0.5],
  'openai/gpt-5.4-mini': [1.5, 9, 0.15],
  'openai/gpt-5.5': [12.5, 75, 1.25],
}

const halfPriceFlex = /^openai\/(gpt-5(\.[1245])?(-mini|-nano)?|o3|o4-mini)$/

/** Azure's data zones cost a tenth more than its global deployments; for a few of its newest models a fifth. */
const azureDataZone = /^azure(_text)?\/(eu|us)\//

const halfPriceBatches = /^(openai|azure|anthropic|gemini|vertex_ai|mistral|groq)\//
/** Google: "the discounts for cache and batch don't stack", so what comes from a cache costs the same in a batch. */
const fullPriceCacheInBatches = /^(gemini|vertex_ai)\/gemini/

const doublePriceHourlyCache = /claude/

/**
 * Adds what follows from a provider's public rules rather than from a list: half price for batches and
 * OpenAI's flex tier, OpenAI's priority list, and Anthropic's one-hour cache write at twice the input price
 * where the list names only the five-minute one. In November 2026 OpenAI's, Google's and Azure's rules were checked
 * against their own pages; half-price batches of Mistral and Groq and the one-hour write follow secondary sources.
 */
export function completeRates(provider: string, model: string, rates: Rates): Rates {
  const dated = `${provider}/${model}`
  const name = dated.replace(/-\d{4}-\d{2}-\d{2}$/, '')
  const zoned = azureDataZone.test(name) ? { ...rates, ...scaleRates(rates, 11n, 10n) } : rates
  const complete = doublePriceHourlyCache.test(name) ? withHourlyCacheWrite(zoned) : zoned
  const priority = [dated, name].map(priorityPrice).find((prices) => prices !== undefined)
  const serviceTiers: Record<string, ServiceTierRates> = {
    ...(priority && { priority: perMillion(...priority) }),
    ...(halfPriceFlex.test(name) && { flex: scaleRates(complete, 1n, 2n) }),
    ...(halfPriceBatches.test(name) && { batch: batchRates(name, complete) }),
    ...rates.serviceTiers,
  }
  return Object.keys(serviceTiers).length === 0 ? complete : { ...complete, serviceTiers }
}

function batchRates(name: string, rates: Rates): ServiceTierRates {
  const { tiers, ...half } = scaleRates(rates, 1n, 2n)
  if (!fullPriceCacheInBatches.test(name)) return { ...half, tiers }
  return {
    ...withCacheReads(half, rates),
    tiers: tiers?.map((tier, index) => ({ ...tier, ...withCacheReads(tier, rates.tiers?.[index] ?? {}) })),
  }
}

function withCacheReads(scaled: Partial<BaseRates>, full: Partial<BaseRates>): Partial<BaseRates> {
  const { cacheReadPicoUsd, cacheReadAudioPicoUsd } = full
  return { ...scaled, cacheReadPicoUsd, cacheReadAudioPicoUsd }
}

function priorityPrice(name: string): readonly [number, number, number?] | undefined {
  return Object.hasOwn(priorityPrices, name) ? priorityPrices[name] : undefined
}

function withHourlyCacheWrite(rates: Rates): Rates {
  if (rates.cacheWritePicoUsd === undefined || rates.cacheWrite1hPicoUsd !== undefined) return rates
  return {
    ...rates,
    cacheWrite1hPicoUsd: 2n * rates.inputPicoUsd,
    tiers: rates.tiers?.map((tier) =>
      tier.inputPicoUsd === undefined ? tier : { ...tier, cacheWrite1hPicoUsd: 2n * tier.inputPicoUsd },
    ),
  }
}

const tokenRates = [
  'inputPicoUsd',
  'outputPicoUsd',
  'cacheReadPicoUsd',
  'cacheWritePicoUsd',
  'cacheWrite1hPicoUsd',
  'reasoningPicoUsd',
  'inputAudioPicoUsd',
  'cacheReadAudioPicoUsd',
  'outputAudioPicoUsd',
  'inputImagePicoUsd',
  'outputImagePicoUsd',
] as const satisfies readonly (keyof BaseRates)[]

/** The token rates alone, tiers included, times a fraction. */
function scaleRates(rates: Rates, numerator: bigint, denominator: bigint): ServiceTierRates {
  return {
    ...scaleTokenRates(rates, numerator, denominator),
    ...(rates.tiers && {
      tiers: rates.tiers.map((tier) => ({
        aboveInputTokens: tier.aboveInputTokens,
        ...scaleTokenRates(tier, numerator, denominator),
      })),
    }),
  }
}

function scaleTokenRates(
  rates: Partial<BaseRates>,
  numerator: bigint,
  denominator: bigint,
): Partial<BaseRates> {
  const scaled: Partial<BaseRates> = {}
  for (const name of tokenRates) {
    const rate = rates[name]
    if (rate !== undefined) scaled[name] = divideHalfUp(rate * numerator, denominator)
  }
  return scaled
}

function perMillion(input: number, output: number, cacheRead?: number): Rates {
  return {
    inputPicoUsd: picoUsdPerTokenFromUsdPerMillion(input),
    outputPicoUsd: picoUsdPerTokenFromUsdPerMillion(output),
    ...(cacheRead !== undefined && { cacheReadPicoUsd: picoUsdPerTokenFromUsdPerMillion(cacheRead) }),
  }
}

function perQuery(usd: number): Rates {
  return { inputPicoUsd: 0n, outputPicoUsd: 0n, perQueryPicoUsd: picoUsdFromUsd(usd) }
}

function embedding(usdPerMillion: number, maxInputTokens: number, outputVectorSize: number): ModelOverride {
  return { mode: 'embedding', rates: perMillion(usdPerMillion, 0), maxInputTokens, outputVectorSize }
}

/** A price for each hour of a recording. */
function listening(usdPerHour: number): ModelOverride {
  const perAudioSecondPicoUsd = divideHalfUp(picoUsdFromUsd(usdPerHour), 3600n)
  return { mode: 'transcription', rates: { inputPicoUsd: 0n, outputPicoUsd: 0n, perAudioSecondPicoUsd } }
}
