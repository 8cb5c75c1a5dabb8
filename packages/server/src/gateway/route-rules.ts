import { fallbacksFor, readRequestFallbacks, targetsOf } from '@switchyard/llm/kit'
import type { FallbackTarget, RouterRules, SwitchyardError } from '@switchyard/llm/kit'
import type { Principal } from '../auth/principal.ts'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import type { LlmCall } from './call.ts'
import type { Exchange } from './exchange.ts'

/** The rules of the router for a request: the configuration's, over them those of its team and key, then its own. */
export function rulesOf(
  { principal }: Pick<Exchange, 'principal'>,
  { options }: Pick<LlmCall, 'options'>,
  { routing }: Pick<Services, 'routing'>,
): RouterRules {
  const rules = routing.rulesOver(principal?.routing)
  const own = options.routing?.settings
  return own === undefined ? rules : routing.rulesFor(rules, own)
}

/** The name under which rules for a model are looked up: its own, or, where none are for an alias, that of its group. */
export function groupOf(
  model: string,
  { fallbacks }: RouterRules,
  { config }: Pick<Services, 'config'>,
): string {
  const alias = Object.hasOwn(config.aliases, model) ? config.aliases[model] : undefined
  const [first] = alias?.groups ?? []
  if (first === undefined || fallbacks.general.has(model)) return model
  return fallbacks.general.has(first) ? first : model
}

/** How often more a request may be tried after it has failed. */
export function retriesOf(
  { options }: Pick<LlmCall, 'options'>,
  candidates: readonly Deployment[],
  { retries }: RouterRules,
): number {
  return options.numRetries ?? candidates[0]?.numRetries ?? retries.numRetries
}

/** How long a request may take: as it says, else as its key or its team does; `undefined` where nobody does. */
export function timeoutOf(
  { principal }: { readonly principal?: Pick<Principal, 'routing'> | undefined },
  { options }: Pick<LlmCall, 'options'>,
): number | undefined {
  const seconds = principal?.routing?.timeout
  return options.timeoutMs ?? (typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined)
}

/** How many models may stand in for one. */
export function fallbackCount({ model, options }: LlmCall, { fallbacks }: RouterRules): number {
  if (options.routing?.disableFallbacks === true) return 0
  const own = options.routing?.fallbacks
  return Array.isArray(own) ? own.length : targetsOf(fallbacks.general, model).length
}

/** Whether another model stands in after a failure. */
export function hasFallback(
  failure: SwitchyardError,
  exchange: Exchange,
  call: LlmCall,
  services: Services,
): boolean {
  const { routing } = call.options
  if (routing?.disableFallbacks === true) return false
  const rules = rulesOf(exchange, call, services)
  const own = readRequestFallbacks(routing?.fallbacks, call.model)
  return fallbacksFor(failure, groupOf(call.model, rules, services), rules.fallbacks, own).length > 0
}

/** The models that stand in for one whose budget is used up: those of the key, else of the configuration. */
export function budgetFallbacks(
  exchange: Exchange,
  call: LlmCall,
  services: Services,
): readonly FallbackTarget[] {
  if (call.options.routing?.disableFallbacks === true) return []
  return targetsOf(rulesOf(exchange, call, services).fallbacks.budget, call.model)
}

/** The models that stand in for one that costs more than the request may. */
export function cheaperFallbacks(
  exchange: Exchange,
  call: LlmCall,
  services: Services,
): readonly FallbackTarget[] {
  const { routing } = call.options
  if (routing?.disableFallbacks === true) return []
  const rules = rulesOf(exchange, call, services)
  const group = groupOf(call.model, rules, services)
  return readRequestFallbacks(routing?.fallbacks, group) ?? targetsOf(rules.fallbacks.general, group)
}

/** Whether a model that stands in for another may cost something. */
export function mayCostElsewhere(exchange: Exchange, call: LlmCall, services: Services): boolean {
  const { general, contextWindow, contentPolicy } = rulesOf(exchange, call, services).fallbacks
  const own = readRequestFallbacks(call.options.routing?.fallbacks, call.model)
  const targets = own ?? [general, contextWindow, contentPolicy].flatMap((map) => targetsOf(map, call.model))
  return targets.some(({ model }) => services.deployments.find(model).some((one) => one.tokenPrice() !== 0n))
}
