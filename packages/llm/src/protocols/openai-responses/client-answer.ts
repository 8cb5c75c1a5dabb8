import type { Answer, Finish } from '../../types/answer.ts'
import type { JsonObject } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'
import type { Usage } from '../../types/usage.ts'
import type { AnswerContext } from '../protocol.ts'
import { compact, objectOf } from '../wire.ts'
import { renderItems } from './client-items.ts'
import { fieldsOf } from './dialect.ts'
import { joinTexts } from './input-parts.ts'
import { renderText } from './request.ts'
import { renderToolChoice, renderTools } from './tools.ts'
import { renderUsage } from './usage.ts'

/** Writes a whole `response`. This wire has one answer a call: of several choices the first is it. */
export function renderAnswer(answer: Answer, context: AnswerContext): JsonObject {
  const [choice] = answer.choices
  const id = responseId(context.id)
  const createdS = answer.createdS ?? context.createdS
  return renderResponse(context, {
    ...renderEnd(choice?.finish ?? { reason: 'other' }),
    createdS,
    completedS: Math.max(createdS, context.createdS),
    output: renderItems(choice?.parts ?? [], id, { logprobs: choice?.logprobs }),
    usage: answer.usage,
    serviceTier: answer.serviceTier,
    metadata: answer.metadata,
  })
}

/** Ids of other wires are marked as a response's; a provider's own is what the client may refer to later. */
export function responseId(id: string): string {
  if (/^resp[_-]/.test(id) || /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(id)) return id
  return `resp_${id.replace(/^(chatcmpl|cmpl|msg|gen)[-_]/, '')}`
}

export interface ResponseState {
  status: string
  /** Why a response is incomplete. */
  incompleteReason?: string | undefined
  error?: JsonObject | undefined
  createdS: number
  completedS?: number | undefined
  output: JsonObject[]
  usage?: Usage | undefined
  serviceTier?: string | undefined
  metadata?: JsonObject | undefined
}

/** The `response` object as far as it has come, with the settings it is made with. */
export function renderResponse(context: AnswerContext, state: ResponseState): JsonObject {
  return {
    ...renderSettings(context.request),
    ...objectOf(state.metadata?.response),
    id: responseId(context.id),
    object: 'response',
    created_at: state.createdS,
    status: state.status,
    completed_at: state.status === 'completed' ? (state.completedS ?? state.createdS) : null,
    error: state.error ?? null,
    incomplete_details: state.incompleteReason === undefined ? null : { reason: state.incompleteReason },
    model: context.model,
    output: state.output,
    usage: state.usage === undefined ? null : renderUsage(state.usage),
    ...(state.serviceTier === undefined ? {} : { service_tier: state.serviceTier }),
  }
}

/** The settings of the request, with this wire's defaults. */
function renderSettings(request: ChatRequest): JsonObject {
  const own = fieldsOf(request.dialect)
  const [first] = request.messages
  const instructions =
    (first?.role === 'system' || first?.role === 'developer') && fieldsOf(first.dialect).item === undefined
      ? joinTexts(first.content)
      : null
  const text = renderText(request, false, own.text) ?? {}
  return compact({
    background: own.background ?? false,
    instructions,
    max_output_tokens: request.maxTokens ?? null,
    max_tool_calls: own.max_tool_calls ?? null,
    metadata: request.metadata ?? own.metadata ?? {},
    parallel_tool_calls: request.parallelToolCalls ?? true,
    previous_response_id: own.previous_response_id ?? null,
    prompt_cache_key: request.promptCacheKey,
    reasoning: {
      effort: request.reasoning?.effort ?? null,
      summary: request.reasoning?.summary ?? null,
      ...objectOf(own.reasoning),
    },
    safety_identifier: request.safetyIdentifier,
    service_tier: request.serviceTier ?? 'default',
    store: request.store ?? false,
    temperature: request.temperature ?? null,
    text: { format: { type: 'text' }, ...text },
    tool_choice: renderToolChoice(request.toolChoice, request.tools ?? []) ?? 'auto',
    tools: renderTools(request, true) ?? [],
    top_logprobs: request.topLogprobs ?? 0,
    top_p: request.topP ?? null,
    truncation: own.truncation ?? 'disabled',
    user: request.user,
  })
}

/** States of a response that is made in the background. */
const UNFINISHED: ReadonlySet<string> = new Set(['queued', 'cancelled'])

/** The state that a finish stands for. */
export function renderEnd({ reason, rawReason }: Finish): {
  status: string
  incompleteReason?: string
  error?: JsonObject
} {
  switch (reason) {
    case 'length':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' }
    case 'content-filter':
      return { status: 'incomplete', incompleteReason: 'content_filter' }
    case 'error':
      return {
        status: 'failed',
        error: { code: 'server_error', message: 'The model could not finish its answer.' },
      }
    default:
      return { status: rawReason !== undefined && UNFINISHED.has(rawReason) ? rawReason : 'completed' }
  }
}
