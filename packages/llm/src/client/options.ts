import type { WrittenCounts, WrittenFallbacks, WrittenTarget } from '../router/index.ts'
import type { Transport, Timeouts } from '../types/transport.ts'

/** Settings of a call that are about the call, not about the model: LiteLLM's names. */
export interface CallOptions {
  /** The provider's key (default: its environment variable). */
  api_key?: string
  /** The provider's address with whatever path it has; the path of the call is appended. */
  api_base?: string
  /** The same as `api_base`, as OpenAI's client names it. */
  base_url?: string
  /** Azure's dated version, or `v1`, `preview`, `latest`. */
  api_version?: string
  /** The organization that OpenAI bills. */
  organization?: string
  /** The provider outright; the model string is then the model's name alone. */
  custom_llm_provider?: string
  /** Seconds for each attempt, whole (default 6000). Then it fails as `timeout`, 408. */
  timeout?: number
  /** The same as `timeout`. */
  request_timeout?: number
  /** Seconds for a whole stream, where they differ from `timeout`. */
  stream_timeout?: number
  /** How often to try again after a failure that may pass (default 0). */
  num_retries?: number
  /** The same as `num_retries`. */
  max_retries?: number
  /** Retries by class of failure, in place of `num_retries`: `{ RateLimitError: 3, AuthenticationError: 0 }`. */
  retry_policy?: WrittenCounts
  /**
   * Whom to ask when the model fails, one after the other: model strings, or objects with `model` and what is said
   * differently there. Keys and addresses of the call go to fallbacks of the same provider only.
   */
  fallbacks?: readonly WrittenTarget[]
  /** Whom to ask when the request is too long: `[{ 'gpt-4': ['gpt-4.1'] }]`. */
  context_window_fallbacks?: WrittenFallbacks
  /** The same as a map: `{ 'gpt-4': 'gpt-4.1' }`. */
  context_window_fallback_dict?: Readonly<Record<string, string>>
  /** Whom to ask when the provider would not answer such a thing. */
  content_policy_fallbacks?: WrittenFallbacks
  /** Ask nobody else, whatever the client's settings are. */
  disable_fallbacks?: boolean
  /**
   * USD that the call may cost at most, its input and its answer. Of the model and its fallbacks the first that the
   * money reaches is asked, with a bound of its answer; where it reaches none, `budget_exceeded` before anything is
   * spent. Each attempt has the whole amount.
   */
  max_cost?: number | string
  /** Headers sent with the call; they replace those of the same name. */
  extra_headers?: Record<string, string>
  /** Fields put into the provider's body as they are. */
  extra_body?: Record<string, unknown>
  /** Leave out settings that the model does not take instead of refusing the call. */
  drop_params?: boolean
  /** Body fields to leave out in any case: `response_format`, `tools[*].function.strict` … */
  additional_drop_params?: string[]
  /** Settings to send although we think that the model does not take them. */
  allowed_openai_params?: string[]
  /** Answer with this text and call nobody; an `Error` is thrown instead. */
  mock_response?: string | Error
  /** The model that an opaque name (an Azure deployment) stands for, for its price and limits. */
  base_model?: string
  /** Prices of this call in USD, in place of the catalogue's. */
  input_cost_per_token?: number | string
  output_cost_per_token?: number | string
  cache_read_input_token_cost?: number | string
  cache_creation_input_token_cost?: number | string
  /** For a second of a recording. */
  input_cost_per_second?: number | string
  /** Names the calls that belong together, in callbacks and traces (default: each call its own). */
  litellm_trace_id?: string
  /** Words to find the call by, in callbacks and traces. */
  tags?: readonly string[]
  /** Kept with the call for callbacks and logs; sent to a provider only together with `store`. */
  metadata?: Readonly<Record<string, unknown>> | null | undefined
  /** Whether the client's cache is asked; left out: as its `mode` says. */
  caching?: boolean | undefined
  /** What the client's cache does for this call: LiteLLM's `cache` object. */
  cache?: CacheOfCall | null | undefined
  /** Seconds for which the answer is kept, as in `cache`. */
  ttl?: number | undefined
  /** Ends the call, waiting and retries too, wherever it is: it then fails as `aborted`. */
  signal?: AbortSignal

