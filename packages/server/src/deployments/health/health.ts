import { blames } from '@switchyard/llm/kit'
import type { FailureCode, RouterEngine } from '@switchyard/llm/kit'
import type { HealthSettings } from '../../config/index.ts'
import type { Deployment } from '../deployments.ts'
import { probe } from './probe.ts'
import type { HealthCheck, ProbeContext } from './probe.ts'

/** Who answers: looked at in the background, and when somebody asks. */
export interface Health {
  /** Asks these for a few tokens each, some at a time, and keeps what became of it. */
  readonly check: (deployments: readonly Deployment[]) => Promise<readonly HealthCheck[]>
  /** The last check of a deployment. */
  readonly latest: (deploymentId: string) => HealthCheck | undefined
  /** The last checks of all, the newest first. */
  readonly history: () => readonly HealthCheck[]
  /** Begins to look at all deployments now and then, where the configuration says so. */
  readonly start: () => void
  readonly stop: () => void
}

export interface HealthInput extends ProbeContext {
  readonly settings: HealthSettings
  readonly deployments: { readonly all: () => readonly Deployment[] }
  readonly engine: Pick<RouterEngine, 'recover'>
  /** Runs something later; what it gives takes it back. The process does not wait for it. */
  readonly later: (ms: number, run: () => void) => () => void
}

/** Checks that are remembered. */
const MAX_HISTORY = 1_000

export function createHealth(input: HealthInput): Health {
  const { settings, deployments, engine, later } = input
  const history: HealthCheck[] = []
  const latest = new Map<string, HealthCheck>()
  const expiries = new Map<string, () => void>()
  let cancel: (() => void) | undefined
  let isRunning = false

  const keep = (check: HealthCheck): void => {
    const { id, state } = check.deployment
    history.unshift(check)
    if (history.length > MAX_HISTORY) history.pop()
    latest.delete(id)
    latest.set(id, check)
    if (latest.size > MAX_HISTORY) latest.delete(latest.keys().next().value ?? '')
    const { code: left } = state.cooldown ?? {}
    // Somebody has put its credentials right.
    if (check.error === undefined && isRefusal(left)) engine.recover(check.deployment)
    if (!settings.routes) return
    const verdict = verdictOf(check, settings)
    if (verdict === 'unclear') return
    expiries.get(id)?.()
    expiries.delete(id)
    state.unhealthy = verdict === 'well' ? undefined : check.error
    if (verdict === 'well' || settings.staleMs === undefined) return
    // What was found long ago is no reason any more.
    expiries.set(
      id,
      later(settings.staleMs, () => {
        expiries.delete(id)
        state.unhealthy = undefined
      }),
    )
  }

  const check = async (asked: readonly Deployment[]): Promise<readonly HealthCheck[]> => {
    const results: HealthCheck[] = []
    const queue = asked.entries()
    const work = async (): Promise<void> => {
      for (const [index, deployment] of queue) {
        const result = await probe(deployment, input)
        results[index] = result
        keep(result)
      }
    }
    await Promise.all(Array.from({ length: Math.min(settings.concurrency, asked.length) }, work))
    return results
  }

  const round = async (): Promise<void> => {
    await check(deployments.all().filter(isWatched))
    if (isRunning) cancel = later(settings.intervalMs, () => void round())
  }

  return {
    check,
    latest: (id) => latest.get(id),
    history: () => history,
    start: () => {
      if (!settings.background || isRunning) return
      isRunning = true
      void round()
    },
    stop: () => {
      isRunning = false
      cancel?.()
    },
  }
}

/** What a check says about asking a deployment. */
function verdictOf(
  { error, code }: HealthCheck,
  { ignoresTransient }: HealthSettings,
): 'well' | 'ill' | 'unclear' {
  if (error === undefined) return 'well'
  if (code === undefined) return 'ill'
  // That a few tokens are refused says nothing about other requests; that a limit is reached may pass at once.
  if (!blames(code)) return 'unclear'
  return ignoresTransient && TRANSIENT.has(code) ? 'unclear' : 'ill'
}

const TRANSIENT: ReadonlySet<FailureCode> = new Set<FailureCode>(['rate_limit', 'timeout'])

function isRefusal(code: FailureCode | undefined): boolean {
  return code === 'authentication' || code === 'permission_denied'
}

function isWatched({ place, config: { modelInfo } }: Deployment): boolean {
  return place.type === 'provider' && modelInfo['disable_background_health_check'] !== true
}
