import { z } from 'zod'
import { addedKeys } from './request-parameters.ts'
import {
  address,
  amount,
  anyList,
  anyMap,
  anything,
  count,
  duration,
  flag,
  headers,
  oneOrMore,
  requiredText,
  seconds,
  sectionKeys,
  text,
  texts,
} from './values.ts'
import type { SectionKeys } from './values.ts'

type Maybe<T> = T | null | undefined

/** One entry of `model_list`, as it is written. */
export interface ModelEntry {
  [key: string]: unknown
  model_name: string
  litellm_params: LitellmParams
  model_info?: Maybe<ModelInfo>
  rpm?: Maybe<number>
  tpm?: Maybe<number>
  weight?: Maybe<number>
  order?: Maybe<number>
}

export interface LitellmParams {
  [key: string]: unknown
  model: string
  api_key?: Maybe<string>
  api_base?: Maybe<string>
  base_url?: Maybe<string>
  api_version?: Maybe<string>
  organization?: Maybe<string>
  custom_llm_provider?: Maybe<string>
  litellm_credential_name?: Maybe<string>
  timeout?: Maybe<number>
  stream_timeout?: Maybe<number>
  max_retries?: Maybe<number>
  num_retries?: Maybe<number>
  rpm?: Maybe<number>
  tpm?: Maybe<number>
  weight?: Maybe<number>
  order?: Maybe<number>
  max_parallel_requests?: Maybe<number>
  max_budget?: Maybe<number>
  budget_duration?: Maybe<string>
  tags?: Maybe<string[]>
  tag_regex?: Maybe<string[]>
  cooldown_time?: Maybe<number>
  ttft_timeout?: Maybe<number>
  stream_idle_timeout?: Maybe<number>
  silent_model?: Maybe<string[]>
  headers?: Maybe<Record<string, string>>
  extra_headers?: Maybe<Record<string, string>>
  extra_body?: Maybe<Record<string, unknown>>
  drop_params?: Maybe<boolean>
  additional_drop_params?: Maybe<string[]>
  allowed_openai_params?: Maybe<string[]>
  mock_response?: unknown
  cache_control_injection_points?: unknown
  base_model?: Maybe<string>
}

export interface ModelInfo {
  [key: string]: unknown
  id?: Maybe<string>
  base_model?: Maybe<string>
  cooldown_time?: Maybe<number>
  allowed_fails?: Maybe<number>
  allowed_fails_policy?: Maybe<Record<string, Maybe<number>>>
}

/** How requests are shared among deployments: `rpm` and `tpm` weigh where there is no `weight`. */
const shares = {
  rpm: count(),
  tpm: count(),
  weight: amount({ min: 0 }),
  order: amount({ whole: true }),
}

