import type { BaseRates, Rates } from '../types/model.ts'
import type { Usage } from '../types/usage.ts'
import { divideHalfUp } from './money.ts'

const MS_PER_SECOND = 1000n

/** What one call cost, in pico-USD, by what it was spent on. The parts add up to the total exactly. */
export interface CostBreakdown {
  /** Text input that was neither read from nor written to a cache. */
  inputPicoUsd: bigint
  cacheReadPicoUsd: bigint
  /** Cache writes of every lifetime. */
  cacheWritePicoUsd: bigint
  /** Audio input that did not come from a cache, by the token or by the second. */
  inputAudioPicoUsd: bigint
  inputImagePicoUsd: bigint
  /** Text output without reasoning. */
  outputPicoUsd: bigint
  reasoningPicoUsd: bigint
  outputAudioPicoUsd: bigint
  outputImagePicoUsd: bigint
  /** What is charged by the request or by the search. */
  requestPicoUsd: bigint
  /** Tools that the provider ran and bills by the piece. */
  toolPicoUsd: bigint
  totalPicoUsd: bigint
  /** Counts that cost something but have no known rate; they are not in the total. */
  unpriced: readonly 'webSearchRequests'[]
}

export interface CostOptions {
  /** The tier that was asked for; what the usage says about the tier that served wins over it. */
  serviceTier?: string | undefined
}

/**
 * Usage × rates, exact and pure.
 *
 * - Parts are taken out of their whole and priced at their own rate, the rest at the text rate. Parts that
 *   exceed the whole (provider nonsense) are cut to it in the order written here, so cost is never negative
 *   and never charges more tokens than the whole has.
 * - A missing rate falls back: cache read and cache write to input, one-hour cache write to cache write,
 *   cached audio to cache read, reasoning to output, audio and image to the text rate of their direction.
 * - A length tier is chosen by all input tokens and holds for the whole call.
 * - A service tier replaces the rates it names. Length tiers of its own replace the general ones.
 */
export function cost(usage: Usage, rates: Rates, options: CostOptions = {}): CostBreakdown {
  const rate = effectiveRates(rates, usage.inputTokens, usage.serviceTier ?? options.serviceTier)

  const input = openWhole(usage.inputTokens)
  const cacheRead = input.take(usage.cacheReadTokens)
  const cacheWrite = input.take(usage.cacheWriteTokens)
  const cacheReadAudio = smaller(cacheRead, count(usage.cacheReadAudioTokens))
  const inputAudio = input.take(Math.max(0, count(usage.inputAudioTokens) - cacheReadAudio))
  const inputImage = input.take(usage.inputImageTokens)
  const cacheWrite1h = smaller(cacheWrite, count(usage.cacheWrite1hTokens))

  const output = openWhole(usage.outputTokens)
  const reasoning = output.take(usage.reasoningTokens)
  const outputAudio = output.take(usage.outputAudioTokens)
  const outputImage = output.take(usage.outputImageTokens)

  const cacheReadRate = rate.cacheReadPicoUsd ?? rate.inputPicoUsd
  const cacheReadAudioRate =
    rate.cacheReadAudioPicoUsd ?? rate.cacheReadPicoUsd ?? rate.inputAudioPicoUsd ?? rate.inputPicoUsd
  const cacheWriteRate = rate.cacheWritePicoUsd ?? rate.inputPicoUsd
  const webSearches = count(usage.webSearchRequests)

  const parts = {
    inputPicoUsd: price(input.rest(), rate.inputPicoUsd),
    cacheReadPicoUsd:
      price(cacheRead - cacheReadAudio, cacheReadRate) + price(cacheReadAudio, cacheReadAudioRate),
    cacheWritePicoUsd:
      price(cacheWrite - cacheWrite1h, cacheWriteRate) +
      price(cacheWrite1h, rate.cacheWrite1hPicoUsd ?? cacheWriteRate),
    inputAudioPicoUsd:
      price(inputAudio, rate.inputAudioPicoUsd ?? rate.inputPicoUsd) +
      divideHalfUp(price(count(usage.audioMs), rate.perAudioSecondPicoUsd ?? 0n), MS_PER_SECOND),
    inputImagePicoUsd: price(inputImage, rate.inputImagePicoUsd ?? rate.inputPicoUsd),
    outputPicoUsd: price(output.rest(), rate.outputPicoUsd),
    reasoningPicoUsd: price(reasoning, rate.reasoningPicoUsd ?? rate.outputPicoUsd),
    outputAudioPicoUsd: price(outputAudio, rate.outputAudioPicoUsd ?? rate.outputPicoUsd),
    outputImagePicoUsd: price(outputImage, rate.outputImagePicoUsd ?? rate.outputPicoUsd),
    requestPicoUsd:
      (rate.perRequestPicoUsd ?? 0n) + price(count(usage.searchUnits ?? 1), rate.perQueryPicoUsd ?? 0n),
    toolPicoUsd: price(webSearches, rate.perWebSearchPicoUsd ?? 0n),
  }
  return {
    ...parts,
    totalPicoUsd: sum(parts),
    unpriced: webSearches > 0 && rate.perWebSearchPicoUsd === undefined ? ['webSearchRequests'] : [],
  }
}

/** The rates that hold for a call of this length in this service tier. */
function effectiveRates(rates: Rates, inputTokens: number, serviceTier?: string | undefined): BaseRates {
  const service = serviceTier === undefined ? undefined : rates.serviceTiers?.[serviceTier.toLowerCase()]
  const length = (service?.tiers ?? rates.tiers)?.findLast((tier) => inputTokens > tier.aboveInputTokens)
  return overlay(overlay(rates, service), length)
}

const rateNames = [
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
  'perRequestPicoUsd',
  'perWebSearchPicoUsd',
  'perQueryPicoUsd',
  'perAudioSecondPicoUsd',
] as const satisfies readonly (keyof BaseRates)[]

/** `undefined` on top hides nothing. */
function overlay(base: BaseRates, top: Partial<BaseRates> | undefined): BaseRates {
  if (top === undefined) return base
  const merged: BaseRates = { ...base }
  for (const name of rateNames) {
    const value = top[name]
    if (value !== undefined) merged[name] = value
  }
  return merged
}

interface Whole {
  /** Takes a part out, at most what is left. */
  take(part: number | undefined): number
  rest(): number
}

function openWhole(tokens: number): Whole {
  let left = count(tokens)
  return {
    take(part) {
      const taken = smaller(left, count(part))
      left -= taken
      return taken
    },
    rest: () => left,
  }
}

/** Most parts of most calls are nothing, and adding nothing costs as much as adding something. */
function sum(parts: Readonly<Record<string, bigint>>): bigint {
  let total = 0n
  for (const name in parts) {
    const part = parts[name]
    if (part !== undefined && part !== 0n) total += part
  }
  return total
}

function price(units: number, ratePicoUsd: bigint): bigint {
  return units === 0 ? 0n : BigInt(units) * ratePicoUsd
}

/** A fraction of a token counts as one; what is no count at all counts as none. */
function count(reported: number | undefined): number {
  return reported !== undefined && Number.isFinite(reported) && reported > 0 ? Math.ceil(reported) : 0
}

function smaller(left: number, right: number): number {
  return left < right ? left : right
}
