import type { JsonObject } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ReasoningEffort, ReasoningOptions } from '../../types/request.ts'
import { compact } from '../wire.ts'

/**
 * Tokens of thinking for each effort; up to `high` LiteLLM's numbers. `minimal` is the least that all
 * 2.5 models take, `max` the most.
 */
const BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 512,
  low: 1_024,
  medium: 2_048,
  high: 4_096,
  xhigh: 8_192,
  max: 24_576,
}

const RANKS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1,
  low: 2,
  medium: 3,
  high: 4,
  xhigh: 5,
  max: 6,
}

/** `thinkingConfig`: a level where the model knows levels, else a budget; -1 lets the model decide. */
export function renderThinking(
  reasoning: ReasoningOptions | undefined,
  quirks: Quirks,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined
  const { budgetTokens, mode } = reasoning
  const effort = mode === 'disabled' ? 'none' : reasoning.effort
  const amount =
    budgetTokens !== undefined && mode !== 'disabled'
      ? { thinkingBudget: budgetTokens }
      : effort === undefined
        ? { thinkingBudget: mode === 'adaptive' ? -1 : undefined }
        : quirks.thinkingLevels === undefined
          ? { thinkingBudget: BUDGETS[effort] }
          : { thinkingLevel: nearestLevel(effort, quirks.thinkingLevels) }
  const shown = showsThoughts(reasoning, effort)
  const config = compact({ ...amount, includeThoughts: shown ? true : undefined })
  return Object.keys(config).length > 0 ? config : undefined
}

/** Who asks for thinking wants to see it, unless they say otherwise. */
function showsThoughts(
  { summary, budgetTokens }: ReasoningOptions,
  effort: ReasoningEffort | undefined,
): boolean {
  if (summary !== undefined) return summary !== 'none'
  return effort !== 'none' && budgetTokens !== 0
}

/** The level itself, else the next higher one the model has, else its highest. */
function nearestLevel(
  effort: ReasoningEffort,
  levels: NonNullable<Quirks['thinkingLevels']>,
): string | undefined {
  return levels.find((level) => RANKS[level] >= RANKS[effort]) ?? levels.at(-1)
}
