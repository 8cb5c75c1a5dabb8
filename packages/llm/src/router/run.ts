import { createError, isSwitchyardError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import { retryDelayMs } from './back-off.ts'
import type { ChoiceRequest, ChoiceRules, RoutedDeployment } from './choose.ts'
import { choose } from './choose.ts'
import { mayAsk, remainingMs } from './cooldown.ts'
import type { RouterEngine } from './engine.ts'
import { fallbacksFor } from './fallback.ts'
import type { FallbackTarget } from './fallback.ts'
import { mockFailure } from './mock-failure.ts'
import type { MockFailure } from './mock-failure.ts'
import { isDeploymentFault, isStateElsewhere, mayFailOver, retriesFor } from './retry.ts'
import { choiceRulesOf } from './rules.ts'
import type { RouterRules } from './rules.ts'
import { nobodyAvailable } from './unavailable.ts'

/** A request that looks for an answer. */
export interface RouteRequest<Deployment extends RoutedDeployment> {
  /** The model group it asks for. */
  readonly model: string
  /** The deployments of the group. */
  readonly candidates: readonly Deployment[]
  readonly choice: ChoiceRequest
  readonly rules: RouterRules
  /** `num_retries` of the request. */
  readonly numRetries?: number | undefined
  /** The request's own fallbacks. */
  readonly fallbacks?: readonly FallbackTarget[] | undefined
  readonly disableFallbacks?: boolean | undefined
  readonly mock?: MockFailure | undefined
  /** Its place among those that wait for room: 0 comes first, those without one last. */
  readonly priority?: number | undefined
}

/** Where in its search a request is. */
export interface Place {
  readonly group: string
  /** What led here, where it is not the group that was asked for. */
  readonly target?: FallbackTarget | undefined
  /** How many fallbacks deep. */
  readonly depth: number
}

/** One call to one deployment. */
export interface Attempt<Deployment> {
  readonly deployment: Deployment
  readonly group: string
  readonly why: AttemptReason
  readonly ms: number
  /** How it failed; `undefined` for the one that answered. */
  readonly error?: SwitchyardError | undefined
}

/** What made a deployment the one to ask: a choice among several, being the only one, or a failure before. */
export type AttemptReason = 'picked' | 'only_one' | 'failover' | 'retry' | 'fallback' | 'probe'

/** A group to fall back to, ready to be asked, or why it is not asked. */
export type Entered<Deployment> =
  | { readonly candidates: readonly Deployment[]; readonly choice?: ChoiceRequest | undefined }
  | { readonly skipped: string }

/** What the search needs of whoever runs it. */
export interface RouteIo<Deployment extends RoutedDeployment, Answer> {
  /**
   * Asks one deployment once.
   *
   * @throws one of our errors; anything else ends the search.
   */
  ask: (deployment: Deployment, place: Place, why: AttemptReason) => Answer | Promise<Answer>
  /** Makes a fallback ready: finds its deployments, and whether they may be asked. */
  enter: (target: FallbackTarget) => Entered<Deployment> | Promise<Entered<Deployment>>
  /** Waits, but not beyond the end of the request. */
  sleep: (ms: number) => Promise<void>
  /** Until the request's own deadline. */
  leftMs: () => number
  /** The client has left, or the request's own deadline is over: nobody else is asked. */
  isOver: () => boolean
  /** Told once, when the request is over. Left out: it does not wait for deployments to have room. */
  onOver?: ((callback: () => void) => void) | undefined
  /** Whether a failure says nothing about the deployment, because the request itself was over. */
  isBlameless?: ((error: SwitchyardError) => boolean) | undefined
  /** Whether the provider takes money for what failed: then nobody else is asked, unless the rules say so. */
  isBilled?: ((error: SwitchyardError) => boolean) | undefined
  /** Told of every call, in order. */
  onAttempt?: ((attempt: Attempt<Deployment>) => void) | undefined
  /** Told of every fallback that was begun or skipped. */
  onFallback?: ((target: FallbackTarget, skipped: string | undefined) => void) | undefined
}

/**
 * Finds an answer: in the group that was asked for, sibling after sibling and again after a wait, then in the groups
 * that it falls back to, each with retries and fallbacks of its own.
 *
 * `engine.finish` has to be called for the deployment that answered when its answer is complete.
 *
 * @throws the first group's failure when nobody answers.
 */
export async function route<Deployment extends RoutedDeployment, Answer>(
  engine: RouterEngine,
  request: RouteRequest<Deployment>,
  io: RouteIo<Deployment, Answer>,
): Promise<Answer> {
  engine.refresh()
  const place: Place = { group: request.model, depth: 0 }
  try {
    if (request.mock !== undefined) throw mockFailure(request.mock, request.model)
    return await askGroup(engine, request, io, place, request.candidates, request.choice)
  } catch (error) {
    if (!isSwitchyardError(error) || request.disableFallbacks === true || io.isOver()) throw error
    if (isPaidOnce(error, request.rules, io)) throw error
    const { fallbacks, maxDepth } = fallbackPlan(request)
    return await fallBack(engine, request, io, { place, error, own: fallbacks, maxDepth, seen: new Set() })
  }
}

function fallbackPlan<Deployment extends RoutedDeployment>({
  fallbacks,
  rules,
}: RouteRequest<Deployment>): {
  fallbacks: readonly FallbackTarget[] | undefined
  maxDepth: number
} {
  return { fallbacks, maxDepth: rules.fallbacks.maxDepth }
}

interface Failed {
  readonly place: Place
  readonly error: SwitchyardError
  /** The client's own list; it replaces every other. */
  readonly own: readonly FallbackTarget[] | undefined
  readonly maxDepth: number
  /** Groups that have been asked: none is asked twice. */
  readonly seen: Set<string>
}

async function fallBack<Deployment extends RoutedDeployment, Answer>(
  engine: RouterEngine,
  request: RouteRequest<Deployment>,
  io: RouteIo<Deployment, Answer>,
  { place, error, own, maxDepth, seen }: Failed,
): Promise<Answer> {
  seen.add(place.group)
  const targets = place.depth < maxDepth ? fallbacksFor(error, place.group, request.rules.fallbacks, own) : []
  const tried: string[] = []
  for (const target of targets) {
    if (io.isOver()) break
    if (seen.has(target.model) && target.params === undefined) continue
    const entering = io.enter(target)
    const entered = entering instanceof Promise ? await entering : entering
    if ('skipped' in entered) {
      io.onFallback?.(target, entered.skipped)
      continue
    }
    io.onFallback?.(target, undefined)
    seen.add(target.model)
    tried.push(target.model)
    const next: Place = { group: target.model, target, depth: place.depth + 1 }
    try {
      return await askGroup(engine, request, io, next, entered.candidates, entered.choice ?? request.choice)
    } catch (failure) {
      if (!isSwitchyardError(failure) || io.isOver()) throw failure
      if (isPaidOnce(failure, request.rules, io)) throw failure
      try {
        // The client's list is for the group it asked for; those it names have their own.
        return await fallBack(engine, request, io, {
          place: next,
          error: failure,
          own: undefined,
          maxDepth,
          seen,
        })
      } catch (last) {
        if (!isSwitchyardError(last) || io.isOver() || isPaidOnce(last, request.rules, io)) throw last
      }
    }
  }
  throw tried.length === 0 ? error : withFallbacks(error, place.group, tried)
}

/** LiteLLM's words. */
function withFallbacks(error: SwitchyardError, group: string, tried: readonly string[]): SwitchyardError {
  return createError({
    ...error.toFailure(),
    message: `${error.message} Received Model Group=${group}. Available Model Group Fallbacks=${JSON.stringify(tried)}: each of them failed, too.`,
    cause: error,
  })
}

async function askGroup<Deployment extends RoutedDeployment, Answer>(
  engine: RouterEngine,
  request: RouteRequest<Deployment>,
  io: RouteIo<Deployment, Answer>,
  place: Place,
  candidates: readonly Deployment[],
  choice: ChoiceRequest,
): Promise<Answer> {
  const { rules } = request
  const { group } = place
  const choosing = choiceRulesOf(rules, group)
  engine.budget.earn(group, engine.nowMs())
  const first =
    choose(candidates, choice, choosing, worldOf(engine)) ??
    (await whenRoom(engine, request, io, candidates, choice, choosing))
  if (first === undefined) throw nobodyAvailable(group, candidates, choice, choosing, worldOf(engine))
  let deployment = first
  let why = firstReason(first, place, candidates.length)
  let search: Search<Deployment> | undefined
  for (;;) {
    const startedMs = engine.nowMs()
    engine.begin(deployment)
    try {
      const asking = io.ask(deployment, place, why)
      const answer = asking instanceof Promise ? await asking : asking
      engine.succeed(deployment)
      io.onAttempt?.({ deployment, group, why, ms: engine.nowMs() - startedMs })
      return answer
    } catch (error) {
      if (!isSwitchyardError(error)) {
        engine.release(deployment)
        throw error
      }
      io.onAttempt?.({ deployment, group, why, ms: engine.nowMs() - startedMs, error })
      if (io.isBlameless?.(error) === true) engine.release(deployment)
      else engine.fail(deployment, { error, groupSize: candidates.length }, rules.cooldowns)
      if (io.isOver()) throw withWait(error, candidates, engine.nowMs())
      search ??= { group, candidates, choice, choosing, tried: [], faulty: [], retries: 0 }
      const isPaid = isPaidOnce(error, rules, io)
      const next = nextAfter(error, deployment, search, engine, request, isPaid)
      if (next.waits) await waitBeforeRetry(error, search.retries - 1, rules.retries.minWaitMs, engine, io)
      why = next.waits ? 'retry' : 'failover'
      deployment = next.deployment
    }
  }
}

/** The first deployment that has room again, where all that could be asked have as many requests as they may. */
async function whenRoom<Deployment extends RoutedDeployment, Answer>(
  engine: RouterEngine,
  { rules, priority = rules.defaultPriority }: RouteRequest<Deployment>,
  io: RouteIo<Deployment, Answer>,
  candidates: readonly Deployment[],
  choice: ChoiceRequest,
  choosing: ChoiceRules,
): Promise<Deployment | undefined> {
  if (io.onOver === undefined || !isBusy(engine, candidates, choice, choosing)) return undefined
  const waiter = engine.queue.join(candidates, priority)
  io.onOver(waiter.wake)
  let found: Deployment | undefined
  while (found === undefined && !io.isOver() && isBusy(engine, candidates, choice, choosing)) {
    await waiter.turn()
    if (!io.isOver()) found = choose(candidates, choice, choosing, worldOf(engine))
  }
  waiter.leave(found === undefined)
  return found
}

function isBusy<Deployment extends RoutedDeployment>(
  engine: RouterEngine,
  candidates: readonly Deployment[],
  choice: ChoiceRequest,
  choosing: ChoiceRules,
): boolean {
  let busy = false
  choose(candidates, choice, choosing, worldOf(engine), (_deployment, why) => {
    busy ||= why === 'busy'
  })
  return busy
}

function firstReason(first: RoutedDeployment, { depth }: Place, count: number): AttemptReason {
  if (first.state.cooldown !== undefined) return 'probe'
  if (depth > 0) return 'fallback'
  return count === 1 ? 'only_one' : 'picked'
}

/** What a group's search has come to so far. */
interface Search<Deployment> {
  readonly group: string
  readonly candidates: readonly Deployment[]
  readonly choice: ChoiceRequest
  readonly choosing: ChoiceRules
  readonly tried: Deployment[]
  /** Those that asking again will not mend. */
  readonly faulty: Deployment[]
  retries: number
}

/**
 * Who is asked after a failure: a sibling that has not been, at once; else one that may do better now, after a wait.
 *
 * @throws the failure, where nobody is.
 */
function nextAfter<Deployment extends RoutedDeployment>(
  error: SwitchyardError,
  failed: Deployment,
  search: Search<Deployment>,
  engine: RouterEngine,
  request: RouteRequest<Deployment>,
  isPaid: boolean,
): { deployment: Deployment; waits: boolean } {
  const { rules, numRetries } = request
  const { group, candidates, choice, choosing, tried, faulty } = search
  tried.push(failed)
  const untried = choose(candidates, choice, choosing, worldOf(engine), undefined, tried)
  if (isStateElsewhere(error)) {
    if (untried === undefined) throw error
    return { deployment: untried, waits: false }
  }
  const own = { request: numRetries, deployment: failed.numRetries }
  const allowance = retriesFor(error, group, rules.retries, own)
  if (!allowance.byPolicy && (isPaid || !mayFailOver(error)))
    throw withWait(error, candidates, engine.nowMs())
  if (isDeploymentFault(error)) faulty.push(failed)
  const next = untried ?? choose(candidates, choice, choosing, worldOf(engine), undefined, faulty)
  // With weighted failover each sibling, and each level of `order`, has its turn before another group has.
  const isDue =
    untried !== undefined &&
    (rules.weightedFailover || (untried.order !== failed.order && mayFallBack(error, search, request)))
  if (next === undefined || (search.retries >= allowance.retries && !isDue))
    throw withWait(error, candidates, engine.nowMs())
  // One that answered when it was asked last is no part of an outage.
  if (next.state.failuresInRow > 0 && !engine.budget.take(group, engine.nowMs()))
    throw withWait(error, candidates, engine.nowMs())
  search.retries++
  return { deployment: next, waits: untried === undefined }
}

/** Money has gone for an answer that is none, and the rules do not say to spend more. */
function isPaidOnce<Deployment extends RoutedDeployment, Answer>(
  error: SwitchyardError,
  { retries }: RouterRules,
  io: RouteIo<Deployment, Answer>,
): boolean {
  return !retries.retryBilled && io.isBilled?.(error) === true
}

function worldOf({ nowMs, random }: RouterEngine): { nowMs: number; random: () => number } {
  return { nowMs: nowMs(), random }
}

function mayFallBack<Deployment extends RoutedDeployment>(
  error: SwitchyardError,
  { group }: Search<Deployment>,
  { rules, fallbacks, disableFallbacks }: RouteRequest<Deployment>,
): boolean {
  return disableFallbacks !== true && fallbacksFor(error, group, rules.fallbacks, fallbacks).length > 0
}

/** Where all are left alone from now on, the client hears when the first of them is to be asked again. */
function withWait(
  error: SwitchyardError,
  candidates: readonly RoutedDeployment[],
  nowMs: number,
): SwitchyardError {
  if (!error.retryable) return error
  let waitMs = Number.POSITIVE_INFINITY
  for (const { state } of candidates) {
    if (mayAsk(state, nowMs)) return error
    waitMs = Math.min(waitMs, remainingMs(state, nowMs))
  }
  return createError({ ...error.toFailure(), retryAfterMs: waitMs, cause: error.cause })
}

async function waitBeforeRetry<Deployment extends RoutedDeployment, Answer>(
  error: SwitchyardError,
  attempt: number,
  minWaitMs: number,
  { random }: RouterEngine,
  io: RouteIo<Deployment, Answer>,
): Promise<void> {
  const delayMs = Math.max(minWaitMs, retryDelayMs(attempt, error.retryAfterMs, random()))
  // Waiting past the request's own end helps nobody.
  if (delayMs >= io.leftMs()) throw error
  await io.sleep(delayMs)
  if (io.isOver()) throw error
}
