import type { Capability, ModelInfo } from '../types/model.ts'
import type { CoolingDeployment } from './cooldown.ts'
import { mayAsk, remainingMs } from './cooldown.ts'
import type { Remembered } from './remember.ts'
import { hasRoom } from './strategy.ts'
import type { Candidate, PickContext, Strategy, StrategyArgs } from './strategy.ts'
import { matchTags } from './tags.ts'
import type { TaggedDeployment, TaggedRequest, TagRules } from './tags.ts'

/** A deployment, as far as choosing among several looks at it. */
export interface RoutedDeployment extends Candidate, CoolingDeployment, TaggedDeployment {
  /** The one team that may use it. */
  readonly teamId?: string | undefined
  readonly region?: string | undefined
  readonly numRetries?: number | undefined
  readonly maxParallelRequests?: number | undefined
  /** What is known of its model. */
  readonly info?: Remembered<ModelInfo | undefined> | undefined
}

/** A request, as far as choosing a deployment looks at it. */
export interface ChoiceRequest extends TaggedRequest {
  readonly stream: boolean
  /** Deployments of other teams are not for it; null: it has none; left out: it may use any. */
  readonly teamId?: string | null | undefined
  /** About how long it is; counted when it is first asked for. */
  readonly inputTokens: () => number
  /** No more tokens than this, whatever counting says: a cheap bound that spares the counting. */
  readonly maxInputTokens?: number | undefined
  /** What the model has to be able to do. */
  readonly needs?: (() => readonly Capability[]) | undefined
  /** `eu`, `us` … Left out: anywhere. */
  readonly region?: string | undefined
  /** Deployments to stay with, by id, where nothing stands against them; the first that is left is asked. */
  readonly preferred?: (() => readonly string[]) | undefined
  /** Which budget stands against asking a deployment because it is used up; `undefined` where none does. */
  readonly overBudget?: ((deployment: RoutedDeployment) => string | undefined) | undefined
}

export interface ChoiceRules {
  readonly strategy: Strategy
  readonly strategyArgs: StrategyArgs
  readonly tags: TagRules
  /** `enable_pre_call_checks` */
  readonly preCallChecks: boolean
  /** Nobody is asked beyond its own `rpm` and `tpm`, without the other checks. */
  readonly enforceLimits?: boolean | undefined
  /** For deployments that do not say otherwise. */
  readonly maxParallelRequests?: number | undefined
}

/** Why a deployment was not chosen. */
export type Exclusion =
  | 'other_team'
  | 'cooling_down'
  | 'unhealthy'
  | 'tried_before'
  | 'window_too_small'
  | 'lacks_capability'
  | 'other_region'
  | 'no_room'
  | 'busy'
  | 'over_budget'
  | 'later_order'
  | 'other_tags'
  | 'not_picked'

/** Told of every deployment that is left out, in the order of the filters. */
export type Note<Deployment> = (deployment: Deployment, why: Exclusion, detail?: string) => void

/** What a choice depends on besides the request. */
export interface ChoiceWorld {
  readonly nowMs: number
  readonly random: () => number
}

/** An estimate is within about a fifth; what lies this far beyond a window is surely too long. */
const SURELY = 1.25

/**
 * Chooses the deployment that is asked: one filter after the other, then the strategy among those that are left.
 * With `note` it says of each other one why it was left out; nothing else is different then.
 */
export function choose<Deployment extends RoutedDeployment>(
  candidates: readonly Deployment[],
  request: ChoiceRequest,
  rules: ChoiceRules,
  world: ChoiceWorld,
  note?: Note<Deployment>,
  tried: readonly Deployment[] = NONE,
): Deployment | undefined {
  let left = open(candidates, request, rules, world, tried, note)
  if (rules.tags.enabled) {
    const tagged = matchTags(left, request, rules.tags)
    if (note !== undefined) for (const one of left) if (!tagged.includes(one)) note(one, 'other_tags')
    left = tagged
  }
  const kept = preferredOf(left, request, note)
  if (kept !== undefined) return kept
  return pick(lowestOrder(left, note), request, rules, world, note)
}

/** The one to stay with, whatever its order. */
function preferredOf<Deployment extends RoutedDeployment>(
  left: readonly Deployment[],
  request: ChoiceRequest,
  note: Note<Deployment> | undefined,
): Deployment | undefined {
  for (const id of request.preferred?.() ?? NONE) {
    const found = left.find((one) => one.id === id)
    if (found === undefined) continue
    if (note !== undefined) for (const one of left) if (one !== found) note(one, 'not_picked', AFFINITY)
    return found
  }
  return undefined
}

const AFFINITY = 'affinity'

/** Those that nothing stands against by themselves, in one pass: a group may have a thousand. */
function open<Deployment extends RoutedDeployment>(
  candidates: readonly Deployment[],
  request: ChoiceRequest,
  rules: ChoiceRules,
  world: ChoiceWorld,
  tried: readonly Deployment[],
  note: Note<Deployment> | undefined,
): readonly Deployment[] {
  const needs = rules.preCallChecks ? (request.needs?.() ?? NONE) : NONE
  const context =
    rules.preCallChecks || rules.enforceLimits === true ? contextOf(request, rules, world) : undefined
  let kept: Deployment[] | undefined
  for (let index = 0; index < candidates.length; index++) {
    const candidate = candidates[index] as Deployment
    const isTried = tried.length > 0 && tried.includes(candidate)
    const why = isTried ? 'tried_before' : whyNot(candidate, request, rules, world.nowMs, needs, context)
    if (why === undefined) kept?.push(candidate)
    else {
      // A list is made only when somebody is left out.
      kept ??= candidates.slice(0, index)
      note?.(candidate, why, detailOf(why, candidate, request, world.nowMs, needs))
    }
  }
  return kept ?? candidates
}

