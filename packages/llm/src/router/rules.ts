import type { AutoGroups } from './auto.ts'
import type { ChoiceRules } from './choose.ts'
import type { CooldownRules } from './cooldown.ts'
import type { FallbackRules } from './fallback.ts'
import type { RetryRules } from './retry.ts'
import type { Strategy, StrategyArgs } from './strategy.ts'

/** How requests are routed: `router_settings` in our own form. */
export interface RouterRules {
  readonly choice: ChoiceRules
  /** `routing_groups`: strategies of single model groups. */
  readonly groupStrategies: ReadonlyMap<string, GroupStrategy>
  readonly retries: RetryRules
  readonly cooldowns: CooldownRules
  readonly fallbacks: FallbackRules
  /** Every sibling is asked before another group is, however few retries there are. */
  readonly weightedFailover: boolean
  /** A stream that breaks in its middle is gone on with by somebody else. */
  readonly continuesStreams: boolean
  /** Of requests that do not say their own, among those that wait for a deployment to have room. */
  readonly defaultPriority?: number | undefined
  /** Names that stand for whichever model the request is best answered by. */
  readonly autoGroups: AutoGroups
}

export interface GroupStrategy {
  readonly strategy: Strategy
  readonly args: StrategyArgs
}

/** The rules for choosing in one group. */
export function choiceRulesOf(rules: RouterRules, group: string): ChoiceRules {
  if (rules.groupStrategies.size === 0) return rules.choice
  const own = rules.groupStrategies.get(group)
  return own === undefined
    ? rules.choice
    : { ...rules.choice, strategy: own.strategy, strategyArgs: own.args }
}
