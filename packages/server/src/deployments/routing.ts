import { createRouterEngine, isSwitchyardError, readRules } from '@switchyard/llm/kit'
import type {
  RouterEngine,
  RouterEvent,
  RouterOptions,
  RouterRules,
  SharedRouting,
  Strategy,
} from '@switchyard/llm/kit'
import type { Logger } from 'pino'
import type { GatewayConfig } from '../config/index.ts'
import type { Metrics } from '../metrics.ts'
import { createAffinity } from './affinity.ts'
import type { Affinity, AffinityInput } from './affinity.ts'
import { createRoutingBudgets } from './routing-budgets.ts'
import type { RoutingBudgets, RoutingBudgetsInput } from './routing-budgets.ts'
import type { RoutingSpend } from './routing-spend.ts'

/** How requests find their deployment. */
export interface Routing {
  readonly engine: RouterEngine
  readonly rules: RouterRules
  readonly budgets: RoutingBudgets
  readonly affinity: Affinity
  /** What was spent so far; outlives a change of the configuration. */
  readonly spend: RoutingSpend
  /** The rules with settings of a key or a team over them. */
  readonly rulesOver: (settings: RouterOptions | undefined) => RouterRules
  /** The rules with what a single request says over them. @throws `bad_request` for what it may not say. */
  readonly rulesFor: (base: RouterRules, settings: RouterOptions) => RouterRules
}

export interface RoutingInput {
  readonly config: Pick<GatewayConfig, 'routing'>
  /** Those that the configuration names by their file. */
  readonly strategies?: ReadonlyMap<string, Strategy> | undefined
  readonly monotonicMs: () => number
  /** Unix time. */
  readonly nowMs: () => number
  readonly spend: RoutingSpend
  readonly windowAt: RoutingBudgetsInput['windowAt']
  readonly random: () => number
  readonly shared?: SharedRouting | undefined
  readonly log: Pick<Logger, 'warn' | 'info'>
  readonly metrics: Pick<Metrics, 'deploymentCooled'>
}

/** @throws `bad_request` for settings that cannot hold, such as a strategy that nobody knows. */
export function createRouting(input: RoutingInput): Routing {
  const { config, strategies, monotonicMs, random, shared, log, metrics, nowMs, spend, windowAt } = input
  const rules = readRules(config.routing.options, undefined, strategies)
  // Settings of a key are the same object for as long as the key is remembered.
  const known = new WeakMap<RouterOptions, RouterRules>()

  const onEvent = (event: RouterEvent): void => {
    const { id } = event.deployment
    if (event.type === 'recovered') log.info({ deployment: id }, 'a deployment answers again')
    else {
      const { code, ms, why } = event
      log.warn({ deployment: id, code, cooldownMs: ms }, `a deployment is not asked for a while: ${why}`)
      metrics.deploymentCooled(id, code)
    }
  }

  const readOver = (settings: RouterOptions): RouterRules => {
    try {
      return readRules(settings, rules, strategies)
    } catch (error) {
      if (!isSwitchyardError(error)) throw error
      log.warn({ error: error.message }, 'router settings of a key or a team are wrong and do not count')
      return rules
    }
  }

  return {
    engine: createRouterEngine({ nowMs: monotonicMs, random, shared, onEvent }),
    rules,
    budgets: createRoutingBudgets({ budgets: config.routing.budgets, spend, windowAt, nowMs }),
    spend,
    affinity: createAffinity(config.routing.options as AffinityInput, monotonicMs),
    rulesOver: (settings) => {
      if (settings === undefined) return rules
      let over = known.get(settings)
      if (over === undefined) known.set(settings, (over = readOver(settings)))
      return over
    },
    rulesFor: (base, settings) => readRules(settings, base),
  }
}
