import { createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import type { ChatRequest, RequestParam } from '../types/request.ts'

/** Where each setting lives, and the value that means the same as not giving it. */
const FIELDS: Readonly<
  Record<RequestParam, { field: keyof ChatRequest; harmless?: (request: ChatRequest) => boolean }>
> = {
  tools: { field: 'tools', harmless: ({ tools }) => tools?.length === 0 },
  tool_choice: {
    field: 'toolChoice',
    harmless: ({ toolChoice }) => toolChoice?.type === 'auto' || toolChoice?.type === 'none',
  },
  parallel_tool_calls: {
    field: 'parallelToolCalls',
    harmless: ({ parallelToolCalls }) => parallelToolCalls === true,
  },
  response_format: {
    field: 'responseFormat',
    harmless: ({ responseFormat }) => responseFormat?.type === 'text',
  },
  reasoning_effort: { field: 'reasoning', harmless: ({ reasoning }) => reasoning?.effort === 'none' },
  thinking: { field: 'reasoning', harmless: ({ reasoning }) => reasoning?.mode === 'disabled' },
  max_tokens: { field: 'maxTokens' },
  temperature: { field: 'temperature', harmless: ({ temperature }) => temperature === 1 },
  top_p: { field: 'topP', harmless: ({ topP }) => topP === 1 },
  top_k: { field: 'topK' },
  stop: { field: 'stop', harmless: ({ stop }) => stop?.length === 0 },
  seed: { field: 'seed' },
  n: { field: 'n', harmless: ({ n }) => n === 1 },
  presence_penalty: { field: 'presencePenalty', harmless: ({ presencePenalty }) => presencePenalty === 0 },
  frequency_penalty: {
    field: 'frequencyPenalty',
    harmless: ({ frequencyPenalty }) => frequencyPenalty === 0,
  },
  logit_bias: { field: 'logitBias', harmless: ({ logitBias }) => Object.keys(logitBias ?? {}).length === 0 },
  logprobs: { field: 'logprobs', harmless: ({ logprobs }) => logprobs === false },
  top_logprobs: { field: 'topLogprobs', harmless: ({ topLogprobs }) => topLogprobs === 0 },
  user: { field: 'user', harmless: () => true },
  verbosity: { field: 'verbosity' },
  service_tier: {
    field: 'serviceTier',
    harmless: ({ serviceTier }) => serviceTier === 'auto' || serviceTier === 'default',
  },
  modalities: { field: 'modalities', harmless: ({ modalities }) => modalities?.join() === 'text' },
  audio: { field: 'audio' },
  prediction: { field: 'prediction', harmless: () => true },
  web_search_options: { field: 'webSearch' },
  store: { field: 'store', harmless: () => true },
  metadata: { field: 'metadata', harmless: () => true },
  safety_identifier: { field: 'safetyIdentifier', harmless: () => true },
  prompt_cache_key: { field: 'promptCacheKey', harmless: () => true },
}

/** Every setting that a request can have, by OpenAI's names. */
export const REQUEST_PARAMS: readonly RequestParam[] = Object.keys(FIELDS) as RequestParam[]

export interface ParamSupport {
  /** What the wire can carry. */
  params: ReadonlySet<RequestParam>
  /** What this service or model refuses all the same. */
  unsupported?: readonly RequestParam[] | undefined
}

export interface DropRules {
  /** Leave out what is not supported instead of refusing the call. */
  dropParams?: boolean | undefined
  /** Fields to leave out in any case; `tools[*].function.strict` reaches into values. */
  additionalDropParams?: readonly string[] | undefined
  /** Settings to send although we think they are not supported. */
  allowedParams?: readonly string[] | undefined
}

/** The settings of a request by OpenAI's names. */
function paramsOf(request: ChatRequest): RequestParam[] {
  const given: RequestParam[] = []
  for (const [param, { field }] of Object.entries(FIELDS) as [RequestParam, { field: keyof ChatRequest }][]) {
    if (request[field] === undefined) continue
    if (param === 'reasoning_effort' && request.reasoning?.effort === undefined) continue
    if (param === 'thinking' && request.reasoning?.effort !== undefined) continue
    given.push(param)
  }
  return given
}

/**
 * Leaves out what the target cannot take: what makes no difference silently, the rest when `dropParams`
 * says so. The request itself is not changed.
 *
 * @throws `unsupported_params` naming every setting that stands in the way.
 */
export function applyParamSupport(
  request: ChatRequest,
  support: ParamSupport,
  rules: DropRules,
  place: { provider: string; model: string },
): ChatRequest {
  const refused = paramsOf(request).filter(
    (param) =>
      (!support.params.has(param) || support.unsupported?.includes(param) === true) &&
      rules.allowedParams?.includes(param) !== true,
  )
  const standing = refused.filter((param) => FIELDS[param].harmless?.(request) !== true)
  if (standing.length > 0 && rules.dropParams !== true) throw unsupportedParams(standing, place)
  if (refused.length === 0) return request
  const result = { ...request }
  for (const param of refused) delete result[FIELDS[param].field]
  return result
}

/** Settings that the target cannot take. */
export function unsupportedParams(
  params: readonly string[],
  { provider, model }: { provider: string; model: string },
): SwitchyardError {
  return createError({
    code: 'unsupported_params',
    message: `${provider} does not support parameters: ${params.join(', ')}, for model=${model}. To drop these, set drop_params to true (in the call, in litellm_settings, or by LITELLM_DROP_PARAMS)`,
    param: params[0],
    provider,
    model,
  })
}
