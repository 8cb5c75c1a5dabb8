import type { SwitchyardError } from '../errors.ts'
import type { JsonObject } from '../types/json.ts'

/** Whom to ask instead: a model group, and what the request says differently there. */
export interface FallbackTarget {
  readonly model: string
  /** Fields of the request that are others for this one. */
  readonly params?: JsonObject | undefined
}

export type Fallbacks = ReadonlyMap<string, readonly FallbackTarget[]>

export interface FallbackRules {
  readonly general: Fallbacks
  /** For requests that are too long; where there are any, these alone hold for them. */
  readonly contextWindow: Fallbacks
  /** For requests that a provider would not answer; where there are any, these alone hold for them. */
  readonly contentPolicy: Fallbacks
  /** For requests that no budget has room for. */
  readonly budget: Fallbacks
  /** How many groups deep fallbacks of fallbacks go. */
  readonly maxDepth: number
}

/** LiteLLM's depth. */
export const DEFAULT_MAX_FALLBACKS = 5
/** Under which `default_fallbacks` are kept. */
export const ANY_GROUP = '*'

export const NO_FALLBACKS: FallbackRules = {
  general: new Map(),
  contextWindow: new Map(),
  contentPolicy: new Map(),
  budget: new Map(),
  maxDepth: DEFAULT_MAX_FALLBACKS,
}

const NOBODY: readonly FallbackTarget[] = []

/**
 * Who is asked when a group has failed: the client's own list where there is one, else what the rules say for this
 * kind of failure. A mistake in the request itself leads nowhere unless the client has named others.
 */
export function fallbacksFor(
  { code, reason }: Pick<SwitchyardError, 'code' | 'reason'>,
  group: string,
  rules: FallbackRules,
  own: readonly FallbackTarget[] | undefined,
): readonly FallbackTarget[] {
  if (code === 'aborted' || reason === 'response_state_unavailable') return NOBODY
  if (own !== undefined) return own
  switch (code) {
    case 'context_window_exceeded':
      return targetsOf(rules.contextWindow.size > 0 ? rules.contextWindow : rules.general, group)
    case 'content_policy_violation':
      return targetsOf(rules.contentPolicy.size > 0 ? rules.contentPolicy : rules.general, group)
    case 'budget_exceeded':
      return targetsOf(rules.budget, group)
    case 'bad_request':
    case 'unprocessable':
    case 'unsupported_params':
      return NOBODY
    default:
      return targetsOf(rules.general, group)
  }
}

/** Those of the group itself, of its name without the provider, else those of any group. */
export function targetsOf(fallbacks: Fallbacks, group: string): readonly FallbackTarget[] {
  if (fallbacks.size === 0) return NOBODY
  const bare = group.slice(group.indexOf('/') + 1)
  return fallbacks.get(group) ?? fallbacks.get(bare) ?? fallbacks.get(ANY_GROUP) ?? NOBODY
}

/** Groups that would fall back to themselves at once: a mistake of whoever wrote it. */
export function selfFallbacks(fallbacks: Fallbacks): readonly string[] {
  return [...fallbacks].flatMap(([group, targets]) =>
    targets.some(({ model, params }) => model === group && params === undefined) ? [group] : [],
  )
}

/**
 * Circles of fallbacks, as the groups that one comes through: `a`, `b`, `a`. They end by themselves, as no request
 * asks a group twice, but whoever wrote one may have meant something else.
 */
export function fallbackCircles(fallbacks: Fallbacks): readonly (readonly string[])[] {
  const circles: string[][] = []
  const done = new Set<string>()
  const walk = (group: string, path: readonly string[]): void => {
    const start = path.indexOf(group)
    if (start >= 0) {
      circles.push([...path.slice(start), group])
      return
    }
    if (done.has(group)) return
    for (const { model } of fallbacks.get(group) ?? NOBODY) walk(model, [...path, group])
    done.add(group)
  }
  for (const group of fallbacks.keys()) walk(group, [])
  return circles
}
