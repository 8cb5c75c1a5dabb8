import type { Failure, FailureCode } from '../types/failure.ts'
import type { RoutedDeployment } from './choose.ts'
import { blames, judgeFailure } from './cooldown.ts'
import type { CooldownRules } from './cooldown.ts'
import { createRetryBudget } from './retry-budget.ts'
import type { RetryBudget } from './retry-budget.ts'
import { createRoomQueue } from './room-queue.ts'
import type { RoomQueue } from './room-queue.ts'
import type { DeploymentState, Measured } from './state.ts'

/** What processes tell each other about deployments. */
export interface SharedRouting {
  /** Other processes shall leave it alone, too. */
  readonly arm: (key: string, cooldown: ArmedCooldown) => void
  readonly clear: (key: string) => void
  /** Called before each choice: tells, and brings in what others have told, in the background and now and then. */
  readonly refresh: (nowMs: number) => void
}

export interface ArmedCooldown {
  readonly ms: number
  readonly code: FailureCode
  /** What the provider answered with. */
  readonly status?: number | undefined
  readonly why: string
}

/** What an operator wants to hear of. */
export type RouterEvent =
  | ({ readonly type: 'cooled_down'; readonly deployment: RoutedDeployment } & ArmedCooldown)
  | { readonly type: 'recovered'; readonly deployment: RoutedDeployment }

export interface EngineInput {
  /** Never jumps. */
  readonly nowMs: () => number
  /** From 0 up to 1. */
  readonly random: () => number
  readonly shared?: SharedRouting | undefined
  readonly onEvent?: ((event: RouterEvent) => void) | undefined
}

/** What requests have in common: a clock, a budget for retries, and who hears of what became of deployments. */
export interface RouterEngine {
  readonly nowMs: () => number
  readonly random: () => number
  readonly budget: RetryBudget
  /** Requests that wait for a deployment to have room. */
  readonly queue: RoomQueue
  readonly refresh: () => void
  /** A request goes out to a deployment. */
  readonly begin: (deployment: RoutedDeployment) => void
  /** It has answered, or has begun to. */
  readonly succeed: (deployment: RoutedDeployment) => void
  /**
   * An answer is complete, or was broken off: called once for each deployment that `route` found an answer with. Its
   * figures count for choosing.
   */
  readonly finish: (deployment: RoutedDeployment, measured: Measured) => void
  /** A call has failed; what is judged may leave the deployment alone for a while. */
  readonly fail: (deployment: RoutedDeployment, failed: FailedCall, rules: CooldownRules) => void
  /** A call has ended, and nothing can be said about its deployment: the client left, or its own limit was over. */
  readonly release: (deployment: RoutedDeployment) => void
  /** A deployment is known to answer again: what it was left alone for is over. */
  readonly recover: (deployment: RoutedDeployment) => void
}

export interface FailedCall {
  readonly error: Pick<Failure, 'code' | 'retryAfterMs' | 'providerStatus'>
  readonly groupSize: number
  /** It had answered before: `finish` is called for it, too. */
  readonly afterAnswer?: boolean | undefined
}

export function createRouterEngine({ nowMs, random, shared, onEvent }: EngineInput): RouterEngine {
  const recover = (deployment: RoutedDeployment): void => {
    const { state } = deployment
    state.cooldown = undefined
    shared?.clear(state.key)
    onEvent?.({ type: 'recovered', deployment })
  }
  const queue = createRoomQueue()
  const end = (state: DeploymentState): void => {
    state.end()
    queue.freed(state)
  }
  return {
    nowMs,
    random,
    budget: createRetryBudget(),
    queue,
    refresh: () => shared?.refresh(nowMs()),
    begin: ({ state }) => {
      const atMs = nowMs()
      state.begin(atMs)
      // Whoever is asked at the end of its time is being tried.
      if (state.cooldown !== undefined) state.cooldown.probedMs = atMs
    },
    succeed: (deployment) => {
      const { state } = deployment
      state.succeed(nowMs())
      if (state.cooldown?.probedMs !== undefined) recover(deployment)
    },
    recover,
    finish: ({ state }, measured) => {
      state.measure(measured, nowMs())
      end(state)
    },
    fail: (deployment, { error, groupSize, afterAnswer }, rules) => {
      const { state } = deployment
      const { code, retryAfterMs, providerStatus: status } = error
      const atMs = nowMs()
      if (afterAnswer !== true) end(state)
      if (!blames(code)) return
      state.fail(code === 'timeout', atMs)
      const verdict = judgeFailure({ code, retryAfterMs, groupSize }, deployment, rules, atMs)
      if (verdict === undefined) return
      const isNew = state.cooldown === undefined
      state.cooldown = { untilMs: atMs + verdict.ms, code, status, why: verdict.why }
      const armed = { ms: verdict.ms, code, status, why: verdict.why }
      shared?.arm(state.key, armed)
      if (isNew) onEvent?.({ type: 'cooled_down', deployment, ...armed })
    },
    release: ({ state }) => {
      end(state)
      // The next one tries instead.
      if (state.cooldown !== undefined) state.cooldown.probedMs = undefined
    },
  }
}
