import { usdFromPicoUsd } from '@switchyard/llm/kit'
import type { RequestLogRow } from '../../store/schema.ts'

/** A request as a row of LiteLLM's `LiteLLM_SpendLogs`. */
export function renderLog(row: RequestLogRow): Record<string, unknown> {
  return {
    request_id: row.response_id ?? row.request_id,
    // The answer's id need not be unique; this one is.
    litellm_call_id: row.request_id,
    call_type: row.call_type,
    api_key: row.key_hash,
    spend: usdFromPicoUsd(row.cost_pico_usd),
    total_tokens: row.input_tokens + row.output_tokens,
    prompt_tokens: row.input_tokens,
    completion_tokens: row.output_tokens,
    startTime: timeText(row.started_ms),
    endTime: timeText(row.ended_ms),
    completionStartTime: timeText(row.first_byte_ms ?? row.ended_ms),
    request_duration_ms: row.ended_ms - row.started_ms,
    model: row.model ?? '',
    model_id: row.deployment_id,
    model_group: row.model_group,
    custom_llm_provider: row.provider,
    api_base: row.api_base ?? '',
    user: row.user_id ?? '',
    metadata: metadataOf(row),
    cache_hit: row.cache_hit === 1 ? 'True' : 'False',
    cache_key: cacheKeyOf(row),
    request_tags: parsed(row.tags),
    team_id: row.team_id,
    organization_id: row.organization_id,
    end_user: row.end_user_id ?? '',
    agent_id: row.agent_id,
    session_id: row.session_id,
    requester_ip_address: row.requester_ip,
    messages: row.messages === null ? {} : parsed(row.messages),
    response: row.response === null ? {} : parsed(row.response),
    proxy_server_request: {},
    mcp_namespaced_tool_name: null,
    status: row.status,
  }
}

function cacheKeyOf(row: RequestLogRow): string {
  const { cache_key: key } = parsed(row.metadata) as { cache_key?: unknown }
  return typeof key === 'string' ? key : ''
}

function metadataOf(row: RequestLogRow): Record<string, unknown> {
  return {
    ...(parsed(row.metadata) as Record<string, unknown>),
    status: row.status,
    user_api_key: row.key_hash,
    user_api_key_alias: row.key_alias,
    user_api_key_user_id: row.user_id,
    user_api_key_team_id: row.team_id,
    user_api_key_org_id: row.organization_id,
    requester_ip_address: row.requester_ip,
    additional_usage_values: {
      cache_read_input_tokens: row.cache_read_tokens,
      cache_creation_input_tokens: row.cache_write_tokens,
    },
    usage_source: row.usage_source,
    attempts: attemptsOf(row),
  }
}

function attemptsOf(row: RequestLogRow): unknown {
  // What `logRow` wrote.
  const attempts = parsed(row.attempts) as {
    deploymentId: string
    group?: string
    why?: string
    code?: string
    ms: number
    costPicoUsd: string
    estimated?: boolean
  }[]
  return attempts.map(({ deploymentId, group, why, code, ms, costPicoUsd, estimated = false }) => ({
    model_id: deploymentId,
    model_group: group ?? null,
    reason: why ?? null,
    error_code: code ?? null,
    duration_ms: ms,
    spend: usdFromPicoUsd(BigInt(costPicoUsd)),
    estimated,
  }))
}

/** Prompts that were cut are a text and no JSON any more. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}
