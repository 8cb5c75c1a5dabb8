import { z } from 'zod'
import {
  anyList,
  anyMap,
  anything,
  amount,
  count,
  duration,
  flag,
  seconds,
  sectionKeys,
  text,
} from './values.ts'
import type { SectionKeys } from './values.ts'

/** `alias: group`, `alias: [group, …]` or `alias: {model: group, hidden: true}`. */
export type AliasTarget = string | string[] | { model: string; hidden?: boolean | null | undefined }

export interface RouterSettings {
  [key: string]: unknown
  routing_strategy?: string | null | undefined
  num_retries?: number | null | undefined
  max_retries?: number | null | undefined
  timeout?: number | null | undefined
  stream_timeout?: number | null | undefined
  ttft_timeout?: number | null | undefined
  stream_idle_timeout?: number | null | undefined
  default_litellm_params?: Record<string, unknown> | null | undefined
  model_group_alias?: Record<string, AliasTarget> | null | undefined
  redis_host?: string | null | undefined
  redis_port?: number | string | null | undefined
  redis_password?: string | null | undefined
  redis_url?: string | null | undefined
  redis_db?: number | null | undefined
  enable_health_check_routing?: boolean | null | undefined
  health_check_staleness_threshold?: number | null | undefined
  health_check_ignore_transient_errors?: boolean | null | undefined
}

const groupName = z.string().min(1, 'must not be empty')

const aliasTarget: z.ZodType<AliasTarget> = z.union(
  [groupName, z.array(groupName).min(1), z.looseObject({ model: groupName, hidden: flag() })],
  'expected the name of a model group, a list of names, or {model, hidden}',
)

const strategies = [
  'simple-shuffle',
  'least-busy',
  'usage-based-routing',
  'usage-based-routing-v2',
  'latency-based-routing',
  'cost-based-routing',
  'provider-budget-routing',
]

/** A strategy of one's own, in a file and under the name of its export: `./router.ts:quickest`. */
export const customStrategyForm: RegExp = /^(.+\.[cm]?[jt]s):([A-Za-z_$][\w$]*)$/

const strategy = z
  .string(`expected one of ${strategies.join(', ')}`)
  .refine(
    (name) => strategies.includes(name) || customStrategyForm.test(name),
    `expected one of ${strategies.join(', ')}, or a file and its export, as ./router.ts:quickest`,
  )

const counts = z.record(z.string(), count(), 'expected a map of error classes and counts')

/** Whom to ask instead: `[{group: [other, …]}]`, or the same as one map. */
const target = z.union(
  [groupName, z.looseObject({ model: groupName })],
  'expected the name of a model group, or an object with model',
)
const targets = z.union([z.array(target), target], 'expected a list of model groups')
const fallbackMap = z.record(z.string(), targets, 'expected a map of model groups')
export const fallbacks: z.ZodType = z
  .union([z.array(fallbackMap), fallbackMap], 'expected a list of maps: [{group: [other]}]')
  .nullish()
export const defaultFallbacks: z.ZodType = z.array(target, 'expected a list of model groups').nullish()

const CHECKS = [
  'prompt_caching',
  'responses_api_deployment_check',
  'encrypted_content_affinity',
  'deployment_affinity',
  'session_affinity',
  'enforce_model_rate_limits',
  'router_budget_limiting',
]
const checks = z.array(z.enum(CHECKS, `expected one of ${CHECKS.join(', ')}`), 'expected a list of checks')

/** What may be spent, by name. LiteLLM has two spellings of it. */
export const budgets: z.ZodType = z
  .record(
    z.string(),
    z
      .looseObject({
        budget_limit: amount({ min: 0 }),
        max_budget: amount({ min: 0 }),
        time_period: duration(),
        budget_duration: duration(),
      })
      .refine((one) => (one.budget_limit ?? one.max_budget) != null, 'expected budget_limit, in USD'),
    'expected a map of names and their budgets',
  )
  .nullish()

/** What the router reads itself, in the form in which it takes it. */
const routing = {
  routing_strategy: strategy.nullish(),
  routing_strategy_args: anyMap(),
  routing_groups: z
    .array(
      z.looseObject({
        group_name: groupName,
        models: z.array(groupName, 'expected a list of model groups'),
        routing_strategy: strategy,
        routing_strategy_args: anyMap(),
      }),
      'expected a list of groups',
    )
    .nullish(),
  num_retries: count(),
  max_retries: count(),
  retry_after: amount({ min: 0 }),
  retry_policy: counts.nullish(),
  model_group_retry_policy: z.record(z.string(), counts, 'expected a map of model groups').nullish(),
  retry_billed: flag(),
  allowed_fails: count(),
  allowed_fails_policy: counts.nullish(),
  cooldown_time: amount({ min: 0 }),
  disable_cooldowns: flag(),
  fallbacks,
  default_fallbacks: defaultFallbacks,
  context_window_fallbacks: fallbacks,
  content_policy_fallbacks: fallbacks,
  budget_fallbacks: fallbacks,
  max_fallbacks: count(),
  enable_pre_call_checks: flag(),
  enable_pre_call_check: flag(),
  enable_tag_filtering: flag(),
  tag_filtering_match_any: flag(),
  enable_weighted_failover: flag(),
  optional_pre_call_checks: checks.nullish(),
  deployment_affinity_ttl_seconds: seconds(),
  model_group_affinity_config: z.record(z.string(), checks, 'expected a map of model groups').nullish(),
  default_max_parallel_requests: count(),
  default_priority: z
    .int('expected a whole number from 0 to 255')
    .min(0, 'expected a whole number from 0 to 255')
    .max(255, 'expected a whole number from 0 to 255')
    .nullish(),
  mid_stream_fallback: z.enum(['continue', 'error'], 'expected continue or error').nullish(),
  auto_groups: z
    .record(
      groupName,
      z.array(z.looseObject({ model: groupName, when: anyMap() }), 'expected a list of rules').min(1),
      'expected a map of names and their rules',
    )
    .nullish(),
}

/** The keys of `router_settings` that decide how requests are routed. */
export const routingKeys: readonly string[] = Object.keys(routing)

const active = {
  ...routing,
  timeout: seconds(),
  stream_timeout: seconds(),
  ttft_timeout: seconds(),
  stream_idle_timeout: seconds(),
  default_litellm_params: anyMap(),
  redis_host: text(),
  redis_port: z.union([z.int().min(1).max(65_535), z.string().regex(/^\d+$/)], 'expected a port').nullish(),
  redis_password: text(),
  redis_url: text(),
  redis_db: count(),
  enable_health_check_routing: flag(),
  health_check_staleness_threshold: amount({ min: 0 }),
  health_check_ignore_transient_errors: flag(),
  provider_budget_config: budgets,
  model_group_alias: z.record(z.string(), aliasTarget, 'expected a map of aliases').nullish(),
}

// Known to LiteLLM and kept. When a feature comes, its line moves up.
const accepted = {
  cache_kwargs: anyMap(),
  cache_responses: flag(),
  caching_groups: anyList(),
  client_ttl: seconds(),
  polling_interval: seconds(),
  ignore_invalid_deployments: flag(),
  search_tools: anyList(),
  guardrail_list: anyList(),
  set_verbose: flag(),
  debug_level: text(),
  assistants_config: anyMap(),
  alerting_config: anyMap(),
  plugins: anything(),
}

export const routerSettingsSchema: z.ZodType<RouterSettings> = z.looseObject({ ...active, ...accepted })
export const routerSettingsKeys: SectionKeys = sectionKeys(active, accepted)
