import { explainAuto, explainGroup, readRequestFallbacks, targetsOf } from '@switchyard/llm/kit'
import type { ExplainedDeployment, JsonObject, RouteExplanation, RouterRules } from '@switchyard/llm/kit'
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
  const explain = (model: string): Promise<RouteExplanation> => {
    call.model = model
    return explainModel(call, asking, rules, services)
  }
  if (auto === undefined) return explain(call.model)
  const { name, models, passed } = auto
  return explainAuto(name, { models, passed }, noRuleHolds(auto).message, rules, explain)
}

async function explainModel(
  call: LlmCall,
  asking: Asking,
  rules: RouterRules,
  services: Services,
): Promise<RouteExplanation> {
  const { deployments, routing } = services
  const { model } = call
  const { principal } = asking
  const found = deployments.find(model)
  const served = principal === undefined ? found : servedTo(principal, found)
  if (served.length === 0) throw unknownModel(model)
  const group = groupOf(model, rules, services)
  const { engine } = routing
  const { candidates, leastPicoUsd } = await withinMaxCost(call, served)
  const { disableFallbacks, fallbacks, maxPicoUsd } = call.options.routing ?? {}
  return explainGroup(
    {
      model,
      group,
      candidates,
      tooDear:
        maxPicoUsd === undefined
          ? undefined
          : {
              deployments: served.filter((one) => !candidates.includes(one)),
              refusal: overMaxCost(maxPicoUsd, model, leastPicoUsd).message,
            },
      choice: choiceOf(asking, call, services),
      fallbacks:
        disableFallbacks === true
          ? []
          : (readRequestFallbacks(fallbacks, group) ?? targetsOf(rules.fallbacks.general, group)),
    },
    rules,
    { nowMs: engine.nowMs(), random: engine.random },
    describe,
  )
}

function describe({ id, group, config }: Deployment): ExplainedDeployment {
  return { id, model_name: group, model: config.model }
}
