import { isSwitchyardError } from '@switchyard/llm/kit'
import type { AuthContext, FailureCode, ResolvedTarget } from '@switchyard/llm/kit'
import type { Logger } from 'pino'
import { askForLittle, probedMode } from '../ask-for-little.ts'
import type { Deployment } from '../deployments.ts'

/** How a deployment did when it was asked for a few tokens. */
export interface HealthCheck {
  readonly deployment: Deployment
  /** Unix time. */
  readonly atMs: number
  readonly durationMs: number
  /** What was wrong, in words; left out: it answered. */
  readonly error?: string | undefined
  readonly code?: FailureCode | undefined
}

export interface ProbeContext {
  readonly auth: AuthContext
  readonly newId: () => string
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  readonly log: Pick<Logger, 'error'>
}

const PROBE_MS = 10_000

/** Asks a deployment for a few tokens. What answers inside this process is well as long as the process is. */
export async function probe(deployment: Deployment, context: ProbeContext): Promise<HealthCheck> {
  const { id, place, config } = deployment
  const { auth, newId, nowMs, monotonicMs, log } = context
  const startedMs = monotonicMs()
  const done = (failure?: Pick<HealthCheck, 'error' | 'code'>): HealthCheck => ({
    deployment,
    atMs: nowMs(),
    durationMs: monotonicMs() - startedMs,
    ...failure,
  })
  if (place.type !== 'provider') return done()
  const { modelInfo } = config
  const mode = probedMode(modelInfo['mode'], deployment.info()?.mode)
  const seconds = modelInfo['health_check_timeout']
  const totalMs = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : PROBE_MS
  try {
    await askForLittle(probedTarget(place.resolved, modelInfo['health_check_model']), mode, {
      auth,
      newId,
      totalMs,
    })
    return done()
  } catch (error) {
    if (isSwitchyardError(error)) return done({ error: error.message, code: error.code })
    log.error({ error, deployment: id }, 'a probe failed unexpectedly')
    return done({ error: 'The probe failed; the log has the details.', code: 'internal' })
  }
}

/** `model_info.health_check_model`: another model of the same provider, with or without its name before it. */
function probedTarget(resolved: ResolvedTarget, model: unknown): ResolvedTarget {
  if (typeof model !== 'string' || model === '') return resolved
  const prefix = `${resolved.provider.id}/`
  const bare = model.startsWith(prefix) ? model.slice(prefix.length) : model
  return { ...resolved, target: { ...resolved.target, model: bare } }
}
