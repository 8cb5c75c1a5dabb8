import { usdFromPicoUsd } from '../catalog/money.ts'
import { FAILURES } from '../errors.ts'
import type { Failure } from '../types/failure.ts'
import type { Attempt, CallRecord, CallType } from './record.ts'

/** One attempt, as payloads tell it. */
export interface AttemptSummary {
  model: string
  provider: string
  model_id: string | null
  model_group: string | null
  /** Seconds. */
  response_time: number
  status: number
  error: string | null
}

/** LiteLLM's standard payload of a call, as its callbacks know it. Money is in USD, times are seconds. */
export interface StandardLoggingPayload {
  id: string
  trace_id: string
  call_type: CallType
  stream: boolean
  /** `null`: the model has no known price. */
  response_cost: number | null
  cost_breakdown: {
    input_cost: number
    output_cost: number
    tool_usage_cost: number
    total_cost: number
  } | null
  response_cost_failure_debug_info: { error_str: string; model: string } | null
  status: 'success' | 'failure'
  status_fields: { llm_api_status: 'success' | 'failure'; guardrail_status: 'not_run' }
  custom_llm_provider: string
  total_tokens: number
  prompt_tokens: number
  completion_tokens: number
  startTime: number
  endTime: number
  /** When the first token came; of a whole answer its end. */
  completionStartTime: number
  response_time: number
  model_map_information: { model_map_key: string; model_map_value: null }
  /** The model that answered, or that was asked last. */
  model: string
  model_id: string | null
  model_group: string | null
  api_base: string
  metadata: Readonly<Record<string, unknown>>
  cache_hit: boolean
  cache_key: string | null
  saved_cache_cost: number
  request_tags: readonly string[]
  end_user: string
  requester_ip_address: null
  user_agent: null
  messages: unknown
  response: object | null
  error_str: string | null
  error_information: {
    error_code: string
    error_class: string
    llm_provider: string
    traceback: string
    error_message: string
  } | null
  model_parameters: Readonly<Record<string, unknown>>
  hidden_params: {
    model_id: string | null
    cache_key: string | null
    api_base: string
    response_cost: number | null
    usage_source: 'provider' | 'estimated' | null
    attempts: readonly AttemptSummary[]
  }
  guardrail_information: null
  standard_built_in_tools_params: null
}

/** Fields of a request that are what is said, not how. */
const CONTENT = new Set([
  'model',
  'messages',
  'input',
  'prompt',
  'query',
  'documents',
  'file',
  'stream',
  'metadata',
  'tags',
  'user',
])

/** A call's record as LiteLLM's payload. Pure; everything that the record does not know is empty. */
export function standardPayload(record: CallRecord): StandardLoggingPayload {
  const { usage, cost, failure, request } = record
  const last = record.served ?? record.attempts.at(-1)
  const endMs = record.endMs ?? record.startMs
  const responseCost = costOf(record)
  const status = failure === undefined ? 'success' : 'failure'
  const modelId = last?.modelId ?? null
  const cacheKey = record.cacheKey ?? null
  const apiBase = last?.apiBase ?? ''
  return {
    id: record.id,
    trace_id: record.traceId,
    call_type: record.callType,
    stream: record.stream,
    response_cost: responseCost,
    cost_breakdown:
      cost === undefined
        ? null
        : {
            input_cost: usdFromPicoUsd(cost.inputPicoUsd),
            output_cost: usdFromPicoUsd(cost.outputPicoUsd),
            tool_usage_cost: usdFromPicoUsd(cost.toolPicoUsd),
            total_cost: usdFromPicoUsd(cost.totalPicoUsd),
          },
    response_cost_failure_debug_info:
      responseCost === null
        ? { error_str: 'the model has no known price', model: last?.model ?? record.model }
        : null,
    status,
    status_fields: { llm_api_status: status, guardrail_status: 'not_run' },
    custom_llm_provider: last?.provider ?? failure?.provider ?? '',
    total_tokens: usage === undefined ? 0 : (usage.totalTokens ?? usage.inputTokens + usage.outputTokens),
    prompt_tokens: usage?.inputTokens ?? 0,
    completion_tokens: usage?.outputTokens ?? 0,
    startTime: record.startMs / 1000,
    endTime: endMs / 1000,
    completionStartTime: (record.firstTokenMs ?? endMs) / 1000,
    response_time: (endMs - record.startMs) / 1000,
    model_map_information: { model_map_key: last?.model ?? record.model, model_map_value: null },
    model: last?.model ?? record.model,
    model_id: modelId,
    model_group: last?.modelGroup ?? null,
    api_base: apiBase,
    metadata: record.metadata,
    cache_hit: record.cacheHit ?? false,
    cache_key: cacheKey,
    saved_cache_cost: 0,
    request_tags: tagsOf(record),
    end_user: typeof request['user'] === 'string' ? request['user'] : '',
    requester_ip_address: null,
    user_agent: null,
    messages: request['messages'] ?? request['input'] ?? request['prompt'] ?? request['query'] ?? null,
    response: record.response ?? null,
    error_str: failure?.message ?? null,
    error_information: failure === undefined ? null : errorInformation(failure),
    model_parameters: Object.fromEntries(Object.entries(request).filter(([name]) => !CONTENT.has(name))),
    hidden_params: {
      model_id: modelId,
      cache_key: cacheKey,
      api_base: apiBase,
      response_cost: responseCost,
      usage_source: usage?.source ?? null,
      attempts: record.attempts.map(summaryOf),
    },
    guardrail_information: null,
    standard_built_in_tools_params: null,
  }
}

/** A hit costs nothing; a failure without usage neither. Anything else without a price is not known. */
function costOf({ cost, cacheHit, failure, usage }: CallRecord): number | null {
  if (cost !== undefined) return usdFromPicoUsd(cost.totalPicoUsd)
  return cacheHit === true || (failure !== undefined && usage === undefined) ? 0 : null
}

function summaryOf(attempt: Attempt): AttemptSummary {
  return {
    model: attempt.model,
    provider: attempt.provider,
    model_id: attempt.modelId ?? null,
    model_group: attempt.modelGroup ?? null,
    response_time: attempt.latencyMs / 1000,
    status: attempt.failure?.status ?? 200,
    error: attempt.failure?.message ?? null,
  }
}

function errorInformation(failure: Failure): NonNullable<StandardLoggingPayload['error_information']> {
  return {
    error_code: String(failure.status),
    error_class: FAILURES[failure.code].className,
    llm_provider: failure.provider ?? '',
    traceback: '',
    error_message: failure.message,
  }
}

function tagsOf({ request, metadata }: CallRecord): string[] {
  const tags = [request['tags'], metadata['tags']].flat()
  return [...new Set(tags.filter((tag) => typeof tag === 'string'))]
}
