import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest, ReasoningOptions, RequestParam, ResponseFormat } from '../../types/request.ts'
import type { RenderContext, WireRequest } from '../protocol.ts'
import { arrayOf, compact, objectOf } from '../wire.ts'
import { fieldsOf } from './dialect.ts'
import { renderConversation } from './input.ts'
import { renderToolChoice, renderTools } from './tools.ts'

/** What `/responses` can say. */
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
  'logprobs',
  'top_logprobs',
  'user',
  'verbosity',
  'service_tier',
  'web_search_options',
  'store',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
])

/** The least that `max_output_tokens` may be. */
const SMALLEST_MAX_TOKENS = 16

/** Writes a call to `/responses`. */
export function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const { quirks } = context
  const own = request.dialect?.protocol === 'openai-responses'
  const fields = fieldsOf(request.dialect)
  const { instructions, input } = renderConversation(request.messages, quirks)
  const schemaAsText = quirks.jsonSchema === 'json-object' && request.responseFormat?.type === 'json-schema'
  if (schemaAsText) input.unshift({ role: 'system', content: schemaInstruction(request.responseFormat) })
  const { maxTokens } = request
  const body = compact({
    model: context.model,
    instructions,
    input,
    stream: request.stream ? true : undefined,
    tools: renderTools(request, own),
    tool_choice: renderToolChoice(request.toolChoice, request.tools ?? []),
    parallel_tool_calls: own || request.tools !== undefined ? request.parallelToolCalls : undefined,
    text: renderText(request, schemaAsText, fields.text),
    reasoning: renderReasoning(request.reasoning, fields.reasoning),
    max_output_tokens: own || maxTokens === undefined ? maxTokens : Math.max(maxTokens, SMALLEST_MAX_TOKENS),
    temperature: request.temperature,
    top_p: request.topP,
    top_logprobs: request.topLogprobs,
    include: renderInclude(request, own, fields.include),
    user: request.user,
    service_tier: request.serviceTier,
    store: request.store,
    metadata: request.metadata,
    safety_identifier: request.safetyIdentifier,
    prompt_cache_key: request.promptCacheKey,
  })
  return {
    path: quirks.chatPath ?? '/responses',
    body: { ...quirks.extraBody, ...fields, ...request.extra, ...body },
  }
}

/** Format and length of the text, with what the client says in words of this wire. */
export function renderText(
  request: ChatRequest,
  schemaAsText: boolean,
  own: Json | undefined,
): JsonObject | undefined {
  const format = schemaAsText ? { type: 'json_object' } : renderFormat(request.responseFormat)
  const text = compact({ ...objectOf(own), format, verbosity: request.verbosity })
  return Object.keys(text).length > 0 ? text : undefined
}

function renderFormat(format: ResponseFormat | undefined): JsonObject | undefined {
  if (format === undefined) return undefined
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json') return { type: 'json_object' }
  const { name, description, schema, strict } = format
  return compact({ type: 'json_schema', name, description, schema, strict })
}

function schemaInstruction(format: ResponseFormat | undefined): string {
  const schema = format?.type === 'json-schema' ? format.schema : {}
  return `Answer with one JSON object that is valid against this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`
}

/** How much to think. A token budget is said as the effort nearest to it. */
function renderReasoning(
  reasoning: ReasoningOptions | undefined,
  own: Json | undefined,
): JsonObject | undefined {
  const base = objectOf(own)
  if (reasoning === undefined) return base
  const { effort, budgetTokens, mode, summary } = reasoning
  const said = mode === 'disabled' ? 'none' : (effort ?? effortOf(budgetTokens))
  const rendered = compact({ ...base, effort: said, summary })
  return Object.keys(rendered).length > 0 ? rendered : undefined
}

function effortOf(budgetTokens: number | undefined): string | undefined {
  if (budgetTokens === undefined) return undefined
  if (budgetTokens <= 1024) return 'low'
  return budgetTokens <= 2048 ? 'medium' : 'high'
}

/** What else to send along: clients of other wires have no word for it, so it follows from what they ask. */
function renderInclude(request: ChatRequest, own: boolean, kept: Json | undefined): Json[] | undefined {
  if (own) return Array.isArray(kept) ? arrayOf(kept) : undefined
  const include: Json[] = []
  // What is not stored can only be continued from what the client holds.
  if (request.store === false && request.reasoning !== undefined) include.push('reasoning.encrypted_content')
  if (request.logprobs === true) include.push('message.output_text.logprobs')
  return include.length > 0 ? include : undefined
}
