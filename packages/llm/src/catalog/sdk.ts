import { countTokensSync } from '../tokens/index.ts'
import type { CountableMessage } from '../tokens/index.ts'
import type { JsonObject } from '../types/json.ts'
import type { Capability, ModelInfo, Rates } from '../types/model.ts'
import type { Usage } from '../types/usage.ts'
import { type CostBreakdown, cost } from './cost.ts'
import { type Catalog, createCatalog } from './lookup.ts'
import { usdFromPicoUsd } from './money.ts'
import { parseOpenaiUsage } from './openai-usage.ts'
import { unknownPrice } from './unknown-price.ts'

/** The catalogue of the SDK's functions. A server makes its own. */
export const defaultCatalog: Catalog = createCatalog()

/** What is known about a model; `undefined` when nothing is, `rates: undefined` when its price is not. */
export function getModelInfo(model: string, provider?: string): ModelInfo | undefined {
  return defaultCatalog.findModel(model, { provider })
}

/** Adds or corrects models, in LiteLLM's format. Throws `InvalidModelEntryError` and then adds none. */
export function registerModel(entries: Readonly<Record<string, JsonObject>>): void {
  defaultCatalog.register(entries)
}

/** False for a model that the catalogue does not know. */
export function supports(capability: Capability, model: string, provider?: string): boolean {
  return defaultCatalog.supports(capability, model, provider)
}

interface PricedModel {
  model: string
  custom_llm_provider?: string | undefined
  service_tier?: string | undefined
}

export interface CostPerTokenInput extends PricedModel {
  /** All input, cached parts included. */
  prompt_tokens?: number | undefined
  /** All output, reasoning included. */
  completion_tokens?: number | undefined
  cache_read_input_tokens?: number | undefined
  cache_creation_input_tokens?: number | undefined
  reasoning_tokens?: number | undefined
}

/** `[prompt, completion]` in USD, with the two and their sum by name as well. */
export type CostPair = readonly [prompt: number, completion: number] & {
  readonly prompt: number
  readonly completion: number
  readonly total: number
}

/**
 * The cost of so many tokens of a model, in USD. A fee per request belongs to the prompt.
 * Throws `UnknownPriceError`.
 */
export function costPerToken(input: CostPerTokenInput): CostPair {
  const breakdown = price(input, {
    inputTokens: input.prompt_tokens ?? 0,
    outputTokens: input.completion_tokens ?? 0,
    cacheReadTokens: input.cache_read_input_tokens,
    cacheWriteTokens: input.cache_creation_input_tokens,
    reasoningTokens: input.reasoning_tokens,
    source: 'provider',
  })
  const completionPicoUsd =
    breakdown.outputPicoUsd +
    breakdown.reasoningPicoUsd +
    breakdown.outputAudioPicoUsd +
    breakdown.outputImagePicoUsd +
    breakdown.toolPicoUsd
  const prompt = usdFromPicoUsd(breakdown.totalPicoUsd - completionPicoUsd)
  const completion = usdFromPicoUsd(completionPicoUsd)
  const pair: readonly [number, number] = [prompt, completion]
  return Object.assign(pair, { prompt, completion, total: usdFromPicoUsd(breakdown.totalPicoUsd) })
}

export interface CompletionCostInput {
  /** Needed unless the response names it; wins over the response's, which often lacks the provider. */
  model?: string | undefined
  custom_llm_provider?: string | undefined
  service_tier?: string | undefined
  /** An answer in OpenAI's shape: its `model` and `usage` are read. */
  completion_response?: unknown
  /** A usage object in OpenAI's shape. */
  usage?: unknown
  /** Texts to count instead of a usage: exact for OpenAI models, estimated for others. */
  prompt?: string | undefined
  /** A conversation to count instead of `prompt`. */
  messages?: readonly CountableMessage[] | undefined
  completion?: string | undefined
}

/**
 * The cost of a completion in USD. Throws `UnknownPriceError` when the model has no known price, `TypeError`
 * when neither a usage nor a text says what was used.
 */
export function completionCost(input: CompletionCostInput): number {
  const response = fieldsOf(input.completion_response)
  const model = input.model ?? (typeof response['model'] === 'string' ? response['model'] : undefined)
  if (model === undefined) throw new TypeError('completionCost: model is missing')
  const tier = input.service_tier ?? response['service_tier']
  const usage = parseOpenaiUsage(input.usage ?? response['usage']) ?? countUsage(model, input)
  const priced = {
    model,
    custom_llm_provider: input.custom_llm_provider,
    service_tier: typeof tier === 'string' ? tier : undefined,
  }
  return usdFromPicoUsd(price(priced, usage).totalPicoUsd)
}

function price({ model, custom_llm_provider, service_tier }: PricedModel, usage: Usage): CostBreakdown {
  const rates: Rates | undefined = getModelInfo(model, custom_llm_provider)?.rates
  if (rates === undefined) throw unknownPrice(model)
  // What is sold by the second costs what nobody can tell of tokens alone.
  if (rates.perAudioSecondPicoUsd !== undefined && usage.audioMs === undefined) throw unknownPrice(model)
  return cost(usage, rates, { serviceTier: service_tier })
}

function countUsage(model: string, { prompt, messages, completion }: CompletionCostInput): Usage {
  if (prompt === undefined && messages === undefined && completion === undefined) {
    throw new TypeError(
      'completionCost: give a completion_response with usage, a usage, or prompt (messages) and completion',
    )
  }
  return {
    inputTokens: countTokensSync({ model, text: prompt, messages }).tokens,
    outputTokens: countTokensSync({ model, text: completion }).tokens,
    source: 'estimated',
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
