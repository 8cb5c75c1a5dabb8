import { isSwitchyardError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { Principal } from '../auth/principal.ts'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import { autoChoiceOf, noRuleHolds } from './auto-group.ts'
import type { AutoChoice } from './auto-group.ts'
import type { LlmCall } from './call.ts'
import { checkMedia } from './check-media.ts'
import { fittingDeployments } from './check-window.ts'
import type { Exchange } from './exchange.ts'
import { boundAnswer, overMaxCost, withinMaxCost } from './max-cost.ts'
import { mayUse, servedTo } from './model-access.ts'
import { modelNotServed, unknownModel } from './refusals.ts'
import { budgetFallbacks, cheaperFallbacks, rulesOf } from './route-rules.ts'
import { admit } from './steps/admit.ts'
import type { Authorizer } from './steps/authorize.ts'

/**
 * Finds who may answer, and takes what that can cost. Where the model is one of several, or costs more than the request
 * may or than its budget has, others are tried in turn.
 *
 * @throws what the model that was asked for is refused for; of refusals for `max_cost` the one with the least cost.
 */
export async function place(
  exchange: Exchange,
  gate: Authorizer,
  caller: Principal,
  call: LlmCall,
  services: Services,
): Promise<readonly Deployment[]> {
  const placeAt: PlaceAt = (model, cheapest) =>
    placeWith(exchange, gate, caller, call, model, cheapest, services)
  const rules = rulesOf({ principal: caller }, call, services)
  const auto =
    rules.autoGroups.size === 0
      ? undefined
      : autoChoiceOf(call, { principal: caller, request: exchange.request }, rules, services)
  const cheapest: Cheapest = {}
  if (auto !== undefined) {
    exchange.receipt.auto = auto
    if (auto.models.length === 0) throw noRuleHolds(visible(auto, caller, services))
    return placeAtFirst(exchange, auto.models, cheapest, placeAt)
  }
  const asked = call.model
  try {
    return await placeAt(asked, cheapest)
  } catch (error) {
    if (!isSwitchyardError(error) || error.code !== 'budget_exceeded') throw error
    const standIns = isOverMaxCost(error)
      ? cheaperFallbacks(exchange, call, services)
      : budgetFallbacks(exchange, call, services)
    return placeAtFirst(
      exchange,
      standIns.map(({ model }) => model),
      cheapest,
      placeAt,
      error,
    )
  }
}

/** Of models that are not theirs callers do not hear. */
function visible(auto: AutoChoice, caller: Principal, services: Services): AutoChoice {
  return { ...auto, passed: auto.passed.filter(({ model }) => mayUse(caller, model, services)) }
}

type PlaceAt = (model: string, cheapest: Cheapest) => Promise<readonly Deployment[]>

/** The least that the request may cost at any model so far. */
interface Cheapest {
  model?: string
  picoUsd?: bigint
}

/** The first model that is refused for nothing. */
async function placeAtFirst(
  exchange: Exchange,
  models: readonly string[],
  cheapest: Cheapest,
  placeAt: PlaceAt,
  before?: SwitchyardError,
): Promise<readonly Deployment[]> {
  let refused = before
  for (const model of models) {
    try {
      const candidates = await placeAt(model, cheapest)
      exchange.refusalHeaders = undefined
      return candidates
    } catch (refusal) {
      if (!isSwitchyardError(refusal)) throw refusal
      if (refused === undefined || isOverMaxCost(refusal)) refused = refusal
    }
  }
  throw refused
}

function isOverMaxCost({ reason }: SwitchyardError): boolean {
  return reason === 'max_cost_exceeded'
}

async function placeWith(
  exchange: Exchange,
  gate: Authorizer,
  caller: Principal,
  call: LlmCall,
  model: string,
  cheapest: Cheapest,
  services: Services,
): Promise<readonly Deployment[]> {
  const allowing = gate.authorize(exchange, caller, { model, scan: call.scan })
  const allowed = allowing instanceof Promise ? await allowing : allowing
  exchange.principal = allowed.principal
  exchange.parties = allowed.parties
  exchange.receipt.model = call.model = allowed.model
  const deployments = servedTo(allowed.principal, services.deployments.find(call.model))
  if (deployments.length === 0) throw notFound(call.model, allowed.principal, services)
  checkMedia(call)
  const fitting = fittingDeployments(exchange, call, deployments, services)
  const maxPicoUsd = call.options.routing?.maxPicoUsd
  if (maxPicoUsd === undefined) {
    const admission = admit(exchange, call, allowed, fitting, services)
    if (admission !== undefined) await admission
    return fitting
  }
  const { candidates, boundTokens, leastPicoUsd } = await withinMaxCost(call, fitting)
  if (candidates.length === 0) {
    if (leastPicoUsd !== undefined && (cheapest.picoUsd === undefined || leastPicoUsd < cheapest.picoUsd)) {
      cheapest.picoUsd = leastPicoUsd
      cheapest.model = call.model
    }
    throw overMaxCost(maxPicoUsd, cheapest.model ?? call.model, cheapest.picoUsd)
  }
  await admit(exchange, call, allowed, candidates, services)
  boundAnswer(exchange, call, boundTokens)
  return candidates
}

/** Whose list names a model may hear that nobody serves it; to others it is as good as one that is kept from them. */
function notFound(model: string, { modelLists }: Principal, { config }: Services): SwitchyardError {
  const isNamed = modelLists.some(({ models }) => models.includes(model))
  return isNamed || config.access.statusProfile === 'legacy' ? modelNotServed(model) : unknownModel(model)
}
