import { explainChoice, readRequestFallbacks, targetsOf } from '@switchyard/llm/kit'
import type { JsonObject, LeftOut } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { Principal } from '../auth/principal.ts'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import { readCall } from './call.ts'
import { readCallerFields } from './caller-fields.ts'
import { choiceOf } from './choice.ts'
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
}

export interface ExplainedDeployment {
  readonly id: string
  readonly model_name: string
  /** The model string with its provider. */
  readonly model: string
}

export interface ExcludedDeployment extends ExplainedDeployment {
  readonly why: LeftOut<Deployment>['why']
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
export function explainRoute(
  { body, headers, principal }: ExplainInput,
  services: Services,
): RouteExplanation {
  const { config, routing, deployments } = services
  const bytes = Buffer.from(JSON.stringify(body.messages == null ? { ...body, messages: SHORT } : body))
  const call = readCall(CHAT_ROUTE, {}, headers, bytes)
  const found = deployments.find(call.model)
  const candidates = principal === undefined ? found : servedTo(principal, found)
  if (candidates.length === 0) throw unknownModel(call.model)
  const { tags } = readCallerFields(call.scan, headers, config.access)
  const rules = rulesOf({ principal }, call, services)
  const group = groupOf(call.model, rules, services)
  const { engine } = routing
  engine.refresh()
  const { chosen, others, strategy, refusal } = explainChoice(
    group,
    candidates,
    choiceOf({ parties: { tags }, principal, request: { headers } }, call),
    rules,
    { nowMs: engine.nowMs(), random: engine.random },
  )
  const { disableFallbacks, fallbacks } = call.options.routing ?? {}
  const targets =
    disableFallbacks === true
      ? []
      : (readRequestFallbacks(fallbacks, group) ?? targetsOf(rules.fallbacks.general, group))
  return {
    model: call.model,
    routing_strategy: strategy,
    chosen: chosen === undefined ? null : describe(chosen),
    others: others.map(({ deployment, why, detail }) => ({ ...describe(deployment), why, detail })),
    fallbacks: targets.map(({ model }) => model),
    refusal,
  }
}

function describe({ id, group, config }: Deployment): ExplainedDeployment {
  return { id, model_name: group, model: config.model }
}
