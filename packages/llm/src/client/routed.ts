import { createError, isSwitchyardError } from '../errors.ts'
import type { RouterEngine, RouterRules } from '../router/index.ts'
import { route } from '../router/index.ts'
import { askOne } from './ask-one.ts'
import type { RoutedCall, Search } from './ask-one.ts'
import { choiceOf } from './choice.ts'
import type { CallDeployment } from './deployment.ts'
import { overCost } from './deployment.ts'
import { goingOn } from './go-on.ts'
import type { Find } from './go-on.ts'
import type { BareCall } from './layers.ts'
import type { ClientWorld } from './options.ts'

/**
 * Has a call answered by whom the rules choose. A stream counts as answered with its first token; what fails before it
 * is an attempt that failed. With `mid_stream_fallback: continue` one that breaks later is gone on with by others.
 */
export async function callRouted(
  engine: RouterEngine,
  world: Pick<ClientWorld, 'sleep' | 'nowMs'>,
  bare: BareCall<object>,
  call: RoutedCall,
): Promise<object> {
  const search: Search = { engine, world, bare, call }
  const { watch } = call
  if (!call.rules.continuesStreams)
    return find(search, call.candidates, (deployment, target) => askOne(search, watch, deployment, target))
  return find(search, call.candidates, (deployment, target) =>
    askOne(search, watch, deployment, target, goingOn(search, deployment, find)),
  )
}

/** Looks for an answer among these, then among the fallbacks. */
const find: Find = ({ engine, world, call }, candidates, ask) => {
  const { params, signal } = call
  const request = {
    model: call.group,
    candidates: affordable(call, candidates),
    choice: choiceOf(params, call.tags),
    rules: call.maxPicoUsd === undefined ? call.rules : fallingBackOnCost(call.rules),
    numRetries: call.numRetries,
    fallbacks: call.own,
    disableFallbacks: call.disableFallbacks,
    mock: call.mock,
  }
  return route<CallDeployment, object>(engine, request, {
    ask: (deployment, { target }) => ask(deployment, target),
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
