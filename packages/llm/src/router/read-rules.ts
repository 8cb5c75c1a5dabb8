import type { JsonObject } from '../types/json.ts'
import { readAutoGroups } from './read-auto.ts'
import { countOf, millisecondsOf, objectOf, wrong } from './read-setting.ts'
import { DEFAULT_COOLDOWN_MS } from './cooldown.ts'
import { ANY_GROUP, DEFAULT_MAX_FALLBACKS, NO_FALLBACKS, targetsOf } from './fallback.ts'
import type { Fallbacks, FallbackTarget } from './fallback.ts'
import { isFailureClass, readClassCounts } from './failure-class.ts'
import type { ClassCounts } from './failure-class.ts'
import type { RouterOptions, WrittenCounts, WrittenFallbacks } from './options.ts'
import type { GroupStrategy, RouterRules } from './rules.ts'
import { simpleShuffle, strategies } from './strategies/index.ts'
import type { Strategy, StrategyArgs } from './strategy.ts'

/** LiteLLM's own number of retries. */
const DEFAULT_RETRIES = 2

export const DEFAULT_RULES: RouterRules = {
  choice: {
    strategy: simpleShuffle,
    strategyArgs: {},
    tags: { enabled: false, matchAny: true },
    preCallChecks: false,
  },
  groupStrategies: new Map(),
  retries: { numRetries: DEFAULT_RETRIES, retryBilled: false, minWaitMs: 0 },
  cooldowns: { disabled: false, cooldownMs: DEFAULT_COOLDOWN_MS },
  fallbacks: NO_FALLBACKS,
  weightedFailover: false,
  continuesStreams: false,
  autoGroups: new Map(),
}

/**
 * Reads settings of the router over others: what they do not say stays as it was. Used for a configuration, for the
 * settings of a key, and for those of a single request.
 *
 * @throws `bad_request` that names the setting and what it has to be.
 */
export function readRules(
  options: RouterOptions,
  base: RouterRules = DEFAULT_RULES,
  own: ReadonlyMap<string, Strategy> = NO_STRATEGIES,
): RouterRules {
  const { choice, retries, cooldowns, fallbacks } = base
  const args = objectOf(options.routing_strategy_args, 'routing_strategy_args') as StrategyArgs | undefined
  return {
    choice: {
      strategy: strategyOf(options.routing_strategy, 'routing_strategy', own) ?? choice.strategy,
      strategyArgs: args ?? choice.strategyArgs,
      tags: {
        enabled: options.enable_tag_filtering ?? choice.tags.enabled,
        matchAny: options.tag_filtering_match_any ?? choice.tags.matchAny,
      },
      preCallChecks: options.enable_pre_call_checks ?? options.enable_pre_call_check ?? choice.preCallChecks,
      enforceLimits:
        options.optional_pre_call_checks?.includes('enforce_model_rate_limits') ?? choice.enforceLimits,
      maxParallelRequests:
        countOf(options.default_max_parallel_requests, 'default_max_parallel_requests') ??
        choice.maxParallelRequests,
    },
    groupStrategies: groupStrategiesOf(options, own) ?? base.groupStrategies,
    retries: {
      numRetries: countOf(options.num_retries ?? options.max_retries, 'num_retries') ?? retries.numRetries,
      policy: policyOf(options.retry_policy, 'retry_policy') ?? retries.policy,
      groupPolicies: groupPoliciesOf(options) ?? retries.groupPolicies,
      retryBilled: options.retry_billed ?? retries.retryBilled,
      minWaitMs: millisecondsOf(options.retry_after, 'retry_after') ?? retries.minWaitMs,
    },
    cooldowns: {
      disabled: options.disable_cooldowns ?? cooldowns.disabled,
      cooldownMs: millisecondsOf(options.cooldown_time, 'cooldown_time') ?? cooldowns.cooldownMs,
      allowedFails: countOf(options.allowed_fails, 'allowed_fails') ?? cooldowns.allowedFails,
      allowedFailsPolicy:
        policyOf(options.allowed_fails_policy, 'allowed_fails_policy') ?? cooldowns.allowedFailsPolicy,
    },
    fallbacks: {
      general: generalOf(options, fallbacks.general),
      contextWindow:
        readFallbacks(options.context_window_fallbacks, 'context_window_fallbacks') ??
        fallbacks.contextWindow,
      contentPolicy:
        readFallbacks(options.content_policy_fallbacks, 'content_policy_fallbacks') ??
        fallbacks.contentPolicy,
      budget: readFallbacks(options.budget_fallbacks, 'budget_fallbacks') ?? fallbacks.budget,
      maxDepth:
        countOf(options.max_fallbacks, 'max_fallbacks') ?? fallbacks.maxDepth ?? DEFAULT_MAX_FALLBACKS,
    },
    weightedFailover: options.enable_weighted_failover ?? base.weightedFailover,
    continuesStreams: continuesOf(options.mid_stream_fallback) ?? base.continuesStreams,
    defaultPriority: options.default_priority ?? base.defaultPriority,
    autoGroups: readAutoGroups(options.auto_groups) ?? base.autoGroups,
  }
}

const NO_STRATEGIES: ReadonlyMap<string, Strategy> = new Map()

/** LiteLLM's name for a draw among those that are within their budgets: a filter, which holds for every strategy. */
const BUDGET_ROUTING = 'provider-budget-routing'

