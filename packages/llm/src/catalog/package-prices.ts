import { createRequire } from 'node:module'
import type * as PricePackage from '@pydantic/genai-prices'
import type {
  ConditionalPrice,
  MatchLogic,
  ModelPrice,
  Provider as PackageProvider,
} from '@pydantic/genai-prices'
import type { BaseRates, Rates } from '../types/model.ts'
import { divideHalfUp, picoUsdFromUsd, picoUsdPerTokenFromUsdPerMillion } from './money.ts'
import { closeTiers, tierAt, type TierDraft } from './tiers.ts'

/** What the price package knows about one model. */
export interface PackagePrice {
  contextWindow: number | undefined
  /** The price list changes with the date or the hour, so the answer of `ratesAt` must not be kept. */
  changesWithTime: boolean
  /** `undefined`: the package lists the model but no price that we can express. */
  ratesAt(atMs: number): Rates | undefined
}

/** Shown as `priceSource`. */
export const packageName = 'genai-prices'

/**
 * Looks a model up in one of the package's providers by the package's own match rules. Reads bundled data
 * only: nothing is fetched.
 */
export function findPackagePrice(packageProviderId: string, model: string): PackagePrice | undefined {
  const found = packageProvider(packageProviderId)?.models.find(({ match }) => matches(match, model))
  if (found === undefined) return undefined
  const { prices, context_window: contextWindow } = found
  const isFree = found.id.endsWith(':free') || model.endsWith(':free')
  return {
    contextWindow,
    changesWithTime: Array.isArray(prices),
    ratesAt: (atMs) => readRates(Array.isArray(prices) ? pricesAt(prices, atMs) : prices, isFree),
  }
}

/** The package costs 50 ms to load, so this waits for the first price that is asked for. */
let findProvider: typeof PricePackage.findProvider | undefined

function packageProvider(id: string): PackageProvider | undefined {
  if (findProvider === undefined) {
    const loaded: typeof PricePackage = createRequire(import.meta.url)('@pydantic/genai-prices')
    findProvider = loaded.findProvider
  }
  const provider = findProvider({ providerId: id })
  // The package also matches ids loosely; only the exact one is meant here.
  return provider?.id === id ? provider : undefined
}

function matches(rule: MatchLogic, model: string): boolean {
  if ('or' in rule) return rule.or.some((part) => matches(part, model))
  if ('and' in rule) return rule.and.every((part) => matches(part, model))
  if ('regex' in rule) return regexOf(rule.regex).test(model)
  const text = model.toLowerCase()
  if ('equals' in rule) return text === rule.equals.toLowerCase()
  if ('starts_with' in rule) return text.startsWith(rule.starts_with.toLowerCase())
  if ('ends_with' in rule) return text.endsWith(rule.ends_with.toLowerCase())
  return text.includes(rule.contains.toLowerCase())
}

const regexes = new Map<string, RegExp>()

function regexOf(source: string): RegExp {
  let regex = regexes.get(source)
  if (regex === undefined) {
    regex = new RegExp(source)
    regexes.set(source, regex)
  }
  return regex
}

/** The last list whose condition holds, as the package defines it. */
function pricesAt(lists: readonly ConditionalPrice[], atMs: number): ModelPrice | undefined {
  return (lists.findLast(({ constraint }) => holdsAt(constraint, atMs)) ?? lists[0])?.prices
}

function holdsAt(constraint: ConditionalPrice['constraint'], atMs: number): boolean {
  if (constraint === undefined) return true
  if (constraint.type === 'start_date') return atMs >= Date.parse(constraint.start_date)
  const timeOfDayMs = atMs % 86_400_000
  const startMs = timeOfDay(constraint.start_time)
  const endMs = timeOfDay(constraint.end_time)
  return endMs < startMs
    ? timeOfDayMs >= startMs || timeOfDayMs < endMs
    : timeOfDayMs >= startMs && timeOfDayMs < endMs
}

/** `16:30:00Z` as milliseconds after midnight UTC. */
function timeOfDay(text: string): number {
  return Date.parse(`1970-01-01T${text}`)
}

const tokenPrices = {
  input_mtok: 'inputPicoUsd',
  output_mtok: 'outputPicoUsd',
  cache_read_mtok: 'cacheReadPicoUsd',
  cache_write_mtok: 'cacheWritePicoUsd',
  cache_write_1h_mtok: 'cacheWrite1hPicoUsd',
  output_reasoning_mtok: 'reasoningPicoUsd',
  input_audio_mtok: 'inputAudioPicoUsd',
  cache_audio_read_mtok: 'cacheReadAudioPicoUsd',
  output_audio_mtok: 'outputAudioPicoUsd',
  input_image_mtok: 'inputImagePicoUsd',
  output_image_mtok: 'outputImagePicoUsd',
} as const satisfies Record<string, keyof BaseRates>

const perThousandPrices = {
  requests_kcount: 'perRequestPicoUsd',
  web_searches_kcount: 'perWebSearchPicoUsd',
} as const satisfies Record<string, keyof BaseRates>

const SECONDS_PER_HOUR = 3600n

const ratesByPrices = new WeakMap<ModelPrice, Rates | false>()

function readRates(prices: ModelPrice | undefined, isFree: boolean): Rates | undefined {
  if (prices === undefined) return undefined
  // An empty list is how the package writes both "free" and "not known"; only the name tells them apart.
  if (isFree && Object.keys(prices).length === 0) return { inputPicoUsd: 0n, outputPicoUsd: 0n }
  let rates = ratesByPrices.get(prices)
  if (rates === undefined) {
    rates = convertRates(prices) ?? false
    ratesByPrices.set(prices, rates)
  }
  return rates === false ? undefined : rates
}

function convertRates(prices: ModelPrice): Rates | undefined {
  const base: Partial<BaseRates> = {}
  const tiers: TierDraft = new Map()
  for (const [key, rate] of Object.entries(tokenPrices)) {
    const price = prices[key]
    if (price === undefined) continue
    if (typeof price === 'number') {
      base[rate] = picoUsdPerTokenFromUsdPerMillion(price)
      continue
    }
    base[rate] = picoUsdPerTokenFromUsdPerMillion(price.base)
    for (const tier of price.tiers) {
      tierAt(tiers, tier.start)[rate] = picoUsdPerTokenFromUsdPerMillion(tier.price)
    }
  }
  for (const [key, rate] of Object.entries(perThousandPrices)) {
    const price = prices[key]
    if (typeof price === 'number') base[rate] = divideHalfUp(picoUsdFromUsd(price), 1000n)
  }
  const perHour = prices['audio_hours'] ?? prices['input_audio_hours']
  if (typeof perHour === 'number')
    base.perAudioSecondPicoUsd = divideHalfUp(picoUsdFromUsd(perHour), SECONDS_PER_HOUR)
  // A list without any of these is by the page, which is not for `cost()`.
  if (
    base.inputPicoUsd === undefined &&
    base.outputPicoUsd === undefined &&
    base.perAudioSecondPicoUsd === undefined
  )
    return undefined
  return {
    ...base,
    inputPicoUsd: base.inputPicoUsd ?? 0n,
    outputPicoUsd: base.outputPicoUsd ?? 0n,
    tiers: closeTiers(tiers),
  }
}
