import type { JsonObject } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest, ReasoningOptions } from '../../types/request.ts'
import { renderMaxTokens, renderThinking } from '../anthropic-messages/thinking.ts'
import type { RenderContext } from '../protocol.ts'
import { compact } from '../wire.ts'

/** Budgets up to which a wish counts as low and as medium, where a model knows levels only. */
const LOW_BUDGET_TOKENS = 1_024
const MEDIUM_BUDGET_TOKENS = 2_048

export interface ModelSettings {
  /** Settings in the names of the model's family, for `additionalModelRequestFields`. */
  fields: JsonObject
  /** Output bound, raised where a thinking budget stands inside of it. */
  maxTokens: number | undefined
  /** Claude thinks: sampling stays at its defaults and no tool can be demanded. */
  thinking: boolean
}

/** What is not Bedrock's but the model's to know: each family has its own words for top-k and thinking. */
export function renderModelSettings(
  request: ChatRequest,
  context: RenderContext,
  forcesTool: boolean,
): ModelSettings {
  const { quirks } = context
  if (quirks.modelFamily === 'anthropic') return claudeSettings(request, context, forcesTool)
  return {
    fields: { ...topKFields(request.topK, quirks), ...reasoningFields(request.reasoning, quirks) },
    maxTokens: request.maxTokens,
    thinking: false,
  }
}

function claudeSettings(request: ChatRequest, context: RenderContext, forcesTool: boolean): ModelSettings {
  const wanted = renderThinking(request, context, forcesTool)
  const bound =
    request.maxTokens === undefined
      ? { maxTokens: undefined, thinking: wanted.thinking }
      : renderMaxTokens(request, context, wanted.thinking)
  return {
    fields: compact({
      top_k: wanted.active ? undefined : request.topK,
      thinking: bound.thinking,
      output_config: wanted.effort === undefined ? undefined : { effort: wanted.effort },
      tool_choice: serialCalls(request),
    }),
    maxTokens: bound.maxTokens,
    thinking: wanted.active,
  }
}

function topKFields(topK: number | undefined, quirks: Quirks): JsonObject {
  if (topK === undefined) return {}
  switch (quirks.modelFamily) {
    case 'nova':
    case 'nova-2':
      return { inferenceConfig: { topK } }
    case 'cohere':
      return { k: topK }
    default:
      return { top_k: topK }
  }
}

function reasoningFields(reasoning: ReasoningOptions | undefined, quirks: Quirks): JsonObject {
  if (reasoning === undefined) return {}
  const level = threeLevels(reasoning)
  switch (quirks.modelFamily) {
    case 'nova-2':
      return {
        reasoningConfig:
          level === undefined ? { type: 'disabled' } : { type: 'enabled', maxReasoningEffort: level },
      }
    case 'openai':
      return level === undefined ? {} : { reasoning_effort: level }
    case 'qwen':
      return level === undefined ? {} : { reasoning_config: level }
    default:
      return {}
  }
}

/** The level of a wish; `undefined` where no thinking is wanted. */
function threeLevels(reasoning: ReasoningOptions): 'low' | 'medium' | 'high' | undefined {
  const { effort, budgetTokens, mode } = reasoning
  if (mode === 'disabled' || effort === 'none') return undefined
  if (effort === undefined) {
    if (budgetTokens === undefined) return mode === undefined ? undefined : 'medium'
    return budgetTokens <= LOW_BUDGET_TOKENS
      ? 'low'
      : budgetTokens <= MEDIUM_BUDGET_TOKENS
        ? 'medium'
        : 'high'
  }
  if (effort === 'minimal' || effort === 'low') return 'low'
  return effort === 'medium' ? 'medium' : 'high'
}

/** Claude's own tool choice forbids parallel calls; Bedrock's has no word for it. */
function serialCalls(request: ChatRequest): JsonObject | undefined {
  if (request.parallelToolCalls !== false || (request.tools ?? []).length === 0) return undefined
  const choice = request.toolChoice
  if (choice?.type === 'none' || choice?.type === 'native') return undefined
  const type = choice?.type === 'required' ? 'any' : (choice?.type ?? 'auto')
  const name = choice?.type === 'tool' ? { name: choice.name } : {}
  return { type, ...name, disable_parallel_tool_use: true }
}
