import type { JsonObject } from '../types/json.ts'
import type { BaseRates, Rates, ServiceTierRates } from '../types/model.ts'
import { describeJson, type EntryReader, isJsonObject } from './entry-reader.ts'
import { usdFromPicoUsd } from './money.ts'
import { closeTiers, tierAt, type TierDraft } from './tiers.ts'

const rateKeys = {
  input_cost_per_token: 'inputPicoUsd',
  output_cost_per_token: 'outputPicoUsd',
  cache_read_input_token_cost: 'cacheReadPicoUsd',
  cache_creation_input_token_cost: 'cacheWritePicoUsd',
  cache_creation_input_token_cost_above_1hr: 'cacheWrite1hPicoUsd',
  output_cost_per_reasoning_token: 'reasoningPicoUsd',
  input_cost_per_audio_token: 'inputAudioPicoUsd',
  cache_read_input_audio_token_cost: 'cacheReadAudioPicoUsd',
  output_cost_per_audio_token: 'outputAudioPicoUsd',
  input_cost_per_image_token: 'inputImagePicoUsd',
  output_cost_per_image_token: 'outputImagePicoUsd',
  input_cost_per_request: 'perRequestPicoUsd',
  input_cost_per_query: 'perQueryPicoUsd',
  input_cost_per_second: 'perAudioSecondPicoUsd',
} as const satisfies Record<string, keyof BaseRates>

const searchPriceKey = 'search_context_cost_per_query'
const searchSizes = [
  'search_context_size_medium',
  'search_context_size_low',
  'search_context_size_high',
] as const

const tierSuffix = /_above_(\d+)k_tokens$/
const serviceSuffix = /_(flex|priority|batch|batches)$/

interface RateDraft {
  rates: Partial<BaseRates>
  tiers: TierDraft
}

/** The prices of an entry in LiteLLM's keys; `undefined` when it has none that we can express. */
export function parseLitellmRates(entry: JsonObject, read: EntryReader): Partial<Rates> | undefined {
  const base: RateDraft = { rates: {}, tiers: new Map() }
  const services = new Map<string, RateDraft>()
  let found = false
  for (const key of Object.keys(entry)) {
    const target = parseRateKey(key)
    const picoUsd = target === undefined ? undefined : read.price(key)
    if (target === undefined || picoUsd === undefined) continue
    found = true
    const draft = target.service === undefined ? base : serviceAt(services, target.service)
    const place =
      target.aboveInputTokens === undefined ? draft.rates : tierAt(draft.tiers, target.aboveInputTokens)
    place[target.rate] = picoUsd
  }
  const perWebSearchPicoUsd = readSearchPrice(entry, read)
  const ranged = readRangedPrices(entry, read, base)
  if (!found && !ranged && perWebSearchPicoUsd === undefined) return undefined
  return {
    ...base.rates,
    ...(perWebSearchPicoUsd !== undefined && { perWebSearchPicoUsd }),
    ...(base.tiers.size > 0 && { tiers: closeTiers(base.tiers) }),
    ...(services.size > 0 && {
      serviceTiers: Object.fromEntries(
        [...services].map(([name, { rates, tiers }]): [string, ServiceTierRates] => [
          name,
          { ...rates, ...(tiers.size > 0 && { tiers: closeTiers(tiers) }) },
        ]),
      ),
    }),
  }
}

/** `input_cost_per_token_above_200k_tokens_flex` in its three parts. */
function parseRateKey(
  key: string,
):
  | { rate: keyof BaseRates; aboveInputTokens?: number | undefined; service?: string | undefined }
  | undefined {
  const service = serviceSuffix.exec(key)?.[1]
  const withoutService = key.replace(serviceSuffix, '')
  const thousands = tierSuffix.exec(withoutService)?.[1]
  const name = withoutService.replace(tierSuffix, '')
  const rate = isRateKey(name) ? rateKeys[name] : undefined
  if (rate === undefined) return undefined
  return {
    rate,
    aboveInputTokens: thousands === undefined ? undefined : Number(thousands) * 1000,
    service: service === 'batches' ? 'batch' : service,
  }
}