  aws_access_key_id?: string
  aws_secret_access_key?: string
  aws_session_token?: string
  aws_region_name?: string
  aws_profile_name?: string
  aws_role_name?: string
  aws_session_name?: string
  aws_web_identity_token?: string
  vertex_project?: string
  vertex_location?: string
  /** JSON text of a service account, or the path of its file. */
  vertex_credentials?: string
  azure_ad_token?: string
  tenant_id?: string
  client_id?: string
  client_secret?: string
  region_name?: string
  project_id?: string
  space_id?: string
  account_id?: string
}

/** LiteLLM's `cache` object of a call. Times are seconds. */
export interface CacheOfCall {
  ttl?: number | undefined
  /** Answers that are older are not wanted. */
  's-maxage'?: number | undefined
  'no-cache'?: boolean | undefined
  'no-store'?: boolean | undefined
  'use-cache'?: boolean | undefined
  namespace?: string | undefined
}

/** The world, when it is not the usual one: tests and servers bring their own. */
export interface ClientWorld {
  transport: Transport
  env: (name: string) => string | undefined
  nowMs: () => number
  newId: () => string
  random: () => number
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  readFile: (path: string) => Promise<string>
  timeouts: Timeouts
}

/** What decides who is asked: the client's business, and nobody's whom it asks. */
export const ROUTING_FIELDS = [
  'fallbacks',
  'context_window_fallbacks',
  'context_window_fallback_dict',
  'content_policy_fallbacks',
  'default_fallbacks',
  'retry_policy',
  'disable_fallbacks',
  'max_cost',
  'mock_testing_fallbacks',
  'mock_testing_context_fallbacks',
  'mock_testing_content_policy_fallbacks',
  'mock_testing_rate_limit_error',
] as const

/** Prices that a call may state itself. */
export const PRICE_FIELDS = [
  'input_cost_per_token',
  'output_cost_per_token',
  'cache_read_input_token_cost',
  'cache_creation_input_token_cost',
  'input_cost_per_second',
] as const

const CALL_FIELDS = [
  ...PRICE_FIELDS,
  'base_model',
  'api_key',
  'api_base',
  'base_url',
  'api_version',
  'organization',
  'custom_llm_provider',
  'timeout',
  'request_timeout',
  'stream_timeout',
  'num_retries',
  'max_retries',
  'extra_headers',
  'extra_body',
  'drop_params',
  'additional_drop_params',
  'allowed_openai_params',
  'mock_response',
  'caching',
  'cache',
  'ttl',
  'signal',
] as const

const OF_CALL: ReadonlySet<string> = new Set(CALL_FIELDS)

/** Cloud settings, passed to signing and addresses under LiteLLM's names. */
const CLOUD_FIELD =
  /^(aws_|vertex_|azure_)\w+$|^(tenant_id|client_id|client_secret|region_name|project_id|space_id|account_id)$/

export interface SplitOptions {
  call: CallOptions
  cloud: Record<string, string | undefined>
  /** What is left: the request itself. */
  rest: Record<string, unknown>
}

/** Whose key it is, and where the call goes: nothing of it is for another provider. */
const PLACE_FIELDS: ReadonlySet<string> = new Set([
  'api_key',
  'api_base',
  'base_url',
  'api_version',
  'organization',
  'custom_llm_provider',
  'extra_headers',
  'extra_body',
  'base_model',
  ...PRICE_FIELDS,
])

/** The fields that say where a call goes and with whose key, each as not given. */
export function withoutPlace(params: object): Record<string, undefined> {
  const names = Object.keys(params).filter((name) => PLACE_FIELDS.has(name) || CLOUD_FIELD.test(name))
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

/** Sorts the fields of a call into those about the call, those about the cloud, and the request. */
export function splitOptions(params: object): SplitOptions {
  const call: Record<string, unknown> = {}
  const cloud: Record<string, string | undefined> = {}
  const rest: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined) continue
    if (OF_CALL.has(key)) call[key] = value
    else if (CLOUD_FIELD.test(key)) cloud[key] = typeof value === 'string' ? value : JSON.stringify(value)
    else rest[key] = value
  }
  return { call: call as CallOptions, cloud, rest }
}
