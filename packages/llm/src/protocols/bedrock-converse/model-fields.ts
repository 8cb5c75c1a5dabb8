import type { JsonObject } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest, ReasoningEffort, ReasoningOptions } from '../../types/request.ts'

const SMALLEST_BUDGET_TOKENS = 1_024

/** LiteLLM's thinking budgets, continued upwards. */
const BUDGET_TOKENS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: SMALLEST_BUDGET_TOKENS,
  low: SMALLEST_BUDGET_TOKENS,
  medium: 2_048,
  high: 4_096,
  xhigh: 8_192,
  max: 16_384,
}

/** Settings that are not Bedrock's but the model's, in the names of its family: `additionalModelRequestFields`. */
export function renderModelFields(request: ChatRequest, quirks: Quirks): JsonObject {
  return {
    ...topKFields(request.topK, quirks),
    ...reasoningFields(request, quirks),
    ...parallelCallFields(request, quirks),
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

/** Whether the request asks for thinking. */
export function asksForThinking(reasoning: ReasoningOptions | undefined): boolean {
  if (reasoning === undefined || reasoning.mode === 'disabled' || reasoning.effort === 'none') return false
  return (
    reasoning.mode !== undefined || reasoning.effort !== undefined || reasoning.budgetTokens !== undefined
  )
}

function reasoningFields(request: ChatRequest, quirks: Quirks): JsonObject {
  const { reasoning } = request
  if (reasoning === undefined) return {}
  const wanted = asksForThinking(reasoning)
  switch (quirks.modelFamily) {
    case 'anthropic':
    case 'anthropic-adaptive':
      return wanted ? claudeThinking(reasoning, request.maxTokens, quirks) : explicitlyOff(reasoning)
    case 'nova-2':
      return wanted
        ? { reasoningConfig: { type: 'enabled', maxReasoningEffort: threeLevels(reasoning) } }
        : { reasoningConfig: { type: 'disabled' } }
    case 'openai':
      return wanted ? { reasoning_effort: threeLevels(reasoning) } : {}
    case 'qwen':
      return wanted ? { reasoning_config: threeLevels(reasoning) } : {}
    default:
      return {}
  }
}

function explicitlyOff(reasoning: ReasoningOptions): JsonObject {
  return reasoning.mode === 'disabled' ? { thinking: { type: 'disabled' } } : {}
}

function claudeThinking(
  reasoning: ReasoningOptions,
  maxTokens: number | undefined,
  quirks: Quirks,
): JsonObject {
  const { effort, budgetTokens, mode } = reasoning
  if (mode === 'adaptive' || (quirks.modelFamily === 'anthropic-adaptive' && budgetTokens === undefined)) {
    const level = effort === 'minimal' ? 'low' : effort
    return {
      thinking: { type: 'adaptive' },
      ...(level === undefined || level === 'none' ? {} : { output_config: { effort: level } }),
    }
  }
  if (budgetTokens !== undefined) return { thinking: { type: 'enabled', budget_tokens: budgetTokens } }
  const budget = effort === undefined || effort === 'none' ? BUDGET_TOKENS.medium : BUDGET_TOKENS[effort]
  // The budget counts towards `maxTokens` and must stay below it.
  const bounded = maxTokens === undefined ? budget : Math.min(budget, maxTokens - 1)
  return { thinking: { type: 'enabled', budget_tokens: Math.max(bounded, SMALLEST_BUDGET_TOKENS) } }
}

function threeLevels(reasoning: ReasoningOptions): 'low' | 'medium' | 'high' {
  const { effort, budgetTokens } = reasoning
  if (effort === undefined && budgetTokens !== undefined)
    return budgetTokens <= BUDGET_TOKENS.low
      ? 'low'
      : budgetTokens <= BUDGET_TOKENS.medium
        ? 'medium'
        : 'high'
  if (effort === 'minimal' || effort === 'low') return 'low'
  return effort === undefined || effort === 'none' || effort === 'medium' ? 'medium' : 'high'
}

/** Claude's own tool choice says it; Bedrock's has no word for it. */
function parallelCallFields(request: ChatRequest, quirks: Quirks): JsonObject {
  const claude = quirks.modelFamily === 'anthropic' || quirks.modelFamily === 'anthropic-adaptive'
  if (!claude || request.parallelToolCalls !== false || (request.tools ?? []).length === 0) return {}
  const choice = request.toolChoice
  if (choice?.type === 'none' || choice?.type === 'native') return {}
  const type = choice?.type === 'required' ? 'any' : (choice?.type ?? 'auto')
  const name = choice?.type === 'tool' ? { name: choice.name } : {}
  return { tool_choice: { type, ...name, disable_parallel_tool_use: true } }
}
