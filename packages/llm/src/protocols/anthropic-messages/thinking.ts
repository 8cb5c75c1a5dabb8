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
  const { thinkingMode } = context.quirks
  const adaptive = mode === 'adaptive' || (thinkingMode ?? 'budget') !== 'budget'
  if (mode === 'disabled') return { thinking: { type: 'disabled' }, active: false }
  if (mode === 'enabled' || (budgetTokens !== undefined && mode !== 'adaptive')) {
    if (thinkingMode === 'adaptive-only')
      return {
        thinking: { type: 'adaptive' },
        effort: saysEffort ? undefined : (wordOf(effort) ?? effortOf(budgetTokens)),
        active: true,
      }
    const budget = budgetTokens ?? BUDGETS[effort === undefined || effort === 'none' ? 'medium' : effort]
    return { thinking: { type: 'enabled', budget_tokens: budget }, active: true }
  }
  if (saysEffort && mode === undefined) return { active: false }
  if (effort === 'none') return { active: false }
  if (adaptive) {
    const said = wordOf(effort)
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

/** An effort in the words of `output_config`, whose lowest is `low`. */
function wordOf(effort: ReasoningEffort | undefined): string | undefined {
  if (effort === 'none') return undefined
  return effort === 'minimal' ? 'low' : effort
}

/** The effort that a budget comes closest to. */
function effortOf(budgetTokens: number | undefined): string | undefined {
  if (budgetTokens === undefined) return undefined
  if (budgetTokens <= BUDGETS.medium) return 'low'
  return budgetTokens <= BUDGETS.xhigh ? 'medium' : 'high'
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
