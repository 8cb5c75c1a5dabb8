import { createError, OWN_SETTINGS } from '@switchyard/llm/kit'
import type { DialectId, SwitchyardError } from '@switchyard/llm/kit'
import { ROUTING_FIELDS } from './call-routing.ts'

/** Body fields that are for the gateway (LiteLLM's names); no provider ever sees them. */
export const GATEWAY_FIELDS: ReadonlySet<string> = new Set([
  ...OWN_SETTINGS,
  ...ROUTING_FIELDS,
  'num_retries',
  'max_retries',
  'timeout',
  'request_timeout',
  'stream_timeout',
  'mock_response',
  'drop_params',
  'additional_drop_params',
  'allowed_openai_params',
  'priority',
  'fastest_response',
  'extra_body',
  'extra_headers',
  'strict',
])

/** Whether `metadata` is for LiteLLM's logs: OpenAI takes it only with what is stored, and never for completions. */
export function isOwnMetadata(dialect: DialectId, isStored: boolean): boolean {
  return dialect === 'openai-completions' || (dialect === 'openai-chat' && !isStored)
}

/** Fields that would choose an address or credentials. Only the configuration may. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'api_base',
  'base_url',
  'api_key',
  'api_version',
  'custom_host',
  // Those that a client may add go into extra_headers, where each is looked at.
  'headers',
  'custom_llm_provider',
  'organization',
  'azure_ad_token',
  'tenant_id',
  'client_id',
  'client_secret',
])
const FORBIDDEN_PREFIX = /^(aws_|vertex_|watsonx_)/

/** Refuses a field that clients must not set. */
export function checkAllowed(key: string): void {
  if (FORBIDDEN.has(key) || FORBIDDEN_PREFIX.test(key)) throw notAllowed(key)
}

function notAllowed(key: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'parameter_not_allowed',
    message: `The parameter '${key}' cannot be set by a client: addresses and credentials come from the gateway's configuration.`,
    param: key,
  })
}

/** Headers of `extra_headers` that would change where a call goes, as whom, or how its body is read. */
const FORBIDDEN_HEADERS =
  /^(host|authorization|x-api-key|api-key|x-goog-api-key|x-goog-user-project|ocp-apim-subscription-key|openai-organization|openai-project|cookie|content-(length|type|encoding)|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|x-amz-.*)$/i

/** The client's `extra_headers`, checked. */
export function checkExtraHeaders(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value))
    throw wrongType('extra_headers', 'an object of strings')
  const headers: Record<string, string> = {}
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw wrongType(`extra_headers.${name}`, 'a string')
    if (FORBIDDEN_HEADERS.test(name)) throw notAllowed(`extra_headers.${name}`)
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || !isPlainValue(text))
      throw invalidHeader(name, `extra_headers.${name}`)
    headers[name.toLowerCase()] = text
  }
  return headers
}

/** Whether every server reads a header's value as it is meant: visible ASCII, spaces and tabs. */
export function isPlainValue(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value)
}

/** A header of the client's that would go to a provider, but cannot. */
export function invalidHeader(name: string, param: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'invalid_header',
    message: `The header '${name.slice(0, 100)}' cannot be sent to a provider: its name or value has characters that are not visible ASCII.`,
    param,
  })
}

function wrongType(path: string, wanted: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'invalid_type',
    message: `Invalid value for '${path}': expected ${wanted}.`,
    param: path,
  })
}
