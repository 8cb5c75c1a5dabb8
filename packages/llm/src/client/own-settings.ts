import { createError } from '../errors.ts'
import { ROUTING_FIELDS } from './options.ts'

/** LiteLLM's settings about its logs, caches, prices and tests. A provider does not know them. */
const NOT_FOR_PROVIDERS: readonly string[] = [
  ...ROUTING_FIELDS,
  'litellm_metadata',
  'litellm_params',
  'litellm_call_id',
  'litellm_trace_id',
  'litellm_session_id',
  'litellm_logging_obj',
  'tags',
  'no-log',
  'cache',
  'caching',
  'ttl',
  'base_model',
  'input_cost_per_token',
  'output_cost_per_token',
  'cache_read_input_token_cost',
  'cache_creation_input_token_cost',
  'input_cost_per_second',
  'output_cost_per_second',
  'hf_model_name',
  'ssl_verify',
  'mock_delay',
  'mock_timeout',
]

/** LiteLLM's settings that would change who answers or what: leaving them out in silence would deceive. */
const NOT_OFFERED: readonly string[] = [
  'model_list',
  'guardrails',
  'mock_tool_calls',
  'prompt_id',
  'prompt_variables',
  'custom_prompt_dict',
  'enable_json_schema_validation',
  'merge_reasoning_content_in_choices',
]

/** LiteLLM's own body fields, all of them: no provider is to see any. */
export const OWN_SETTINGS: readonly string[] = [...NOT_FOR_PROVIDERS, ...NOT_OFFERED]

const ALL_OWN: ReadonlySet<string> = new Set(OWN_SETTINGS)
const REFUSED: ReadonlySet<string> = new Set(NOT_OFFERED)

/**
 * Takes LiteLLM's own settings out of a request, so that they never reach a provider as unknown fields.
 *
 * @throws `unsupported_params` for one that is not offered here, unless `dropParams` says to leave it out.
 */
export function withoutOwnSettings(
  request: Readonly<Record<string, unknown>>,
  dropParams: boolean,
): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(request)) {
    if (!ALL_OWN.has(name)) result[name] = value
    else if (!dropParams && value !== null && value !== undefined && REFUSED.has(name))
      throw createError({
        code: 'unsupported_params',
        message: `'${name}' is a setting of LiteLLM's that is not offered here. Leave it out, or set drop_params; a provider's own field of that name goes into extra_body`,
        param: name,
      })
  }
  return result
}
