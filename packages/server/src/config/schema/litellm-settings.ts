import { z } from 'zod'
import { cacheParamsSchema } from './cache-params.ts'
import type { CacheParams } from './cache-params.ts'
import { timezone } from './accounting-settings.ts'
import { budgets, defaultFallbacks, fallbacks } from './router-settings.ts'
import {
  amount,
  anyList,
  anyMap,
  anything,
  count,
  duration,
  flag,
  oneOrMore,
  seconds,
  sectionKeys,
  text,
  texts,
} from './values.ts'
import type { SectionKeys } from './values.ts'

export interface LitellmSettings {
  [key: string]: unknown
  drop_params?: boolean | null | undefined
  num_retries?: number | null | undefined
  allowed_fails?: number | null | undefined
  request_timeout?: number | null | undefined
  max_budget?: number | null | undefined
  budget_duration?: string | null | undefined
  max_end_user_budget?: number | null | undefined
  max_end_user_budget_id?: string | null | undefined
  timezone?: string | null | undefined
  cache?: boolean | null | undefined
  cache_params?: CacheParams | null | undefined
  default_redis_ttl?: number | null | undefined
  default_in_memory_ttl?: number | null | undefined
}

const active = {
  drop_params: flag(),
  fallbacks,
  default_fallbacks: defaultFallbacks,
  context_window_fallbacks: fallbacks,
  content_policy_fallbacks: fallbacks,
  budget_fallbacks: fallbacks,
  tag_budget_config: budgets,
  allowed_fails: count(),
  num_retries: count(),
  request_timeout: seconds(),
  require_auth_for_metrics_endpoint: flag(),
  max_budget: amount({ min: 0 }),
  budget_duration: duration(),
  max_end_user_budget: amount({ min: 0 }),
  max_end_user_budget_id: text(),
  timezone,
  default_internal_user_params: anyMap(),
  max_internal_user_budget: amount({ min: 0 }),
  internal_user_budget_duration: text(),
  default_team_params: anyMap(),
  default_key_generate_params: anyMap(),
  upperbound_key_generate_params: anyMap(),
  key_generation_settings: anyMap(),
  cache: flag(),
  cache_params: cacheParamsSchema,
  default_redis_ttl: seconds(),
  default_in_memory_ttl: seconds(),
}

// Known to LiteLLM and kept. When a feature comes, its line moves up.
const accepted = {
  success_callback: oneOrMore(),
  failure_callback: oneOrMore(),
  callbacks: anything(),
  service_callbacks: oneOrMore(),
  audit_log_callbacks: oneOrMore(),
  turn_off_message_logging: flag(),
  redact_user_api_key_info: flag(),
  redact_messages_in_exceptions: flag(),
  json_logs: flag(),
  set_verbose: flag(),
  modify_params: flag(),
  caching: flag(),
  caching_with_models: flag(),
  enable_redis_auth_cache: flag(),
  enable_caching_on_provider_specific_optional_params: flag(),
  max_user_budget: amount({ min: 0 }),
  default_team_settings: anyList(),
  cost_discount_config: anyMap(),
  cost_margin_config: anyMap(),
  telemetry: flag(),
  force_ipv4: flag(),
  ssl_verify: anything(),
  ssl_security_level: text(),
  ssl_certificate: text(),
  disable_end_user_cost_tracking: flag(),
  disable_end_user_cost_tracking_prometheus_only: flag(),
  enable_end_user_cost_tracking_prometheus_only: flag(),
  prometheus_metrics_config: anyList(),
  prometheus_initialize_budget_metrics: flag(),
  custom_prometheus_metadata_labels: texts(),
  custom_prometheus_tags: texts(),
  langfuse_default_tags: texts(),
  s3_callback_params: anyMap(),
  datadog_params: anyMap(),
  datadog_llm_observability_params: anyMap(),
  generic_logger_headers: anyMap(),
  mcp_aliases: anyMap(),
  public_model_groups: texts(),
  model_group_settings: anyMap(),
  enable_json_schema_validation: flag(),
  enable_key_alias_format_validation: flag(),
  require_managed_files: flag(),
  user_url_validation: flag(),
  user_url_allowed_hosts: texts(),
  route_all_chat_openai_to_responses: flag(),
  use_chat_completions_url_for_anthropic_messages: flag(),
  skip_system_message_in_guardrail: flag(),
  priority_reservation: anyMap(),
  priority_reservation_settings: anyMap(),
  store_audit_logs: flag(),
  network_mock: flag(),
  disable_hf_tokenizer_download: flag(),
  custom_provider_map: anyList(),
  guardrails: anyList(),
  add_function_to_prompt: flag(),
  return_response_headers: flag(),
  forward_traceparent_to_llm_provider: flag(),
  suppress_debug_info: flag(),
  log_raw_request_response: flag(),
  model_alias_map: anyMap(),
  aws_sqs_callback_params: anyMap(),
  vector_store_registry: anyList(),
}

export const litellmSettingsSchema: z.ZodType<LitellmSettings> = z.looseObject({ ...active, ...accepted })
export const litellmSettingsKeys: SectionKeys = sectionKeys(active, accepted)