function isRateKey(name: string): name is keyof typeof rateKeys {
  return Object.hasOwn(rateKeys, name)
}

function serviceAt(services: Map<string, RateDraft>, name: string): RateDraft {
  let draft = services.get(name)
  if (draft === undefined) {
    draft = { rates: {}, tiers: new Map() }
    services.set(name, draft)
  }
  return draft
}

/** One search costs the same to us whatever its context size; the medium price is taken. */
function readSearchPrice(entry: JsonObject, read: EntryReader): bigint | undefined {
  const value = entry[searchPriceKey] ?? undefined
  if (value === undefined) return undefined
  if (!isJsonObject(value)) return read.report(searchPriceKey, `must be an object, is ${describeJson(value)}`)
  const sizes = read.at(searchPriceKey, value)
  const prices = searchSizes.map((size) => sizes.price(size))
  return prices.find((price) => price !== undefined)
}

/** `tiered_pricing: [{range: [0, 32000], input_cost_per_token: …}, …]`: the first range is the base. */
function readRangedPrices(entry: JsonObject, read: EntryReader, base: RateDraft): boolean {
  const value = entry['tiered_pricing'] ?? undefined
  if (value === undefined) return false
  if (!Array.isArray(value)) {
    read.report('tiered_pricing', `must be a list, is ${describeJson(value)}`)
    return false
  }
  for (const [index, tier] of value.entries()) {
    const key = `tiered_pricing[${index}]`
    const from = isJsonObject(tier) && Array.isArray(tier['range']) ? tier['range'][0] : undefined
    if (!isJsonObject(tier) || typeof from !== 'number' || !(from >= 0)) {
      read.report(key, 'must be an object with a range [from, to]')
      continue
    }
    const inner = read.at(key, tier)
    const place = from === 0 ? base.rates : tierAt(base.tiers, from)
    for (const name of Object.keys(tier).filter(isRateKey)) {
      const picoUsd = inner.price(name)
      if (picoUsd !== undefined) place[rateKeys[name]] = picoUsd
    }
  }
  return value.length > 0
}

/** Prices in LiteLLM's keys, in USD per token or unit. */
export function renderLitellmRates(rates: Rates): JsonObject {
  const entry: JsonObject = {}
  renderRates(entry, rates, '')
  for (const tier of rates.tiers ?? []) renderRates(entry, tier, renderTier(tier.aboveInputTokens))
  for (const [service, serviceRates] of Object.entries(rates.serviceTiers ?? {})) {
    const suffix = service === 'batch' ? '_batches' : `_${service}`
    renderRates(entry, serviceRates, suffix)
    for (const tier of serviceRates.tiers ?? []) {
      renderRates(entry, tier, renderTier(tier.aboveInputTokens) + suffix)
    }
  }
  if (rates.perWebSearchPicoUsd !== undefined) {
    const price = usdFromPicoUsd(rates.perWebSearchPicoUsd)
    entry[searchPriceKey] = Object.fromEntries(searchSizes.map((size) => [size, price]))
  }
  return entry
}

function renderRates(entry: JsonObject, rates: Partial<BaseRates>, suffix: string): void {
  for (const [key, name] of Object.entries(rateKeys)) {
    const rate = rates[name]
    if (rate !== undefined) entry[key + suffix] = usdFromPicoUsd(rate)
  }
}

/** LiteLLM writes whole thousands; a tier above 271,999 tokens is its 272k. */
function renderTier(aboveInputTokens: number): string {
  return `_above_${Math.round(aboveInputTokens / 1000)}k_tokens`
}

/** Whether prices are by something else than tokens, and so a price list without any token's price. */
export function isPricedByPiece(rates: Partial<Rates>): boolean {
  const { perRequestPicoUsd, perQueryPicoUsd, perAudioSecondPicoUsd } = rates
  return [perRequestPicoUsd, perQueryPicoUsd, perAudioSecondPicoUsd].some((price) => price !== undefined)
}
