import { explainChoice, readRequestFallbacks, targetsOf } from '@switchyard/llm/kit'
import type { JsonObject, LeftOut, RouterRules } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { Principal } from '../auth/principal.ts'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import { autoChoiceOf, noRuleHolds } from './auto-group.ts'
import { readCall } from './call.ts'
import type { LlmCall } from './call.ts'
import { readCallerFields } from './caller-fields.ts'
import { choiceOf } from './choice.ts'
import type { Asking } from './choice.ts'
import { overMaxCost, withinMaxCost } from './max-cost.ts'
import { servedTo } from './model-access.ts'
import { unknownModel } from './refusals.ts'
import { groupOf, rulesOf } from './route-rules.ts'
import { CHAT_ROUTE } from './routes/routes.ts'

/** Where a request would go. */
export interface RouteExplanation {
  /** As the request names it. */
  readonly model: string
  readonly routing_strategy: string
  readonly chosen: ExplainedDeployment | null
  readonly others: readonly ExcludedDeployment[]
  /** Whom the router would ask after a failure. */
  readonly fallbacks: readonly string[]
  /** What the client would hear now. */
  readonly refusal?: string | undefined
  /** Where the name stands for one of several models: which, and why not those of other rules. */
  readonly auto?: ExplainedAuto | undefined
}

export interface ExplainedAuto {
  readonly models: readonly string[]
  readonly passed: readonly {
    readonly model: string
    readonly why: string
    readonly detail?: string | undefined
  }[]
}

export interface ExplainedDeployment {
  readonly id: string
  readonly model_name: string
  /** The model string with its provider. */
  readonly model: string
}

export interface ExcludedDeployment extends ExplainedDeployment {
  readonly why: LeftOut<Deployment>['why'] | 'over_max_cost'
  readonly detail?: string | undefined
}

export interface ExplainInput {
  /** A chat request as a client would send it; without messages a short one is meant. */
  readonly body: JsonObject
  readonly headers: IncomingHttpHeaders
  /** Left out: somebody who may use everything. */
  readonly principal?: Principal | undefined
}

const SHORT = [{ role: 'user', content: 'Hello' }]

/**
 * Which deployment a request would be sent to if it came now, and why each other one would not be asked. Nothing is
 * sent, and nothing counts.
 *
 * @throws 400 for a body that is no chat request, 404 for a model that nobody serves.
 */
export async function explainRoute(
  { body, headers, principal }: ExplainInput,
  services: Services,
): Promise<RouteExplanation> {
  const bytes = Buffer.from(JSON.stringify(body.messages == null ? { ...body, messages: SHORT } : body))
  const call = readCall(CHAT_ROUTE, {}, headers, bytes)
  const rules = rulesOf({ principal }, call, services)
  services.routing.engine.refresh()
  const asking: Asking = {
    parties: { tags: readCallerFields(call.scan, headers, services.config.access).tags },
    principal,
    request: { headers },
  }
  const auto = autoChoiceOf(call, asking, rules, services)
  if (auto === undefined) return explainGroup(call, asking, rules, services)
  const { name, models, passed } = auto
  let found: RouteExplanation = {
    model: name,
    routing_strategy: rules.choice.strategy.id,
    chosen: null,
    others: [],
    fallbacks: [],
    refusal: noRuleHolds(auto).message,
  }
  for (const model of models) {
    call.model = model
    found = await explainGroup(call, asking, rules, services)
    if (found.chosen !== null) break
  }
  return { ...found, auto: { models, passed } }
}

async function explainGroup(
  call: LlmCall,
  asking: Asking,
  rules: RouterRules,
  services: Services,
): Promise<RouteExplanation> {
  const { deployments, routing } = services
  const { principal } = asking
  const found = deployments.find(call.model)
  const served = principal === undefined ? found : servedTo(principal, found)
  if (served.length === 0) throw unknownModel(call.model)
  const group = groupOf(call.model, rules, services)
  const { engine } = routing
  const { candidates, leastPicoUsd } = await withinMaxCost(call, served)
  const world = { nowMs: engine.nowMs(), random: engine.random }
  const { chosen, others, strategy, refusal } = explainChoice(
    group,
    candidates,
    choiceOf(asking, call, services),
    rules,
    world,
  )
  const { disableFallbacks, fallbacks, maxPicoUsd } = call.options.routing ?? {}
  const targets =
    disableFallbacks === true
      ? []
      : (readRequestFallbacks(fallbacks, group) ?? targetsOf(rules.fallbacks.general, group))
  const tooDear = served.filter((one) => !candidates.includes(one))
  const isTooDear = maxPicoUsd !== undefined && candidates.length === 0
  return {
    model: call.model,
    routing_strategy: strategy,
    chosen: chosen === undefined ? null : describe(chosen),
    others: [
      ...tooDear.map((one): ExcludedDeployment => ({ ...describe(one), why: 'over_max_cost' })),
      ...others.map(({ deployment, why, detail }) => ({ ...describe(deployment), why, detail })),
    ],
    fallbacks: targets.map(({ model }) => model),
    refusal: isTooDear ? overMaxCost(maxPicoUsd, call.model, leastPicoUsd).message : refusal,
  }
}

function describe({ id, group, config }: Deployment): ExplainedDeployment {
  return { id, model_name: group, model: config.model }
}
