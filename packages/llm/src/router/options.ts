/** Settings of the router, under LiteLLM's names: `router_settings`, and the options of `Router`. Times in seconds. */
export interface RouterOptions {
  readonly routing_strategy?: string | null | undefined
  readonly routing_strategy_args?: Readonly<Record<string, unknown>> | null | undefined
  readonly routing_groups?: readonly RoutingGroup[] | null | undefined
  /** Of a key or a team: how long its requests may take that do not say so themselves. */
  readonly timeout?: number | null | undefined
  readonly num_retries?: number | null | undefined
  /** The same as `num_retries`. */
  readonly max_retries?: number | null | undefined
  /** The least wait before the same deployment is asked again. */
  readonly retry_after?: number | null | undefined
  /** Retries by class of failure: `RateLimitErrorRetries` or `RateLimitError`. */
  readonly retry_policy?: WrittenCounts | null | undefined
  readonly model_group_retry_policy?: Readonly<Record<string, WrittenCounts>> | null | undefined
  /** An answer that is paid for and that nobody can read is no reason to stop: others are asked, and paid. */
  readonly retry_billed?: boolean | null | undefined
  readonly allowed_fails?: number | null | undefined
  readonly allowed_fails_policy?: WrittenCounts | null | undefined
  readonly cooldown_time?: number | null | undefined
  readonly disable_cooldowns?: boolean | null | undefined
  readonly fallbacks?: WrittenFallbacks | null | undefined
  readonly default_fallbacks?: readonly WrittenTarget[] | null | undefined
  readonly context_window_fallbacks?: WrittenFallbacks | null | undefined
  readonly content_policy_fallbacks?: WrittenFallbacks | null | undefined
  readonly budget_fallbacks?: WrittenFallbacks | null | undefined
  readonly max_fallbacks?: number | null | undefined
  readonly enable_tag_filtering?: boolean | null | undefined
  readonly tag_filtering_match_any?: boolean | null | undefined
  readonly enable_pre_call_checks?: boolean | null | undefined
  /** The same as `enable_pre_call_checks`. */
  readonly enable_pre_call_check?: boolean | null | undefined
  /** `enforce_model_rate_limits` is the router's; affinities are for whoever remembers who answered. */
  readonly optional_pre_call_checks?: readonly string[] | null | undefined
  readonly enable_weighted_failover?: boolean | null | undefined
  readonly default_max_parallel_requests?: number | null | undefined
  /** Among those that wait for a deployment to have room, of requests that do not say: 0 comes first. */
  readonly default_priority?: number | null | undefined
  /** What becomes of a stream that breaks in its middle: `error` when left out. */
  readonly mid_stream_fallback?: 'continue' | 'error' | null | undefined
  /** Names that stand for one of several models, by rules: the first that holds. */
  readonly auto_groups?: Readonly<Record<string, readonly WrittenAutoRule[]>> | null | undefined
}

export interface WrittenAutoRule {
  readonly model: string
  readonly when?: WrittenAutoConditions | null | undefined
}

/** All of them have to hold. */
export interface WrittenAutoConditions {
  readonly min_input_tokens?: number | null | undefined
  readonly max_input_tokens?: number | null | undefined
  /** What the request may cost there, in USD, by estimate. */
  readonly max_cost?: number | null | undefined
  /** What the request uses: `tools`, `vision`, `json_schema`, `pdf`, `audio`, `web_search`; each of these. */
  readonly needs?: readonly string[] | null | undefined
  /** The same, and none of these. */
  readonly without?: readonly string[] | null | undefined
  /** One of these. */
  readonly tags?: readonly string[] | null | undefined
}

export type WrittenCounts = Readonly<Record<string, number | null | undefined>>

/** A model group, or a group and what the request says differently there. */
export type WrittenTarget = string | Readonly<Record<string, unknown>>

/** `[{"a": ["b", "c"]}]`, or the same as one map. */
export type WrittenFallbacks =
  | readonly Readonly<Record<string, WrittenTarget | readonly WrittenTarget[]>>[]
  | Readonly<Record<string, WrittenTarget | readonly WrittenTarget[]>>

export interface RoutingGroup {
  readonly group_name: string
  readonly models: readonly string[]
  readonly routing_strategy: string
  readonly routing_strategy_args?: Readonly<Record<string, unknown>> | null | undefined
}