/** A strategy by its name, one's own ones first. */
function strategyOf(
  name: string | null | undefined,
  path: string,
  own: ReadonlyMap<string, Strategy>,
): Strategy | undefined {
  if (name === null || name === undefined) return undefined
  const found = own.get(name) ?? strategies.get(name) ?? (name === BUDGET_ROUTING ? simpleShuffle : undefined)
  if (found === undefined) throw wrong(path, `one of ${[...strategies.keys(), ...own.keys()].join(', ')}`)
  return found
}

function groupStrategiesOf(
  { routing_groups: groups }: RouterOptions,
  own: ReadonlyMap<string, Strategy>,
): ReadonlyMap<string, GroupStrategy> | undefined {
  if (groups === null || groups === undefined) return undefined
  if (!Array.isArray(groups)) throw wrong('routing_groups', 'a list')
  const found = new Map<string, GroupStrategy>()
  for (const [index, group] of groups.entries()) {
    const path = `routing_groups[${index}]`
    if (group.group_name === 'default') throw wrong(`${path}.group_name`, 'a name other than default')
    const strategy = strategyOf(group.routing_strategy, `${path}.routing_strategy`, own) ?? simpleShuffle
    const args = (objectOf(group.routing_strategy_args, `${path}.routing_strategy_args`) ??
      {}) as StrategyArgs
    if (!Array.isArray(group.models)) throw wrong(`${path}.models`, 'a list of model groups')
    for (const model of group.models) {
      if (found.has(model)) throw wrong(`${path}.models`, `in one group only; ${model} is in two`)
      found.set(model, { strategy, args })
    }
  }
  return found
}

function continuesOf(written: unknown): boolean | undefined {
  if (written === null || written === undefined) return undefined
  if (written !== 'continue' && written !== 'error') throw wrong('mid_stream_fallback', 'continue or error')
  return written === 'continue'
}

function groupPoliciesOf({
  model_group_retry_policy: written,
}: RouterOptions): ReadonlyMap<string, ClassCounts> | undefined {
  if (written === null || written === undefined) return undefined
  const policies = Object.entries(written).map(([group, policy]) => {
    const counts = policyOf(policy, `model_group_retry_policy.${group}`) ?? new Map<string, number>()
    return [group, counts] as const
  })
  return new Map(policies)
}

function policyOf(written: WrittenCounts | null | undefined, path: string): ClassCounts | undefined {
  const policy = objectOf(written, path)
  if (policy === undefined) return undefined
  for (const [name, count] of Object.entries(policy)) {
    if (!isFailureClass(name)) throw wrong(`${path}.${name}`, 'the name of an error class')
    if (count !== null && count !== undefined && countOf(count, `${path}.${name}`) === undefined) continue
  }
  return readClassCounts(policy as WrittenCounts)
}

/** `default_fallbacks` hold for every group that has none of its own. */
function generalOf({ fallbacks, default_fallbacks: written }: RouterOptions, base: Fallbacks): Fallbacks {
  const general = readFallbacks(fallbacks, 'fallbacks') ?? base
  const defaults =
    written === null || written === undefined
      ? base.get(ANY_GROUP)
      : readTargets(written, 'default_fallbacks')
  return defaults === undefined || (general.has(ANY_GROUP) && written == null)
    ? general
    : new Map([...general, [ANY_GROUP, defaults]])
}

/**
 * The fallbacks of a single request: names, objects with `model` and the fields that are others there, or, as in
 * settings, maps by the group that was asked for.
 *
 * @throws `bad_request` that names the member which is none of them.
 */
export function readRequestFallbacks(
  written: unknown,
  group: string,
  path = 'fallbacks',
): readonly FallbackTarget[] | undefined {
  if (written === null || written === undefined) return undefined
  if (!Array.isArray(written)) throw wrong(path, 'a list of model groups')
  const isMap = written.some((one) => typeof one === 'object' && one !== null && !('model' in one))
  if (!isMap) return readTargets(written, path)
  return targetsOf(readFallbacks(written as WrittenFallbacks, path) ?? new Map<string, never>(), group)
}

/** Fallbacks as they are written; a list of names, as single requests give them, is another thing. */
function readFallbacks(written: WrittenFallbacks | null | undefined, path: string): Fallbacks | undefined {
  if (written === null || written === undefined) return undefined
  const found = new Map<string, readonly FallbackTarget[]>()
  const maps: readonly unknown[] = Array.isArray(written) ? written : [written]
  for (const [index, map] of maps.entries()) {
    const at = Array.isArray(written) ? `${path}[${index}]` : path
    for (const [group, targets] of Object.entries(objectOf(map, at) ?? {}))
      found.set(group, readTargets(Array.isArray(targets) ? targets : [targets], `${at}.${group}`))
  }
  return found
}

/**
 * A list of whom to ask instead: names, or objects with `model` and the fields that are others there.
 *
 * @throws `bad_request` that names the member which is neither.
 */
export function readTargets(written: readonly unknown[], path: string): readonly FallbackTarget[] {
  if (!Array.isArray(written)) throw wrong(path, 'a list of model groups')
  return written.map((target: unknown, index): FallbackTarget => {
    if (typeof target === 'string' && target !== '') return { model: target }
    const object = typeof target === 'object' && target !== null ? (target as JsonObject) : {}
    const { model, ...params } = object
    if (typeof model !== 'string' || model === '')
      throw wrong(`${path}[${index}]`, 'the name of a model group, or an object with model')
    return Object.keys(params).length === 0 ? { model } : { model, params }
  })
}