/** What stands against asking a deployment; the first of the reasons, in the order in which docs/routing.md has them. */
function whyNot(
  candidate: RoutedDeployment,
  request: ChoiceRequest,
  rules: ChoiceRules,
  nowMs: number,
  needs: readonly Capability[],
  context: PickContext | undefined,
): Exclusion | undefined {
  const { state, maxParallelRequests: most = rules.maxParallelRequests } = candidate
  if (request.teamId !== undefined && candidate.teamId !== undefined && candidate.teamId !== request.teamId)
    return 'other_team'
  if (state.unhealthy !== undefined) return 'unhealthy'
  if (state.cooldown !== undefined && !mayAsk(state, nowMs)) return 'cooling_down'
  if (request.overBudget?.(candidate) !== undefined) return 'over_budget'
  if (!fitsWindow(candidate, request, nowMs)) return 'window_too_small'
  if (context !== undefined) {
    if (needs.length > 0 && missing(candidate, needs, nowMs) !== undefined) return 'lacks_capability'
    if (rules.preCallChecks && request.region !== undefined && !isInRegion(candidate, request.region))
      return 'other_region'
    if (!hasRoom(candidate, context)) return 'no_room'
  }
  return most !== undefined && state.inFlight >= most ? 'busy' : undefined
}

/** What there is to say about a reason. */
function detailOf(
  why: Exclusion,
  candidate: RoutedDeployment,
  request: ChoiceRequest,
  nowMs: number,
  needs: readonly Capability[],
): string | undefined {
  const { state, info, region } = candidate
  switch (why) {
    case 'unhealthy':
      return state.unhealthy
    case 'cooling_down':
      return `${state.cooldown?.why ?? 'it failed'}; ${Math.ceil(remainingMs(state, nowMs) / 1000)} s to go`
    case 'over_budget':
      return request.overBudget?.(candidate)
    case 'window_too_small':
      return `about ${request.inputTokens()} tokens, ${info?.(nowMs)?.maxInputTokens ?? 0} fit`
    case 'lacks_capability':
      return missing(candidate, needs, nowMs)
    case 'other_region':
      return region
    default:
      return undefined
  }
}

const NONE: readonly never[] = []

function pick<Deployment extends RoutedDeployment>(
  left: readonly Deployment[],
  request: ChoiceRequest,
  rules: ChoiceRules,
  world: ChoiceWorld,
  note: Note<Deployment> | undefined,
): Deployment | undefined {
  const [only] = left
  const isAlone = left.length <= 1 && (rules.strategy.id === SHUFFLE || !isLimited(only))
  const picked = isAlone ? only : rules.strategy.pick(left, contextOf(request, rules, world))
  if (note !== undefined)
    for (const one of left)
      if (one !== picked) note(one, picked === undefined ? 'no_room' : 'not_picked', rules.strategy.id)
  return picked
}

function isLimited(candidate: Candidate | undefined): boolean {
  return candidate?.rpm !== undefined || candidate?.tpm !== undefined
}

/** A draw needs to know nothing of the only one there is. */
const SHUFFLE = 'simple-shuffle'

function contextOf(request: ChoiceRequest, rules: ChoiceRules, world: ChoiceWorld): PickContext {
  return {
    nowMs: world.nowMs,
    random: world.random,
    stream: request.stream,
    inputTokens: request.inputTokens,
    args: rules.strategyArgs,
  }
}

/** Only what is surely too long is left out: the rest is for the provider to judge. */
function fitsWindow({ info }: RoutedDeployment, request: ChoiceRequest, nowMs: number): boolean {
  const { maxInputTokens: most } = request
  if (info === undefined || (most !== undefined && most <= SMALL_TOKENS)) return true
  const window = info(nowMs)?.maxInputTokens
  if (window === undefined || (most !== undefined && most <= window)) return true
  return request.inputTokens() <= window * SURELY
}

/** So much fits every model. */
const SMALL_TOKENS = 4_096

/** What a model is known to be unable to do. Nothing is held against one that nobody knows. */
function missing(
  { info }: RoutedDeployment,
  needs: readonly Capability[],
  nowMs: number,
): Capability | undefined {
  const known = info?.(nowMs)
  if (known === undefined || known.capabilities.size === 0) return undefined
  return needs.find((need) => !known.capabilities.has(need))
}

/** `eu` holds for `eu-west-1`, `europe-west4` and `eu` itself. */
function isInRegion({ region }: RoutedDeployment, wanted: string): boolean {
  return region !== undefined && region.toLowerCase().startsWith(wanted.toLowerCase())
}

/** The candidates of the lowest `order`; those without one come last. */
export function lowestOrder<Deployment extends Candidate>(
  candidates: readonly Deployment[],
  note?: Note<Deployment>,
): readonly Deployment[] {
  let lowest = Number.POSITIVE_INFINITY
  for (const { order } of candidates) if (order !== undefined && order < lowest) lowest = order
  if (lowest === Number.POSITIVE_INFINITY) return candidates
  return candidates.filter((candidate) => {
    const isLowest = candidate.order === lowest
    if (!isLowest) note?.(candidate, 'later_order')
    return isLowest
  })
}
