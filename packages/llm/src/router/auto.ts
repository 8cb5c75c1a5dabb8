import type { Capability } from '../types/model.ts'

/** By the name that clients ask for: rules in the order in which they are tried. */
export type AutoGroups = ReadonlyMap<string, readonly AutoRule[]>

/** A model group, and for which requests it is. Without conditions: for every one. */
export interface AutoRule {
  readonly model: string
  readonly minInputTokens?: number | undefined
  readonly maxInputTokens?: number | undefined
  /** What a request may cost there, by estimate. */
  readonly maxCostPicoUsd?: bigint | undefined
  /** What the request has to use, each of these. */
  readonly needs?: readonly Capability[] | undefined
  /** What it must not use, none of these. */
  readonly without?: readonly Capability[] | undefined
  /** It has one of these. */
  readonly tags?: readonly string[] | undefined
}

/** A request, as far as rules look at it. Figures are worked out only where a rule asks for them. */
export interface AutoFacts {
  readonly inputTokens: () => number
  readonly needs: () => readonly Capability[]
  readonly tags: readonly string[]
  /** What it costs at a model group, about; `undefined` where nobody knows. */
  readonly costOf: (model: string) => bigint | undefined
  /** What keeps a model group from answering it at all: nobody serves it, or all cool down. */
  readonly hindrance: (model: string) => string | undefined
}

/** Why a rule does not lead anywhere. */
export interface AutoMiss {
  readonly why:
    | 'too_short'
    | 'too_long'
    | 'too_dear'
    | 'needs_not'
    | 'needs_more'
    | 'other_tags'
    | 'unavailable'
  readonly detail?: string | undefined
}

/** A rule that does not hold for a request. */
export interface PassedRule extends AutoMiss {
  readonly model: string
}

/** Why a rule is passed over for a request; `undefined` where its model is to be asked. */
export function missOf(rule: AutoRule, facts: AutoFacts): AutoMiss | undefined {
  const { tags, minInputTokens, maxInputTokens, needs = [], without = [], maxCostPicoUsd } = rule
  if (tags !== undefined && !tags.some((tag) => facts.tags.includes(tag)))
    return { why: 'other_tags', detail: tags.join(', ') }
  if (minInputTokens !== undefined && facts.inputTokens() < minInputTokens)
    return { why: 'too_short', detail: `about ${facts.inputTokens()} tokens` }
  if (maxInputTokens !== undefined && facts.inputTokens() > maxInputTokens)
    return { why: 'too_long', detail: `about ${facts.inputTokens()} tokens` }
  const unused = needs.find((need) => !facts.needs().includes(need))
  if (unused !== undefined) return { why: 'needs_not', detail: unused }
  const unwanted = without.find((need) => facts.needs().includes(need))
  if (unwanted !== undefined) return { why: 'needs_more', detail: unwanted }
  if (maxCostPicoUsd !== undefined) {
    const cost = facts.costOf(rule.model)
    if (cost === undefined) return { why: 'too_dear', detail: 'no price is known' }
    if (cost > maxCostPicoUsd) return { why: 'too_dear' }
  }
  const hindrance = facts.hindrance(rule.model)
  return hindrance === undefined ? undefined : { why: 'unavailable', detail: hindrance }
}

/**
 * The models of the rules that lead somewhere, in their order, the others with their reasons. The first is the one to
 * ask.
 */
export function firstOf(
  rules: readonly AutoRule[],
  facts: AutoFacts,
): {
  readonly models: readonly string[]
  readonly passed: readonly PassedRule[]
} {
  const models: string[] = []
  const passed: PassedRule[] = []
  for (const rule of rules) {
    const miss = missOf(rule, facts)
    if (miss !== undefined) passed.push({ model: rule.model, ...miss })
    else if (!models.includes(rule.model)) models.push(rule.model)
  }
  return { models, passed }
}
