import { createError, isSwitchyardError } from '../errors.ts'
import type { Entered, FallbackTarget, MockFailure, RouterEngine, RouterRules } from '../router/index.ts'
import { route } from '../router/index.ts'
import { choiceOf } from './choice.ts'
import type { CallDeployment } from './deployment.ts'
import { overCost, withinCost } from './deployment.ts'
import type { BareCall } from './layers.ts'
import type { ClientWorld } from './options.ts'
import { isAnswerStream } from './stream.ts'
import type { CallWatch, StreamEnd } from './watch.ts'

/** A call that may be answered by one of several. */
export interface RoutedCall {
  readonly params: Readonly<Record<string, unknown>>
  readonly watch: CallWatch
  readonly group: string
  readonly candidates: readonly CallDeployment[]
  readonly rules: RouterRules
  readonly numRetries: number | undefined
  readonly own: readonly FallbackTarget[] | undefined
  readonly disableFallbacks?: boolean | undefined
  readonly mock?: MockFailure | undefined
  readonly maxPicoUsd: bigint | undefined
  readonly tags: readonly string[]
  readonly signal: AbortSignal | undefined
  readonly enter: (target: FallbackTarget) => Entered<CallDeployment>
  /** Told when a call is over that a deployment has answered, and no cache. */
  readonly onAnswered?: ((deployment: CallDeployment) => void) | undefined
}

/**
 * Has a call answered by whom the rules choose. A stream counts as answered with its first token; what fails before it
 * is an attempt that failed.
 */
export async function callRouted(
  engine: RouterEngine,
  world: Pick<ClientWorld, 'sleep'>,
  bare: BareCall<object>,
  call: RoutedCall,
): Promise<object> {
  const { params, signal } = call
  const request = {
    model: call.group,
    candidates: affordable(call, call.candidates),
    choice: choiceOf(params, call.tags),
    rules: call.maxPicoUsd === undefined ? call.rules : fallingBackOnCost(call.rules),
    numRetries: call.numRetries,
    fallbacks: call.own,
    disableFallbacks: call.disableFallbacks,
    mock: call.mock,
  }
  return route<CallDeployment, object>(engine, request, {
    ask: (deployment, { target }) => ask(engine, bare, call, deployment, target),
    enter: (target) => {
      const entered = call.enter(target)
      if ('skipped' in entered) return entered
      return { ...entered, candidates: affordable(call, entered.candidates) }
    },
    sleep: (ms) => sleepUnlessLeft(world, ms, signal),
    leftMs: () => Number.POSITIVE_INFINITY,
    isOver: () => signal?.aborted === true,
    isBlameless: ({ code }) => code === 'aborted' || code === 'budget_exceeded' || code === 'unknown_price',
    // The watch has noted each attempt, with where it went.
    onAttempt: () => undefined,
  })
}

/** Those that the money reaches; where it reaches nobody, the failure of the first says so. */
function affordable(call: RoutedCall, candidates: readonly CallDeployment[]): readonly CallDeployment[] {
  const { maxPicoUsd, watch, params } = call
  if (maxPicoUsd === undefined) return candidates
  const { callType } = watch.record
  const within = candidates.filter((one) => overCost(callType, params, one, maxPicoUsd) === undefined)
  return within.length > 0 ? within : candidates.slice(0, 1)
}

/** A model that is too dear is no failure that general fallbacks are for, unless the caller has set the price. */
function fallingBackOnCost(rules: RouterRules): RouterRules {
  const { fallbacks } = rules
  return fallbacks.budget.size > 0
    ? rules
    : { ...rules, fallbacks: { ...fallbacks, budget: fallbacks.general } }
}

async function ask(
  engine: RouterEngine,
  bare: BareCall<object>,
  call: RoutedCall,
  deployment: CallDeployment,
  target: FallbackTarget | undefined,
): Promise<object> {
  const { watch, maxPicoUsd } = call
  const given = { ...deployment.apply(call.params), ...target?.params, model: deployment.model }
  const params =
    maxPicoUsd === undefined ? given : withinCost(watch.record.callType, given, deployment, maxPicoUsd)
  const beganMs = engine.nowMs()
  const finish = (end?: StreamEnd): void => {
    const { usage, firstTokenMs, startMs, cacheHit } = watch.record
    // What a cache has answered says nothing about how fast the deployment is, or how busy.
    if (cacheHit === true) return engine.finish(deployment, {})
    engine.finish(deployment, {
      durationMs: end?.left === true ? undefined : engine.nowMs() - beganMs,
      firstTokenMs: firstTokenMs === undefined ? undefined : firstTokenMs - startMs,
      outputTokens: usage?.outputTokens,
      totalTokens: usage === undefined ? undefined : usage.inputTokens + usage.outputTokens,
    })
    if (end?.left !== true && end?.error === undefined && watch.record.failure === undefined)
      watch.onOver = () => call.onAnswered?.(deployment)
  }
  const place = { modelId: deployment.modelId, modelGroup: deployment.modelId && deployment.group }
  const answer = await bare(params, {
    ...watch,
    place,
    patient: true,
    onStreamEnd: (end) => {
      const { failure } = watch.record
      if (failure !== undefined)
        engine.fail(
          deployment,
          { error: createError(failure), groupSize: call.candidates.length, afterAnswer: true },
          call.rules.cooldowns,
        )
      finish(end)
      watch.onStreamEnd?.(end)
    },
  })
  if (!isAnswerStream(answer)) finish()
  return answer
}

async function sleepUnlessLeft(
  world: Pick<ClientWorld, 'sleep'>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await world.sleep(ms, signal)
  } catch (error) {
    if (isSwitchyardError(error)) throw error
    throw createError({
      code: 'aborted',
      message: 'The caller left while the call waited to be tried again',
      cause: error,
    })
  }
}
