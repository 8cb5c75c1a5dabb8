import type { JsonObject } from '../../types/json.ts'
import type { ReasoningPart } from '../../types/message.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ReasoningOptions } from '../../types/request.ts'
import { compact } from '../wire.ts'

/** How much to think, in the words of the service. */
export function renderReasoning(reasoning: ReasoningOptions | undefined, quirks: Quirks): JsonObject {
  if (reasoning === undefined) return {}
  const { effort, budgetTokens, mode } = reasoning
  const off = mode === 'disabled' || effort === 'none'
  switch (quirks.reasoningRequest) {
    case 'reasoning-object':
      if (off) return { reasoning: { enabled: false } }
      return {
        reasoning: compact({
          effort,
          max_tokens: effort === undefined ? budgetTokens : undefined,
          enabled: effort === undefined && budgetTokens === undefined ? true : undefined,
        }),
      }
    case 'thinking-type':
      return { thinking: { type: off ? 'disabled' : 'enabled' } }
    case 'enable-thinking':
      return compact({ enable_thinking: !off, thinking_budget: off ? undefined : budgetTokens })
    case 'anthropic-thinking':
      return off
        ? {}
        : { thinking: { type: 'enabled', budget_tokens: budgetTokens ?? BUDGETS[effort ?? 'medium'] } }
    default:
      return compact({ reasoning_effort: effort ?? effortOf(budgetTokens, off) })
  }
}

/** LiteLLM's figures for what an effort means in tokens. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 128,
  low: 1024,
  medium: 2048,
  high: 4096,
  xhigh: 8192,
  max: 16384,
}

/** The effort nearest to a budget, for services that know only words. */
function effortOf(budgetTokens: number | undefined, off: boolean): string | undefined {
  if (off) return 'none'
  if (budgetTokens === undefined) return undefined
  if (budgetTokens <= 1024) return 'low'
  return budgetTokens <= 2048 ? 'medium' : 'high'
}

/** Thinking as text for readers, and as blocks with their proofs for the next turn (LiteLLM's names). */
export function renderReasoningFields(reasoning: readonly ReasoningPart[]): JsonObject {
  const shown = reasoning.filter((part) => part.text !== '')
  const blocks = reasoning.flatMap((part): JsonObject[] => {
    if (part.redacted !== undefined) return [{ type: 'redacted_thinking', data: part.redacted }]
    if (part.signature !== undefined)
      return [{ type: 'thinking', thinking: part.text, signature: part.signature }]
    return []
  })
  const details = reasoning.flatMap((part) => part.details ?? [])
  return compact({
    reasoning_content: shown.length > 0 ? shown.map((part) => part.text).join('') : undefined,
    thinking_blocks: blocks.length > 0 ? blocks : undefined,
    reasoning_details: details.length > 0 ? details : undefined,
  })
}
