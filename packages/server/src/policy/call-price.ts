import { cost } from '@switchyard/llm/kit'
import type { Rates, Usage } from '@switchyard/llm/kit'
import type { HoldRange } from './counters.ts'
import { exactHold } from './hold.ts'
import { rememberBy } from './remember.ts'

/** What is known of a call before it is made, as far as it decides what it can cost. */
export interface CallSize {
  /** The most input that it can have. */
  readonly inputTokens: number
  /** The most output of each answer, as the client named it; 0 for calls without any, such as embeddings. */
  readonly maxTokens?: number | undefined
  /** How many answers: `n`, or `best_of` where that is more. 1 when left out. */
  readonly answers?: number | undefined
  /** Searches that a rerank is billed by, at most; 1 for anything else. */
  readonly searchUnits?: number | undefined
  /** How long its recording is taken to be at most. */
  readonly audioMs?: number | undefined
  readonly serviceTier?: string | undefined
  /** Kinds of tokens that the body may ask for and that have prices of their own. */
  readonly kinds?: readonly TokenKind[] | undefined
}

export type TokenKind = 'cache_write' | 'audio_input' | 'image_input' | 'audio_output' | 'image_output'

/** One deployment that may answer. */
export interface PricedModel {
  /** Left out: nobody knows what it costs. */
  readonly rates?: Rates | undefined
  readonly maxOutputTokens?: number | undefined
}

export interface CallPrice {
  /**
   * `free`: every deployment that may answer costs nothing, so budgets are not asked.
   * `unknown`: of one of them nobody knows the price, so nothing certain can be held for it.
   */
  readonly state: 'known' | 'free' | 'unknown'
  readonly hold: HoldRange
  readonly quotes: readonly Quote[]
  readonly answers: number
}

/** The most that one deployment takes. */
export interface Quote {
  /** All input, and the fee for a request. */
  readonly inputPicoUsd: bigint
  /** A token of output. */
  readonly outputPicoUsd: bigint
  readonly maxOutputTokens: number
}

/** Where an answer may be as long as the model likes, so much is always held, if it is there. */
const FLOOR_OUTPUT_TOKENS = 4_096
/** The shortest answer that makes sense; OpenAI takes no smaller bound. */
const LEAST_OUTPUT_TOKENS = 16
/** Of a model whose longest answer nobody knows. */
const UNKNOWN_MAX_OUTPUT_TOKENS = 16_384

/** What a call can cost at the dearest of the deployments that may answer. */
export function priceCall(call: CallSize, models: readonly PricedModel[]): CallPrice {
  const { maxTokens, answers = 1 } = call
  const quotes: Quote[] = []
  for (const { rates, maxOutputTokens = UNKNOWN_MAX_OUTPUT_TOKENS } of models)
    if (rates !== undefined) quotes.push(quote(call, rates, maxOutputTokens))
  const hold =
    maxTokens === undefined
      ? {
          wantedPicoUsd: dearest(quotes, answers, Number.POSITIVE_INFINITY),
          floorPicoUsd: dearest(quotes, answers, FLOOR_OUTPUT_TOKENS),
          leastPicoUsd: dearest(quotes, answers, LEAST_OUTPUT_TOKENS),
        }
      : exactHold(dearest(quotes, answers, maxTokens, true))
  return { state: stateOf(quotes, models), hold, quotes, answers }
}

/** The most that one of them takes for answers of this length, or of its own longest where that is shorter. */
function dearest(quotes: readonly Quote[], answers: number, tokens: number, isExact = false): bigint {
  let most = 0n
  for (const { inputPicoUsd, outputPicoUsd, maxOutputTokens } of quotes) {
    const length = isExact ? tokens : Math.min(maxOutputTokens, tokens)
    const price = inputPicoUsd + BigInt(length * answers) * outputPicoUsd
    if (price > most) most = price
  }
  return most
}

