import { createError, isSwitchyardError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import type { RoutedDeployment } from '../router/index.ts'
import type { Rates } from '../types/model.ts'
import type { CallType } from '../callbacks/record.ts'
import { affordableTokens, inputTokensOf, mostCallPicoUsd, outputBoundOf, usd } from './estimate.ts'

type Params = Readonly<Record<string, unknown>>

/** Something that can be asked. */
export interface CallDeployment extends RoutedDeployment {
  /** The model string that a call to it has. */
  readonly model: string
  /** A call as it is made to this one. */
  readonly apply: (params: Params) => Params
  /** `undefined`: nobody knows what it costs. */
  readonly rates: () => Rates | undefined
  readonly group: string
  /** Models that get a copy of what it has answered. */
  readonly silentModels?: readonly string[] | undefined
  /** In a router: how payloads name it. */
  readonly modelId?: string | undefined
}

/** An answer shorter than this is no answer: a model that could not even pay it is not asked. */
const LEAST_OUTPUT_TOKENS = 1_024

/**
 * What `max_cost` asks of a call to one deployment: the call itself, or with a bound of its answer that the money pays
 * for.
 *
 * @throws `budget_exceeded` where the money does not reach; `unknown_price` where nobody knows.
 */
export function withinCost(
  callType: CallType,
  params: Params,
  { rates, model }: CallDeployment,
  maxPicoUsd: bigint,
): Params {
  const price = rates()
  if (price === undefined)
    throw createError({
      code: 'unknown_price',
      message: `no price is known for model '${model}', so max_cost cannot be kept; register one with registerModel()`,
      model,
    })
  const inputTokens = inputTokensOf(params)
  const bound = outputBoundOf(callType, params)
  const most = mostCallPicoUsd(price, params, bound ?? LEAST_OUTPUT_TOKENS)
  if (most > maxPicoUsd)
    throw createError({
      code: 'budget_exceeded',
      reason: 'max_cost_exceeded',
      message: `A call to '${model}' may cost ${usd(most)}, which is more than its max_cost of ${usd(maxPicoUsd)}. Raise it, lower max_tokens, or name a cheaper model in fallbacks`,
      model,
      param: 'max_cost',
    })
  if (bound !== undefined) return params
  const tokens = affordableTokens(price, inputTokens, maxPicoUsd)
  if (tokens >= MANY_TOKENS) return params
  return { ...params, [callType === 'responses' ? 'max_output_tokens' : 'max_tokens']: tokens }
}

/** Why `max_cost` keeps a call from one deployment; `undefined` where it does not. */
export function overCost(
  callType: CallType,
  params: Params,
  deployment: CallDeployment,
  maxPicoUsd: bigint,
): SwitchyardError | undefined {
  try {
    withinCost(callType, deployment.apply(params), deployment, maxPicoUsd)
    return undefined
  } catch (error) {
    if (isSwitchyardError(error)) return error
    throw error
  }
}

/** No model answers with more. */
const MANY_TOKENS = 1_000_000
