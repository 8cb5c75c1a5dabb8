import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest, FunctionTool, ReasoningOptions } from '../../types/request.ts'
import type { RenderContext, WireRequest } from '../protocol.ts'
import { arrayOf, compact } from '../wire.ts'
import { renderConversation } from './messages.ts'

/** Efforts below the model's usual one, as bounds; Cohere knows only on, off and a bound. */
const BUDGET_TOKENS: Readonly<Record<string, number>> = { minimal: 512, low: 1_024, medium: 2_048 }

export function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const { messages, documents } = renderConversation(request.messages)
  const dialect = request.dialect?.protocol === 'cohere' ? request.dialect.fields : undefined
  const given: JsonObject = { ...request.extra, ...dialect }
  const own = compact({
    model: context.model,
    messages,
    stream: request.stream,
    ...renderTools(request),
    documents: documents.length > 0 ? [...documents, ...arrayOf(given['documents'])] : undefined,
    response_format: renderResponseFormat(request),
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    p: request.topP,
    k: request.topK,
    stop_sequences: request.stop,
    seed: request.seed,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    logprobs: request.logprobs,
    thinking: renderThinking(request.reasoning),
  })
  return { path: '/v2/chat', body: { ...given, ...own } }
}

/** A certain tool cannot be demanded by name, so it is the only one that is offered. */
function renderTools(request: ChatRequest): JsonObject {
  const choice = request.toolChoice
  const tools = (request.tools ?? []).flatMap((tool): JsonObject[] => {
    if (tool.type === 'native') return tool.protocol === 'cohere' ? [tool.raw] : []
    if (choice?.type === 'tool' && choice.name !== tool.name) return []
    return [renderTool(tool)]
  })
  if (tools.length === 0) return {}
  return compact({ tools, tool_choice: renderToolChoice(request) })
}

function renderTool(tool: FunctionTool): JsonObject {
  const { name, description, parameters = { type: 'object', properties: {} } } = tool
  return { type: 'function', function: compact({ name, description, parameters }) }
}

function renderToolChoice({ toolChoice }: ChatRequest): Json | undefined {
  switch (toolChoice?.type) {
    case 'required':
    case 'tool':
      return 'REQUIRED'
    case 'none':
      return 'NONE'
    case 'native':
      return toolChoice.protocol === 'cohere' ? toolChoice.raw : undefined
    default:
      return undefined
  }
}

function renderResponseFormat({ responseFormat }: ChatRequest): JsonObject | undefined {
  switch (responseFormat?.type) {
    case 'json':
      return { type: 'json_object' }
    case 'json-schema':
      return { type: 'json_object', json_schema: responseFormat.schema }
    default:
      return undefined
  }
}

function renderThinking(reasoning: ReasoningOptions | undefined): JsonObject | undefined {
  if (reasoning === undefined) return undefined
  const { effort, budgetTokens, mode } = reasoning
  if (mode === 'disabled' || effort === 'none') return { type: 'disabled' }
  if (mode === undefined && effort === undefined && budgetTokens === undefined) return undefined
  const bound = budgetTokens ?? (effort === undefined ? undefined : BUDGET_TOKENS[effort])
  return compact({ type: 'enabled', token_budget: bound })
}