function stateOf(quotes: readonly Quote[], models: readonly PricedModel[]): CallPrice['state'] {
  if (quotes.length < models.length) return 'unknown'
  for (const { inputPicoUsd, outputPicoUsd } of quotes)
    if (inputPicoUsd !== 0n || outputPicoUsd !== 0n) return 'known'
  return 'free'
}

/**
 * How long each answer may be for what was held: the `max_tokens` to send. `undefined` where nothing has to be
 * sent: the client named its own, or the hold pays for all that the model can say.
 */
export function paidOutputTokens(
  { hold, quotes, answers }: CallPrice,
  holdPicoUsd: bigint,
): number | undefined {
  if (holdPicoUsd >= hold.wantedPicoUsd) return undefined
  const lengths = quotes.map(({ inputPicoUsd, outputPicoUsd, maxOutputTokens }) => {
    if (outputPicoUsd === 0n) return maxOutputTokens
    const paid = (holdPicoUsd - inputPicoUsd) / (outputPicoUsd * BigInt(answers))
    return paid < BigInt(maxOutputTokens) ? Number(paid) : maxOutputTokens
  })
  return Math.max(1, Math.min(...lengths))
}

function quote(call: CallSize, rates: Rates, maxOutputTokens: number): Quote {
  const { inputTokens, serviceTier, kinds, searchUnits } = call
  // Most calls are of words alone, at prices that hold for any length: two multiplications.
  if (
    kinds === undefined &&
    serviceTier === undefined &&
    searchUnits === undefined &&
    rates.tiers === undefined
  ) {
    const { requestPicoUsd, inputPicoUsd, outputPicoUsd } = plainPrices(rates)
    return {
      inputPicoUsd: requestPicoUsd + BigInt(inputTokens) * inputPicoUsd,
      outputPicoUsd,
      maxOutputTokens,
    }
  }
  return dearestQuote(call, rates, maxOutputTokens)
}

const plainPrices = rememberBy((rates: Rates) => {
  const { inputPicoUsd: requestPicoUsd } = dearestQuote({ inputTokens: 0 }, rates, 1)
  const { inputPicoUsd, outputPicoUsd } = dearestQuote({ inputTokens: 1 }, rates, 1)
  return { requestPicoUsd, inputPicoUsd: inputPicoUsd - requestPicoUsd, outputPicoUsd }
})

/** Prices are linear, so the dearest mix of tokens is all of the dearest kind. */
function dearestQuote(call: CallSize, rates: Rates, maxOutputTokens: number): Quote {
  const { inputTokens, serviceTier, searchUnits, audioMs, kinds = [] } = call
  const priceOf = (usage: Partial<Usage>): bigint =>
    cost({ inputTokens, outputTokens: 0, searchUnits, audioMs, source: 'estimated', ...usage }, rates, {
      serviceTier,
    }).totalPicoUsd
  const plainPicoUsd = priceOf({})
  const inputs = [{}, ...kinds.flatMap((kind) => INPUT[kind]?.(inputTokens) ?? [])]
  const outputs = [{}, { reasoningTokens: 1 }, ...kinds.flatMap((kind) => OUTPUT[kind] ?? [])]
  return {
    inputPicoUsd: largest(inputs.map(priceOf)),
    outputPicoUsd: largest(outputs.map((part) => priceOf({ outputTokens: 1, ...part }) - plainPicoUsd)),
    maxOutputTokens,
  }
}

const INPUT: Partial<Record<TokenKind, (tokens: number) => readonly Partial<Usage>[]>> = {
  cache_write: (tokens) => [
    { cacheWriteTokens: tokens },
    { cacheWriteTokens: tokens, cacheWrite1hTokens: tokens },
  ],
  audio_input: (tokens) => [{ inputAudioTokens: tokens }],
  image_input: (tokens) => [{ inputImageTokens: tokens }],
}

const OUTPUT: Partial<Record<TokenKind, readonly Partial<Usage>[]>> = {
  audio_output: [{ outputAudioTokens: 1 }],
  image_output: [{ outputImageTokens: 1 }],
}

function largest(amounts: readonly bigint[]): bigint {
  return amounts.reduce((one, two) => (one > two ? one : two), 0n)
}
