import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'
import type { RenderContext, WireRequest } from '../protocol.ts'
import { compact, objectOf } from '../wire.ts'
import { renderMessages } from './messages.ts'

/** Fields beside `options`. Whatever else a caller adds is a model option, as LiteLLM has it. */
const TOP_LEVEL_FIELDS: ReadonlySet<string> = new Set([
  'format',
  'keep_alive',
  'options',
  'shift',
  'think',
  'truncate',
])

export function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const dialect = request.dialect?.protocol === 'ollama' ? request.dialect.fields : undefined
  const given = Object.entries({ ...request.extra, ...dialect })
  const topLevel = Object.fromEntries(given.filter(([key]) => TOP_LEVEL_FIELDS.has(key)))
  const loose = Object.fromEntries(given.filter(([key]) => !TOP_LEVEL_FIELDS.has(key)))
  const options = { ...objectOf(topLevel['options']), ...loose, ...renderOptions(request) }
  const own = compact({
    model: context.model,
    messages: renderMessages(request.messages),
    stream: request.stream,
    tools: renderTools(request),
    format: renderFormat(request),
    think: renderThink(request, context),
    logprobs: request.logprobs,
    top_logprobs: request.topLogprobs,
    options: Object.keys(options).length > 0 ? options : undefined,
  })
  return { path: '/api/chat', body: { ...topLevel, ...own } }
}

function renderOptions(request: ChatRequest): JsonObject {
  return compact({
    num_predict: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    stop: request.stop,
    seed: request.seed,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
  })
}

/** Ollama has no tool choice: `none` offers no tool, a named one is offered alone, `required` cannot be said. */
function renderTools({ tools, toolChoice }: ChatRequest): Json[] | undefined {
  if (toolChoice?.type === 'none') return undefined
  const rendered = (tools ?? []).flatMap((tool): JsonObject[] => {
    if (tool.type === 'native') return tool.protocol === 'ollama' ? [tool.raw] : []
    if (toolChoice?.type === 'tool' && toolChoice.name !== tool.name) return []
    const { name, description, parameters = { type: 'object', properties: {} } } = tool
    return [{ type: 'function', function: compact({ name, description, parameters }) }]
  })
  return rendered.length > 0 ? rendered : undefined
}

function renderFormat({ responseFormat }: ChatRequest): Json | undefined {
  if (responseFormat?.type === 'json') return 'json'
  return responseFormat?.type === 'json-schema' ? responseFormat.schema : undefined
}

/** Only OpenAI's open models know levels; the others think or do not, and refuse a level. */
function renderThink({ reasoning }: ChatRequest, { quirks }: RenderContext): boolean | string | undefined {
  if (reasoning === undefined) return undefined
  const { effort, budgetTokens, mode } = reasoning
  if (mode === 'disabled' || effort === 'none') return false
  if (mode === undefined && effort === undefined && budgetTokens === undefined) return undefined
  if (quirks.modelFamily !== 'openai' || effort === undefined) return true
  if (effort === 'minimal') return 'low'
  return effort === 'xhigh' || effort === 'max' ? 'high' : effort
}
