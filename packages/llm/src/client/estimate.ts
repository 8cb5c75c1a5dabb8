import { formatUsd, picoUsdFromUsd } from '../catalog/money.ts'
import { mostSearchUnits } from '../catalog/search-units.ts'
import type { CallType } from '../callbacks/record.ts'
import { createError } from '../errors.ts'
import { mostTranscriptionUsage } from './transcription-usage.ts'
import { estimateTokens } from '../tokens/index.ts'
import type { BaseRates, Rates } from '../types/model.ts'

type Params = Readonly<Record<string, unknown>>

/** An estimate is within about a fifth; so much more is surely enough. */
const SURELY = 1.25

/** About how many tokens a request's input is, whatever kind of call it is; what is no text counts as nothing. */
export function inputTokensOf(params: Params): number {
  const { messages, input, prompt, instructions, tools, query, documents } = params
  // A model that ranks reads the query again with each document.
  const bytes = bytesOfFile(params)
  if (bytes !== undefined) return mostTranscriptionUsage(bytes).inputTokens
  if (Array.isArray(documents))
    return estimateTokens(JSON.stringify(documents)) + documents.length * estimateTokens(String(query ?? ''))
  const said = [messages, input, prompt, instructions, tools].filter((part) => part !== undefined)
  return said.length === 0 ? 0 : estimateTokens(JSON.stringify(said, withoutData))
}

function withoutData(key: string, value: unknown): unknown {
  return typeof value === 'string' && (key === 'data' || value.startsWith('data:')) ? '' : value
}

/** Of a recording whose size is not known before it is read; OpenAI takes no larger one. */
const USUAL_MOST_BYTES = 25_000_000

/** The size of a call's recording; `undefined` for a call without one. */
function bytesOfFile({ file }: Params): number | undefined {
  if (typeof file !== 'object' || file === null) return undefined
  if ('size' in file && typeof file.size === 'number') return file.size
  if ('byteLength' in file && typeof file.byteLength === 'number') return file.byteLength
  return USUAL_MOST_BYTES
}

/** Searches that a rerank may be billed by at most; 1 for any other call. */
function searchUnitsOf(params: Params): number {
  const { documents } = params
  return Array.isArray(documents) ? mostSearchUnits(documents.length, inputTokensOf(params) * SURELY) : 1
}

/** Calls whose answer has no tokens. */
const WITHOUT_OUTPUT: ReadonlySet<CallType> = new Set(['embedding', 'rerank'])

/** The same, where the kind of call says that there are none. */
export function outputBoundOf(callType: CallType, params: Params): number | undefined {
  if (WITHOUT_OUTPUT.has(callType)) return 0
  const bytes = bytesOfFile(params)
  return bytes === undefined ? outputTokensOf(params) : mostTranscriptionUsage(bytes).outputTokens
}

/** The most tokens that the request lets an answer have; `undefined` where it does not say. */
export function outputTokensOf(params: Params): number | undefined {
  const most = params['max_completion_tokens'] ?? params['max_tokens'] ?? params['max_output_tokens']
  if (typeof most !== 'number') return undefined
  return most * (typeof params['n'] === 'number' ? params['n'] : 1)
}

/** The most that a call costs, in pico-USD, with an answer of so many tokens. */
export function mostCallPicoUsd(rates: Rates, params: Params, outputTokens: number): bigint {
  const searches = BigInt(searchUnitsOf(params)) * (rates.perQueryPicoUsd ?? 0n)
  const seconds = Math.ceil(mostTranscriptionUsage(bytesOfFile(params) ?? 0).audioMs / 1000)
  const listening = BigInt(seconds) * (rates.perAudioSecondPicoUsd ?? 0n)
  return mostPicoUsd(rates, inputTokensOf(params), outputTokens) + searches + listening
}

/** The most that so many tokens cost, in pico-USD, at the dearest of the rates that may hold for them. */
export function mostPicoUsd(rates: Rates, inputTokens: number, outputTokens: number): bigint {
  const [input, output] = dearest(rates)
  const tokens = BigInt(Math.ceil(inputTokens * SURELY))
  return tokens * input + BigInt(outputTokens) * output + (rates.perRequestPicoUsd ?? 0n)
}

/** How many tokens of output an amount pays for, once the input is paid. */
export function affordableTokens(rates: Rates, inputTokens: number, picoUsd: bigint): number {
  const left = picoUsd - mostPicoUsd(rates, inputTokens, 0)
  const [, output] = dearest(rates)
  if (left < 0n) return 0
  return output === 0n ? Number.MAX_SAFE_INTEGER : Number(left / output)
}

function dearest(rates: Rates): readonly [input: bigint, output: bigint] {
  const tiers: readonly Partial<BaseRates>[] = [rates, ...(rates.tiers ?? [])]
  const inputs = tiers.flatMap((tier) => [tier.inputPicoUsd ?? 0n, tier.cacheWritePicoUsd ?? 0n])
  const outputs = tiers.flatMap((tier) => [tier.outputPicoUsd ?? 0n, tier.reasoningPicoUsd ?? 0n])
  return [largest(inputs), largest(outputs)]
}

export function largest(amounts: readonly bigint[]): bigint {
  return amounts.reduce((most, amount) => (amount > most ? amount : most), 0n)
}

/** @throws `bad_request` for what is no amount of USD above 0. */
export function readAmount(usd: number | string, param: string): bigint {
  let picoUsd = 0n
  try {
    picoUsd = picoUsdFromUsd(usd)
  } catch {
    // Said below, as for 0 and less.
  }
  if (picoUsd > 0n) return picoUsd
  throw createError({ code: 'bad_request', message: `${param} is '${usd}': give an amount in USD`, param })
}

/** An amount for people, in USD. */
export function usd(picoUsd: bigint): string {
  return `$${formatUsd(picoUsd)}`
}
