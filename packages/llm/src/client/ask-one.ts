import { createError } from '../errors.ts'
import type { Entered, FallbackTarget, MockFailure, RouterEngine, RouterRules } from '../router/index.ts'
import type { Failure } from '../types/failure.ts'
import type { CallDeployment } from './deployment.ts'
import { withinCost } from './deployment.ts'
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

/** What looking for an answer needs. */
export interface Search {
  readonly engine: RouterEngine
  readonly world: Pick<ClientWorld, 'sleep' | 'nowMs'>
  readonly bare: BareCall<object>
  readonly call: RoutedCall
}

/** Asks one deployment once, and tells the engine how its answer came to its end. */
export async function askOne(
  { engine, bare, call }: Search,
  watch: CallWatch,
  deployment: CallDeployment,
  target: FallbackTarget | undefined,
  goOn?: CallWatch['goOn'],
): Promise<object> {
  const { record } = watch
  const { maxPicoUsd } = call
  const given = { ...deployment.apply(call.params), ...target?.params, model: deployment.model }
  const params = maxPicoUsd === undefined ? given : withinCost(record.callType, given, deployment, maxPicoUsd)
  const beganMs = engine.nowMs()
  let isOver = false
  const fail = (failure: Failure): void =>
    engine.fail(
      deployment,
      { error: createError(failure), groupSize: call.candidates.length, afterAnswer: true },
      call.rules.cooldowns,
    )
  const finish = (end?: StreamEnd): void => {
    isOver = true
    const { usage, firstTokenMs, startMs, cacheHit } = record
    // What a cache has answered says nothing about how fast the deployment is, or how busy.
    if (cacheHit === true) return engine.finish(deployment, {})
    engine.finish(deployment, {
      durationMs: end?.left === true ? undefined : engine.nowMs() - beganMs,
      firstTokenMs: firstTokenMs === undefined ? undefined : firstTokenMs - startMs,
      outputTokens: usage?.outputTokens,
      totalTokens: usage === undefined ? undefined : usage.inputTokens + usage.outputTokens,
    })
    if (end?.left !== true && end?.error === undefined && record.failure === undefined)
      watch.onOver = () => call.onAnswered?.(deployment)
  }
  const place = { modelId: deployment.modelId, modelGroup: deployment.modelId && deployment.group }
  const answer = await bare(params, {
    ...watch,
    place,
    patient: true,
    goOn:
      goOn === undefined
        ? undefined
        : (broken) => {
            // Those that go on with it are told of by themselves.
            if (!isOver) {
              isOver = true
              fail(broken.failure)
              engine.finish(deployment, {})
            }
            return goOn(broken)
          },
    onStreamEnd: (end) => {
      if (!isOver) {
        if (record.failure !== undefined) fail(record.failure)
        finish(end)
      }
      watch.onStreamEnd?.(end)
    },
  })
  if (!isAnswerStream(answer)) finish()
  return answer
}
