import { createError, formatUsd } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { Deployment } from '../deployments/deployments.ts'
import { paidOutputTokens, priceCall } from '../policy/call-price.ts'
import type { CallSize } from '../policy/call-price.ts'
import type { LlmCall } from './call.ts'
import { sizeOf } from './call-size.ts'
import { countInputOf, isCountable } from './count-input.ts'
import type { Exchange } from './exchange.ts'
import { pricedModel } from './priced-model.ts'

/** Those of a model's deployments whose answer a request's `max_cost` pays for. */
export interface Affordable {
  readonly candidates: readonly Deployment[]
  /** How long the answer may be then; left out: as long as it likes, or as the client said. */
  readonly boundTokens?: number | undefined
  /** The least that one of them costs; left out where all of them are affordable, or nobody knows a price. */
  readonly leastPicoUsd?: bigint | undefined
}

/** A model that could not even pay for so much is not asked: what it said would be cut off. */
const SHORT_ANSWER_TOKENS = 1_024

/**
 * The deployments that answer for no more than `max_cost`, by the estimate that holds are made with: all input at the
 * dearest kind it may be, and the whole answer, or a short one where the client does not bound it.
 */
export async function withinMaxCost(call: LlmCall, candidates: readonly Deployment[]): Promise<Affordable> {
  const maxPicoUsd = call.options.routing?.maxPicoUsd
  if (maxPicoUsd === undefined) return { candidates }
  let size = sizeOf(call)
  let kept = candidates.filter((one) => isWithin(costOf(size, one), maxPicoUsd))
  if (kept.length < candidates.length && isCountable(call)) {
    // By its bytes a request is a few times as long as it is.
    size = { ...size, inputTokens: await countInputOf(call, candidates[0]?.config.model ?? call.model) }
    kept = candidates.filter((one) => isWithin(costOf(size, one), maxPicoUsd))
  }
  if (kept.length === 0) return { candidates: kept, leastPicoUsd: least(candidates, size) }
  if (size.maxTokens !== undefined) return { candidates: kept }
  return {
    candidates: kept,
    boundTokens: paidOutputTokens(priceCall(size, kept.map(pricedModel)), maxPicoUsd),
  }
}

/** What a request may cost at a deployment; `undefined` where nobody knows. */
export function costOf(size: CallSize, deployment: Deployment): bigint | undefined {
  const model = pricedModel(deployment)
  const { maxOutputTokens = SHORT_ANSWER_TOKENS } = model
  const maxTokens = size.maxTokens ?? Math.min(SHORT_ANSWER_TOKENS, maxOutputTokens)
  const price = priceCall({ ...size, maxTokens }, [model])
  return price.state === 'unknown' ? undefined : price.hold.wantedPicoUsd
}

/** An answer is at most so long; what a budget has bound it to holds, too. */
export function boundAnswer(exchange: Exchange, call: LlmCall, boundTokens: number | undefined): void {
  if (boundTokens === undefined || boundTokens >= (call.boundTokens ?? Number.POSITIVE_INFINITY)) return
  call.boundTokens = boundTokens
  if (exchange.charge !== undefined) exchange.charge = { ...exchange.charge, boundTokens }
}

/** Refuses before anything is spent. */
export function overMaxCost(
  maxPicoUsd: bigint,
  model: string,
  leastPicoUsd: bigint | undefined,
): SwitchyardError {
  const why =
    leastPicoUsd === undefined
      ? `nobody knows what '${model}' costs`
      : `the cheapest that may answer, '${model}', may cost ${formatUsd(leastPicoUsd)}`
  return createError({
    code: 'budget_exceeded',
    status: 400,
    reason: 'max_cost_exceeded',
    param: 'max_cost',
    message: `The request may cost USD ${formatUsd(maxPicoUsd)}, but ${why}. Nothing was spent. Raise max_cost, lower max_tokens, or ask for a cheaper model.`,
  })
}

function isWithin(picoUsd: bigint | undefined, maxPicoUsd: bigint): boolean {
  return picoUsd !== undefined && picoUsd <= maxPicoUsd
}

function least(candidates: readonly Deployment[], size: CallSize): bigint | undefined {
  const known = candidates.map((one) => costOf(size, one)).filter((cost) => cost !== undefined)
  return known.length === 0 ? undefined : known.reduce((one, two) => (one < two ? one : two))
}
