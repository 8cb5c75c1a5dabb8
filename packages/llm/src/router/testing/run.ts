import { createError, isSwitchyardError } from '../../errors.ts'
import type { SwitchyardError } from '../../errors.ts'
import type { FailureCode } from '../../types/failure.ts'
import type { ChoiceRequest, RoutedDeployment } from '../choose.ts'
import { createRouterEngine } from '../engine.ts'
import type { RouterEngine, RouterEvent, SharedRouting } from '../engine.ts'
import type { RouterOptions } from '../options.ts'
import { readRules } from '../read-rules.ts'
import { route } from '../run.ts'
import type { Attempt, RouteRequest } from '../run.ts'
import { candidateOf } from './candidates.ts'

/** What each asking comes to; the last word holds for all that follow. */
export type Script = Readonly<Record<string, readonly Step[]>>
export type Step =
  | FailureCode
  | 'answer'
  | 'bug'
  | { code: FailureCode; retryAfterMs?: number; reason?: string }

/** Several groups of deployments with a clock of their own, asked one request after the other. */
export interface World {
  nowMs: number
  readonly engine: RouterEngine
  readonly events: RouterEvent[]
  readonly groups: Map<string, RoutedDeployment[]>
  /** Who was asked, `later` after a wait. */
  readonly asked: string[]
  readonly attempts: Attempt<RoutedDeployment>[]
  readonly skipped: string[]
  send: (model: string, more?: Partial<RouteRequest<RoutedDeployment>>) => Promise<string>
}

export interface WorldInput {
  readonly groups: Readonly<Record<string, readonly (string | RoutedDeployment)[]>>
  readonly script?: Script
  readonly options?: RouterOptions
  readonly random?: () => number
  readonly leftMs?: number
  readonly shared?: SharedRouting
  readonly isBilled?: () => boolean
  /** Fallbacks that may not be entered. */
  readonly closed?: readonly string[]
  /** Told what a request fails with. */
  readonly onFailure?: (error: SwitchyardError) => void
}

export const CHOICE: ChoiceRequest = { stream: false, tags: [], inputTokens: () => 10 }

export function worldOf({
  groups,
  script = {},
  options = {},
  random = () => 0,
  leftMs = 600_000,
  shared,
  isBilled,
  closed = [],
  onFailure,
}: WorldInput): World {
  const events: RouterEvent[] = []
  const counts = new Map<string, number>()
  const rules = readRules(options)
  const world: World = {
    nowMs: 0,
    events,
    groups: new Map(
      Object.entries(groups).map(([name, members]) => [
        name,
        members.map((one) => (typeof one === 'string' ? candidateOf(one) : one)),
      ]),
    ),
    asked: [],
    attempts: [],
    skipped: [],
    engine: createRouterEngine({
      nowMs: () => world.nowMs,
      random,
      shared,
      onEvent: (event) => events.push(event),
    }),
    send: async (model, more = {}) => {
      let waited = false
      const request: RouteRequest<RoutedDeployment> = {
        model,
        candidates: world.groups.get(model) ?? [],
        choice: CHOICE,
        rules,
        ...more,
      }
      return await route(world.engine, request, {
        ask: async (deployment) => {
          world.asked.push(waited ? `${deployment.id} later` : deployment.id)
          const steps = script[deployment.id] ?? ['answer']
          const count = counts.get(deployment.id) ?? 0
          counts.set(deployment.id, count + 1)
          const step = steps[Math.min(count, steps.length - 1)] ?? 'answer'
          if (step === 'answer') return deployment.id
          if (step === 'bug') throw new TypeError('a bug')
          const init = typeof step === 'string' ? { code: step } : step
          throw createError({ message: `${deployment.id} failed`, provider: 'example', ...init })
        },
        enter: ({ model: name }) => {
          const candidates = world.groups.get(name)
          if (candidates === undefined || closed.includes(name)) return { skipped: 'closed' }
          return { candidates }
        },
        sleep: (ms) => {
          world.nowMs += ms
          waited = true
          return Promise.resolve()
        },
        leftMs: () => leftMs - world.nowMs,
        isOver: () => world.nowMs >= leftMs,
        isBilled,
        onAttempt: (attempt) => {
          world.attempts.push(attempt)
          if (attempt.error === undefined) world.engine.finish(attempt.deployment, {})
        },
        onFallback: ({ model: name }, skipped) => {
          if (skipped !== undefined) world.skipped.push(name)
        },
      }).catch((error: unknown) => {
        if (isSwitchyardError(error)) onFailure?.(error)
        return error instanceof Error ? error.name : String(error)
      })
    },
  }
  return world
}
