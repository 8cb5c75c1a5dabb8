import type { JsonObject } from '../../types/json.ts'
import type { Message } from '../../types/message.ts'
import type { ChatRequest, ReasoningEffort } from '../../types/request.ts'
import type { RenderContext } from '../protocol.ts'
import { compact, countOf, objectOf } from '../wire.ts'

/** Tokens that an effort is worth where a model takes budgets; the first three are LiteLLM's. */
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: 1_024,
  low: 1_024,
  medium: 2_048,
  high: 4_096,
  xhigh: 8_192,
  max: 16_384,
}

const SMALLEST_BUDGET = 1_024

/** What Anthropic takes when neither the caller nor the catalogue says how long an answer may be. */
const FALLBACK_MAX_TOKENS = 4_096

export interface Thinking {
  thinking?: JsonObject | undefined
  /** `output_config.effort`. */
  effort?: string | undefined
  /** Thinking is switched on: sampling must stay at its defaults and no tool can be forced. */
  active: boolean
}

/**
 * Says how much to think. A budget or a mode of the caller's own is sent as it is. An effort is a wish: it gives
 * way where the wire cannot have both, to a forced tool or to a tool loop whose thinking was not returned.
 */
export function renderThinking(request: ChatRequest, context: RenderContext, forcesTool: boolean): Thinking {
  const { reasoning } = request
  const own = request.dialect?.protocol === 'anthropic-messages' ? request.dialect.fields : {}
  const saysEffort = objectOf(own.output_config)?.effort !== undefined
  if (own.thinking !== undefined && reasoning?.mode === undefined) return { active: false }
  if (reasoning === undefined) return { active: false }
  const { mode, budgetTokens, effort, summary } = reasoning
  const adaptive = mode === 'adaptive' || (mode === undefined && context.quirks.thinkingMode === 'adaptive')
  if (mode === 'disabled') return { thinking: { type: 'disabled' }, active: false }
  if (mode === 'enabled' || (budgetTokens !== undefined && mode !== 'adaptive')) {
    const budget = budgetTokens ?? BUDGETS[effort === undefined || effort === 'none' ? 'medium' : effort]
    return { thinking: { type: 'enabled', budget_tokens: budget }, active: true }
  }
  if (saysEffort && mode === undefined) return { active: false }
  if (effort === 'none')
    return adaptive ? { thinking: { type: 'disabled' }, active: false } : { active: false }
  if (adaptive) {
    const said = effort === 'minimal' ? 'low' : effort
    if (mode === undefined && forcesTool) return { effort: said, active: false }
    const display = summary === undefined || mode !== undefined ? undefined : 'summarized'
    return {
      thinking: compact({ type: 'adaptive', display }),
      effort: saysEffort ? undefined : said,
      active: true,
    }
  }
  if (effort === undefined || forcesTool || lacksThinking(request.messages)) return { active: false }
  return { thinking: { type: 'enabled', budget_tokens: BUDGETS[effort] }, active: true }
}

/** A budget-thinking model refuses a tool loop whose last call comes without the thinking that led to it. */
function lacksThinking(messages: readonly Message[]): boolean {
  for (const message of messages.toReversed()) {
    if (message.role === 'user') return false
    if (message.role !== 'assistant') continue
    const proven = message.content.some(
      (part) => part.type === 'reasoning' && (part.signature !== undefined || part.redacted !== undefined),
    )
    return !proven && message.content.some((part) => part.type === 'tool-call')
  }
  return false
}

/** The mandatory `max_tokens`, above the thinking budget; the budget gives way where the model has no room. */
export function renderMaxTokens(
  request: ChatRequest,
  context: RenderContext,
  thinking: JsonObject | undefined,
): { maxTokens: number; thinking: JsonObject | undefined } {
  const bound = context.maxOutputTokens
  const wanted = request.maxTokens ?? bound ?? context.quirks.defaultMaxTokens ?? FALLBACK_MAX_TOKENS
  const budget = countOf(thinking?.budget_tokens)
  if (budget === undefined || budget < wanted) return { maxTokens: wanted, thinking }
  const maxTokens = budget + wanted
  if (bound === undefined || maxTokens <= bound) return { maxTokens, thinking }
  const smaller = Math.max(SMALLEST_BUDGET, Math.min(budget, bound - wanted))
  return { maxTokens: bound, thinking: { ...thinking, budget_tokens: smaller } }
}
