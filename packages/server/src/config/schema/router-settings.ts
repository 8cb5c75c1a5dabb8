import { z } from 'zod'
import {
  anyList,
  anyMap,
  anything,
  amount,
  choice,
  count,
  flag,
  seconds,
  sectionKeys,
  text,
  texts,
} from './values.ts'
import type { SectionKeys } from './values.ts'

/** `alias: group`, `alias: [group, …]` or `alias: {model: group, hidden: true}`. */
export type AliasTarget = string | string[] | { model: string; hidden?: boolean | null | undefined }

export interface RouterSettings {
  [key: string]: unknown
  num_retries?: number | null | undefined
  timeout?: number | null | undefined
  stream_timeout?: number | null | undefined
  model_group_alias?: Record<string, AliasTarget> | null | undefined
  redis_host?: string | null | undefined
  redis_port?: number | string | null | undefined
  redis_password?: string | null | undefined
  redis_url?: string | null | undefined
  redis_db?: number | null | undefined
}

const groupName = z.string().min(1, 'must not be empty')

const aliasTarget: z.ZodType<AliasTarget> = z.union(
  [groupName, z.array(groupName).min(1), z.looseObject({ model: groupName, hidden: flag() })],
  'expected the name of a model group, a list of names, or {model, hidden}',
)

const active = {
  num_retries: count(),
  timeout: seconds(),
  stream_timeout: seconds(),
  redis_host: text(),
  redis_port: z.union([z.int().min(1).max(65_535), z.string().regex(/^\d+$/)], 'expected a port').nullish(),
  redis_password: text(),
  redis_url: text(),
  redis_db: count(),
  model_group_alias: z.record(z.string(), aliasTarget, 'expected a map of aliases').nullish(),
}

const strategies = [
  'simple-shuffle',
  'least-busy',
  'usage-based-routing',
  'usage-based-routing-v2',
  'latency-based-routing',
  'cost-based-routing',
  'provider-budget-routing',
]

// Known to LiteLLM and kept. When a feature comes, its line moves up.
const accepted = {
  routing_strategy: choice(strategies),
  routing_strategy_args: anyMap(),
  routing_groups: anyList(),
  cache_kwargs: anyMap(),
  cache_responses: flag(),
  caching_groups: anyList(),
  client_ttl: seconds(),
  enable_pre_call_checks: flag(),
  enable_pre_call_check: flag(),
  allowed_fails: count(),
  allowed_fails_policy: anyMap(),
  cooldown_time: amount({ min: 0 }),
  disable_cooldowns: flag(),
  retry_after: amount({ min: 0 }),
  retry_policy: z.record(z.string(), count(), 'expected a map of error classes and counts').nullish(),
  model_group_retry_policy: anyMap(),
  ttft_timeout: seconds(),
  stream_idle_timeout: seconds(),
  fallbacks: anyList(),
  default_fallbacks: texts(),
  context_window_fallbacks: anyList(),
  content_policy_fallbacks: anyList(),
  max_fallbacks: count(),
  enable_tag_filtering: flag(),
  tag_filtering_match_any: flag(),
  enable_weighted_failover: flag(),
  default_max_parallel_requests: count(),
  default_priority: count(),
  polling_interval: seconds(),
  default_litellm_params: anyMap(),
  provider_budget_config: anyMap(),
  optional_pre_call_checks: texts(),
  deployment_affinity_ttl_seconds: seconds(),
  model_group_affinity_config: anyMap(),
  ignore_invalid_deployments: flag(),
  search_tools: anyList(),
  guardrail_list: anyList(),
  enable_health_check_routing: flag(),
  health_check_staleness_threshold: amount({ min: 0 }),
  health_check_ignore_transient_errors: flag(),
  set_verbose: flag(),
  debug_level: text(),
  assistants_config: anyMap(),
  alerting_config: anyMap(),
  plugins: anything(),
  max_retries: count(),
}

export const routerSettingsSchema: z.ZodType<RouterSettings> = z.looseObject({ ...active, ...accepted })
export const routerSettingsKeys: SectionKeys = sectionKeys(active, accepted)
