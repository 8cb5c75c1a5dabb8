import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest, RequestParam } from '../../types/request.ts'
import type { RenderContext, WireRequest } from '../protocol.ts'
import { arrayOf, compact, objectOf, stringOf } from '../wire.ts'
import { betaHeader } from './betas.ts'
import { JSON_INSTRUCTION, renderJsonTool, renderOutputFormat, schemaInstruction } from './json-answer.ts'
import { renderConversation } from './messages.ts'
import { renderMaxTokens, renderThinking } from './thinking.ts'
import { renderToolChoice, renderTools, renderWebSearch } from './tools.ts'

export const MESSAGES_PATH = '/v1/messages'

/** What `/v1/messages` can say. */
export const PARAMS: ReadonlySet<RequestParam> = new Set<RequestParam>([
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'thinking',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'user',
  'safety_identifier',
  'service_tier',
  'web_search_options',
])

/** Thinking models take no lower top-p than this. */
const SMALLEST_THINKING_TOP_P = 0.95

/** Writes a call to `/v1/messages`. */
export function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const { quirks } = context
  const own = request.dialect?.protocol === 'anthropic-messages' ? request.dialect.fields : {}
  const { system, messages } = renderConversation(request.messages)
  const format = request.responseFormat
  const schema = format?.type === 'json-schema' ? format : undefined
  const saysFormat = objectOf(own.output_config)?.format !== undefined || own.output_format !== undefined
  const viaTool = schema !== undefined && !saysFormat && quirks.jsonSchema === undefined
  const forcesTool =
    request.toolChoice?.type === 'required' ||
    request.toolChoice?.type === 'tool' ||
    (viaTool && request.reasoning?.mode === undefined && request.reasoning?.budgetTokens === undefined)

  const { thinking: wantedThinking, effort, active } = renderThinking(request, context, forcesTool)
  const { maxTokens, thinking } = renderMaxTokens(request, context, wantedThinking)

  if (format?.type === 'json') system.push({ type: 'text', text: JSON_INSTRUCTION })
  if (schema !== undefined && !saysFormat && quirks.jsonSchema === 'json-object')
    system.push({ type: 'text', text: schemaInstruction(schema) })
  const tools = renderTools(request.tools, quirks)
  if (request.webSearch !== undefined) tools.push(renderWebSearch(request.webSearch))
  const hasTools = tools.length > 0
  if (viaTool) tools.push(renderJsonTool(schema))
  const nativeFormat =
    schema !== undefined && !saysFormat && quirks.jsonSchema === 'native'
      ? renderOutputFormat(schema)
      : undefined
  const stops = request.stop?.filter((sequence) => sequence.trim() !== '')
  const user = request.user ?? request.safetyIdentifier

  const body = compact({
    model: context.model,
    max_tokens: maxTokens,
    system: system.length > 0 ? system : undefined,
    messages,
    stream: request.stream ? true : undefined,
    tools: tools.length > 0 ? tools : undefined,
    tool_choice: renderToolChoice(request, { hasTools, hasJsonTool: viaTool, thinking: active }),
    thinking: mergeObjects(own.thinking, thinking),
    output_config: mergeObjects(own.output_config, outputConfig(effort, nativeFormat)),
    ...renderSampling(request, context, active),
    stop_sequences: stops !== undefined && stops.length > 0 ? stops : undefined,
    service_tier: renderServiceTier(request.serviceTier),
    metadata: mergeObjects(own.metadata, user === undefined ? undefined : { user_id: user }),
  })
  const { betas, ...fields } = own
  const whole: JsonObject = { ...quirks.extraBody, ...fields, ...request.extra, ...body }
  const beta = betaHeader(
    whole,
    arrayOf(betas).flatMap((name) => stringOf(name) ?? []),
  )
  return {
    path: quirks.chatPath ?? MESSAGES_PATH,
    ...(beta === undefined ? {} : { headers: { 'anthropic-beta': beta } }),
    body: whole,
  }
}

function outputConfig(effort: string | undefined, format: JsonObject | undefined): JsonObject | undefined {
  return effort === undefined && format === undefined ? undefined : compact({ effort, format })
}

/** What the caller said in this wire's own words, and what our form says, which holds. */
function mergeObjects(own: Json | undefined, rendered: JsonObject | undefined): JsonObject | undefined {
  const base = objectOf(own)
  return base === undefined ? rendered : { ...base, ...rendered }
}

function renderSampling(request: ChatRequest, context: RenderContext, thinking: boolean): JsonObject {
  const { temperature, topP, topK } = request
  if (thinking)
    return { top_p: topP !== undefined && topP >= SMALLEST_THINKING_TOP_P && topP < 1 ? topP : undefined }
  const both = temperature !== undefined && topP !== undefined
  return {
    temperature,
    top_p: both && context.quirks.temperatureOrTopP === true ? undefined : topP,
    top_k: topK,
  }
}

/** OpenAI's words for a tier beside Anthropic's own, which pass. */
function renderServiceTier(tier: string | undefined): string | undefined {
  if (tier === 'default') return 'standard_only'
  return tier === 'priority' ? 'auto' : tier
}
