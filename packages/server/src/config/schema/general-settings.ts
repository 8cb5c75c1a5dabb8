import { z } from 'zod'
import { accessKeys } from './access-settings.ts'
import type { AccessKeys } from './access-settings.ts'
import { accountingKeys } from './accounting-settings.ts'
import type { AccountingKeys } from './accounting-settings.ts'
import {
  amount,
  ORIGIN,
  anyList,
  anyMap,
  anything,
  count,
  flag,
  oneOrMore,
  seconds,
  sectionKeys,
  text,
  texts,
} from './values.ts'
import type { SectionKeys } from './values.ts'

export interface GeneralSettings extends AccessKeys, AccountingKeys {
  [key: string]: unknown
  master_key?: string | null | undefined
  litellm_key_header_name?: string | null | undefined
  max_request_size_mb?: number | null | undefined
  database_url?: string | null | undefined
  database_connection_pool_limit?: number | null | undefined
  database_connection_timeout?: number | null | undefined
  database_connect_timeout?: number | null | undefined
  database_socket_timeout?: number | null | undefined
  cors_allowed_origins?: string[] | null | undefined
  background_health_checks?: boolean | null | undefined
  health_check_interval?: number | null | undefined
  health_check_concurrency?: number | null | undefined
}

const EXPECTED_ORIGIN = 'expected an origin as browsers send it, for example https://app.example.com'

const active = {
  background_health_checks: flag(),
  health_check_interval: seconds(),
  health_check_concurrency: count(),
  master_key: text(),
  litellm_key_header_name: z
    .string('expected a text')
    .regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'expected the name of a header')
    .nullish(),
  max_request_size_mb: amount({ above: 0 }),
  ...accessKeys,
  ...accountingKeys,
  database_url: z
    .string('expected an address')
    .regex(/^(postgres(ql)?:\/\/.*)?$/s, 'expected postgresql://user:password@host:5432/database')
    .nullish(),
  database_connection_pool_limit: amount({ min: 1, whole: true }),
  database_connection_timeout: amount({ min: 0 }),
  database_connect_timeout: amount({ min: 0 }),
  database_socket_timeout: amount({ min: 0 }),
  // Those that are there are always served.
  store_model_in_db: flag(),
  cors_allowed_origins: z
    .array(z.string('expected a text').regex(ORIGIN, EXPECTED_ORIGIN), 'expected a list of origins')
    .nullish(),
}

// Known to LiteLLM and kept, in the groups of its documentation. When a feature comes, its line moves up.
const acceptedAuth = {
  custom_auth_run_common_checks: flag(),
  enable_oauth2_auth: flag(),
  enable_oauth2_proxy_auth: flag(),
  oauth2_config_mappings: anyMap(),
  public_routes: texts(),
  custom_key_generate: text(),
  allow_client_side_credentials: flag(),
  disable_master_key_return: flag(),
  disable_adding_master_key_hash_to_db: flag(),
  default_team_disabled: flag(),
  disable_responses_id_security: flag(),
  ui_access_mode: anything(),
  custom_sso: text(),
  custom_ui_sso_sign_in_handler: text(),
  auto_redirect_ui_login_to_sso: flag(),
}

const acceptedModels = {
  completion_model: text(),
  embedding_model: text(),
  image_generation_model: text(),
  moderation_model: text(),
  infer_model_from_keys: flag(),
  supported_db_objects: texts(),
  model_list_healthy_only: flag(),
}

const acceptedDatabase = {
  database_type: text(),
  database_args: anyMap(),
  database_extra_connection_params: anyMap(),
  database_disable_prepared_statements: flag(),
  disable_prisma_schema_update: flag(),
  use_redis_transaction_buffer: flag(),
}

const acceptedSpend = {
  disable_spend_logs: flag(),
  disable_spend_updates: flag(),
  disable_error_logs: flag(),
  proxy_batch_write_at: seconds(),
  proxy_batch_polling_interval: seconds(),
  maximum_spend_logs_cleanup_cron: text(),
  use_spend_logs_partitioning: flag(),
  scope_spend_list_endpoints_to_caller: flag(),
  legacy_unscoped_spend_list_endpoints: flag(),
  always_include_stream_usage: flag(),
}

const acceptedLimits = {
  disable_reset_budget: flag(),
  proxy_budget_rescheduler_min_time: seconds(),
  proxy_budget_rescheduler_max_time: seconds(),
  fail_closed_budget_enforcement: flag(),
  fail_closed_rate_limit_enforcement: flag(),
  disable_budget_reservation: flag(),
  max_parallel_requests: count(),
  global_max_parallel_requests: count(),
  disable_retry_on_max_parallel_request_limit_error: flag(),
  max_response_size_mb: amount({ above: 0 }),
}

const acceptedHealth = {
  health_check_details: flag(),
  use_shared_health_check: flag(),
  health_check_skip_disabled_background_models: flag(),
  enable_drain_endpoint: flag(),
  drain_endpoint_token: text(),
}

const acceptedAlerting = {
  alerting: oneOrMore(),
  alert_types: texts(),
  alerting_threshold: amount({ min: 0 }),
  alerting_args: anyMap(),
  alert_to_webhook_url: anyMap(),
  alert_type_config: anyMap(),
  spend_report_frequency: text(),
}

const acceptedRest = {
  pass_through_endpoints: anyList(),
  pass_through_request_timeout: seconds(),
  use_client_credentials_pass_through_routes: flag(),
  forward_client_headers_to_llm_api: anything(),
  forward_openai_org_id: flag(),
  forward_llm_provider_auth_headers: flag(),
  add_user_information_to_llm_headers: flag(),
  user_mcp_management_mode: text(),
  enable_mcp_registry: flag(),
  mcp_client_side_auth_header_name: text(),
  mcp_internal_ip_ranges: texts(),
  mcp_trusted_proxy_ranges: texts(),
  mcp_required_fields: texts(),
  require_end_user_mcp_access_defined: flag(),
  key_management_system: text(),
  key_management_settings: anyMap(),
  use_google_kms: flag(),
  use_azure_key_vault: flag(),
  control_plane_url: text(),
  cancel_on_disconnect: flag(),
  search_tools: anyList(),
  litellm_license: text(),
  user_api_key_cache_ttl: amount({ min: 0 }),
  otel: flag(),
}

const accepted = {
  ...acceptedAuth,
  ...acceptedModels,
  ...acceptedDatabase,
  ...acceptedSpend,
  ...acceptedLimits,
  ...acceptedHealth,
  ...acceptedAlerting,
  ...acceptedRest,
}

export const generalSettingsSchema: z.ZodType<GeneralSettings> = z.looseObject({ ...active, ...accepted })
export const generalSettingsKeys: SectionKeys = sectionKeys(active, accepted)
