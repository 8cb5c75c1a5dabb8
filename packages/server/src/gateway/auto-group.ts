import { createError, explainChoice, firstOf } from '@switchyard/llm/kit'
import type { AutoFacts, PassedRule, RouterRules, SwitchyardError } from '@switchyard/llm/kit'
import type { Principal } from '../auth/principal.ts'
import type { Services } from '../services.ts'
import type { LlmCall } from './call.ts'
import { sizeOf } from './call-size.ts'
import { readCallerFields } from './caller-fields.ts'
import { choiceOf } from './choice.ts'
import type { Asking } from './choice.ts'
import { costOf } from './max-cost.ts'
import { servedTo } from './model-access.ts'

/** What stands behind the name of an auto group for one request. */
export interface AutoChoice {
  readonly name: string
  /** The models to ask, the best first. */
  readonly models: readonly string[]
  /** The rules that do not hold. */
  readonly passed: readonly PassedRule[]
}

/** Weighs the rules of an auto group; `undefined` where the request asks for a model like any other. */
export function autoChoiceOf(
  call: LlmCall,
  { principal, request }: Pick<Asking, 'principal' | 'request'>,
  rules: RouterRules,
  services: Services,
): AutoChoice | undefined {
  const name = nameFor(call.model, principal)
  const autoRules = rules.autoGroups.get(name)
  if (autoRules === undefined) return undefined
  const own = readCallerFields(call.scan, request.headers, services.config.access).tags
  const tags = [...(principal?.tags ?? []), ...own]
  const choice = choiceOf({ parties: { tags }, principal, request }, call, services)
  const { engine } = services.routing
  // A model that is known to be unable to answer is none of the choices.
  const strict: RouterRules = { ...rules, choice: { ...rules.choice, preCallChecks: true } }
  const facts: AutoFacts = {
    tags,
    inputTokens: choice.inputTokens,
    needs: () => choice.needs?.() ?? [],
    costOf: (model) => dearest(model, call, choice.inputTokens(), services),
    hindrance: (model) => {
      const found = services.deployments.find(model)
      const served = principal === undefined ? found : servedTo(principal, found)
      if (served.length === 0) return 'nobody serves it'
      const world = { nowMs: engine.nowMs(), random: engine.random }
      return explainChoice(model, served, choice, strict, world).refusal
    },
  }
  return { name, ...firstOf(autoRules, facts) }
}

/** No rule leads to a model. */
export function noRuleHolds({ name, passed }: AutoChoice): SwitchyardError {
  const reasons = passed.map(
    ({ model, why, detail }) => `${model}: ${why}${detail === undefined ? '' : ` (${detail})`}`,
  )
  const isOutage = passed.some(({ why }) => why === 'unavailable')
  return createError({
    code: isOutage ? 'service_unavailable' : 'bad_request',
    reason: isOutage ? 'no_deployment_available' : 'no_rule_holds',
    param: 'model',
    message: `No rule of '${name}' leads to a model for this request. ${reasons.join('; ')}. Ask for a model by its name, or add a rule without conditions to router_settings.auto_groups.`,
  })
}

function nameFor(model: string, principal: Principal | undefined): string {
  const aliases = principal?.aliases ?? {}
  return Object.hasOwn(aliases, model) ? (aliases[model] ?? model) : model
}

/** What a request costs, about, at the dearest of a model's deployments. */
function dearest(
  model: string,
  call: LlmCall,
  inputTokens: number,
  { deployments }: Services,
): bigint | undefined {
  let most: bigint | undefined
  for (const deployment of deployments.find(model)) {
    const cost = costOf({ ...sizeOf(call), inputTokens }, deployment)
    if (cost === undefined) return undefined
    if (most === undefined || cost > most) most = cost
  }
  return most
}