/** Regular expressions: one text or a list of them. */
function patterns(): z.ZodType<string[] | null | undefined> {
  return oneOrMore().refine(
    (list) => (list ?? []).every(isPattern),
    'expected a regular expression, or a list of them',
  )
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

const activeParams = {
  ...shares,
  model: requiredText(),
  api_key: text(),
  api_base: address(),
  base_url: address(),
  api_version: text(),
  organization: text(),
  custom_llm_provider: text(),
  litellm_credential_name: text(),
  timeout: seconds(),
  stream_timeout: seconds(),
  ttft_timeout: seconds(),
  stream_idle_timeout: seconds(),
  max_parallel_requests: count(),
  max_budget: amount({ min: 0 }),
  budget_duration: duration(),
  tags: oneOrMore(),
  tag_regex: patterns(),
  cooldown_time: amount({ min: 0 }),
  silent_model: oneOrMore(),
  max_retries: count(),
  num_retries: count(),
  headers: headers(),
  extra_headers: headers(),
  extra_body: anyMap(),
  drop_params: flag(),
  additional_drop_params: texts(),
  allowed_openai_params: texts(),
  mock_response: anything(),
  cache_control_injection_points: anyList(),
  base_model: text(),
  input_cost_per_token: amount({ min: 0 }),
  output_cost_per_token: amount({ min: 0 }),
}

// Known to LiteLLM and kept out of what goes to the provider. When a feature comes, its line moves up.
const acceptedParams = {
  itpm: count(),
  otpm: count(),
  configurable_clientside_auth_params: anyList(),
  default_api_key_tpm_limit: count(),
  default_api_key_rpm_limit: count(),
  use_in_pass_through: flag(),
  use_litellm_proxy: flag(),
  merge_reasoning_content_in_choices: flag(),
  prompt_id: text(),
  prompt_variables: anyMap(),
  vector_store_ids: texts(),
  guardrails: anything(),
  auto_router_config: anything(),
  auto_router_config_path: text(),
  auto_router_default_model: text(),
  auto_router_embedding_model: text(),
  complexity_router_config: anything(),
  complexity_router_default_model: text(),
  model_info: anything(),
  custom_prompt_dict: anything(),
  initial_prompt_value: text(),
  roles: anything(),
  final_prompt_value: text(),
  bos_token: text(),
  eos_token: text(),
  fallbacks: anyList(),
  context_window_fallback_dict: anyMap(),
  caching: flag(),
  cache: anything(),
}

/** Keys of `litellm_params`; a key that is in neither list goes to the provider. */
export const litellmParamsKeys: SectionKeys = sectionKeys(activeParams, acceptedParams)

/** What a misspelt key of `litellm_params` may have meant: settings and request parameters. */
export const nearParamNames: readonly string[] = [
  ...litellmParamsKeys.active,
  ...litellmParamsKeys.accepted,
  ...addedKeys,
]

const litellmParamsSchema: z.ZodType<LitellmParams> = z.looseObject(
  { ...activeParams, ...acceptedParams },
  {
    error: (issue) =>
      issue.input == null ? 'is required' : 'expected a map; check for a space after each `:`',
  },
)

const modelInfoFields = {
  id: z
    .union([z.string().min(1), z.number()], 'expected a text')
    .transform(String)
    .nullish(),
  mode: text(),
  base_model: text(),
  access_groups: texts(),
  tier: text(),
  team_id: text(),
  cooldown_time: amount({ min: 0 }),
  allowed_fails: count(),
  allowed_fails_policy: z.record(z.string(), count(), 'expected a map of error classes and counts').nullish(),
  max_tokens: count(),
  max_input_tokens: count(),
  max_output_tokens: count(),
  input_cost_per_token: amount({ min: 0 }),
  output_cost_per_token: amount({ min: 0 }),
  supports_vision: flag(),
  supports_function_calling: flag(),
  disable_background_health_check: flag(),
  health_check_model: text(),
  health_check_timeout: seconds(),
}

/** Keys of `model_info` with a meaning of their own; others are kept as they are. */
export const modelInfoNames: readonly string[] = Object.keys(modelInfoFields)

const entryFields = {
  model_name: requiredText(),
  litellm_params: litellmParamsSchema,
  model_info: z.looseObject(modelInfoFields, 'expected a map').nullish(),
  ...shares,
}

export const modelListSchema: z.ZodType<ModelEntry[] | null | undefined> = z
  .array(
    z.looseObject(entryFields, 'expected a map with model_name and litellm_params'),
    'expected a list of models',
  )
  .nullish()
export const modelEntryKeys: SectionKeys = sectionKeys(entryFields, {})

export interface CredentialEntry {
  [key: string]: unknown
  credential_name: string
  credential_values: Record<string, unknown>
}

const credentialValues = {
  api_key: text(),
  api_base: address(),
  base_url: address(),
  api_version: text(),
  organization: text(),
  custom_llm_provider: text(),
}

const credentialFields = {
  credential_name: requiredText(),
  credential_values: z.looseObject(credentialValues, 'expected a map'),
  credential_info: anyMap(),
}

export const credentialListSchema: z.ZodType<CredentialEntry[] | null | undefined> = z
  .array(z.looseObject(credentialFields, 'expected a map'), 'expected a list of credentials')
  .nullish()
export const credentialKeys: SectionKeys = sectionKeys(credentialFields, {})
