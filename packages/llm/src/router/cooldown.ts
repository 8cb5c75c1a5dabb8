import type { FailureCode } from '../types/failure.ts'
import type { ClassCounts } from './failure-class.ts'
import { countFor } from './failure-class.ts'
import type { DeploymentState } from './state.ts'

/** Why and until when a deployment is not asked. */
export interface Cooldown {
  /** By the engine's clock. */
  untilMs: number
  readonly code: FailureCode
  /** What the provider answered with. */
  readonly status?: number | undefined
  /** In words: for logs and explanations. */
  readonly why: string
  /** When the last request was let through to see whether it answers again. */
  probedMs?: number | undefined
}

/** What a deployment itself says about cooling down. */
export interface CoolingDeployment {
  readonly state: DeploymentState
  readonly cooldownMs?: number | undefined
  readonly allowedFails?: number | undefined
  readonly allowedFailsPolicy?: ClassCounts | undefined
}

export interface CooldownRules {
  readonly disabled: boolean
  /** For deployments that do not say otherwise, where the provider asks for no time of its own. */
  readonly cooldownMs: number
  /** Left out, with `allowedFailsPolicy`: the default mode. */
  readonly allowedFails?: number | undefined
  readonly allowedFailsPolicy?: ClassCounts | undefined
}

/** A failure, as far as it says something about the deployment. */
export interface FailureFacts {
  readonly code: FailureCode
  readonly retryAfterMs?: number | undefined
  /** Deployments of the group, this one included. */
  readonly groupSize: number
}

/** For how long, and why; `undefined` when it goes on being asked. */
export interface Verdict {
  readonly ms: number
  readonly why: string
}

export const DEFAULT_COOLDOWN_MS = 5_000
/** The longest wait that a provider may ask for. */
const MAX_RETRY_AFTER_MS = 300_000
/** A wrong key stays wrong until somebody acts; now and then it is tried whether they have. */
const DISABLED_MS = 600_000
/** The same for one that nobody stands in for. */
const DISABLED_ALONE_MS = 60_000
/** Refusals in a row after which permission is taken to be missing for everything, not for one request. */
const DENIALS = 3
/** LiteLLM's figures of the default mode. */
const MIN_REQUESTS = 5
const MANY_REQUESTS = 1_000
const DEFAULT_ALLOWED_FAILS = 3
/** A probe that takes longer lets another one through. */
const PROBE_EVERY_MS = 1_000

/** Failures that are the request's own, or nobody's: they say nothing about the deployment. */
const BLAMELESS: ReadonlySet<FailureCode> = new Set([
  'bad_request',
  'context_window_exceeded',
  'content_policy_violation',
  'unsupported_params',
  'unknown_provider',
  'unprocessable',
  'budget_exceeded',
  'unknown_price',
  'aborted',
])

/** Whether a failure counts against its deployment at all. */
export function blames(code: FailureCode): boolean {
  return !BLAMELESS.has(code)
}

/**
 * Whether a deployment is left alone after a failure, which its state has counted already. Without `allowed_fails`
 * and `allowed_fails_policy` it is LiteLLM's default mode: 429 where there are siblings, most of this minute's
 * requests, a missing model. Refused credentials disable it in either mode.
 */
export function judgeFailure(
  { code, retryAfterMs, groupSize }: FailureFacts,
  deployment: CoolingDeployment,
  rules: CooldownRules,
  nowMs: number,
): Verdict | undefined {
  const { state } = deployment
  if (rules.disabled || deployment.cooldownMs === 0 || !blames(code)) return undefined
  const ms = durationOf(retryAfterMs, deployment, rules)
  const disabled = disabledBy(code, state)
  if (disabled !== undefined) {
    const disabledMs = groupSize > 1 ? DISABLED_MS : DISABLED_ALONE_MS
    return { ms: Math.max(ms, disabledMs), why: disabled }
  }
  if (state.cooldown !== undefined) return { ms, why: 'it failed again' }
  const allowed = allowedFails(code, deployment, rules)
  const why =
    allowed === undefined
      ? whyByDefault(code, state, groupSize, nowMs)
      : whyByCount(allowed, state.countFailure(rules.cooldownMs, nowMs))
  return why === undefined ? undefined : { ms, why }
}

function durationOf(
  retryAfterMs: number | undefined,
  { cooldownMs }: CoolingDeployment,
  rules: CooldownRules,
): number {
  if (cooldownMs !== undefined) return cooldownMs
  if (retryAfterMs !== undefined && retryAfterMs > 0) return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)
  return rules.cooldownMs
}

function disabledBy(code: FailureCode, { failuresInRow }: DeploymentState): string | undefined {
  if (code === 'authentication') return 'the provider refuses its credentials'
  if (code === 'permission_denied' && failuresInRow >= DENIALS) return 'the provider denies it permission'
  return undefined
}

function allowedFails(
  code: FailureCode,
  deployment: CoolingDeployment,
  rules: CooldownRules,
): number | undefined {
  return (
    countFor(deployment.allowedFailsPolicy, code) ??
    deployment.allowedFails ??
    countFor(rules.allowedFailsPolicy, code) ??
    rules.allowedFails ??
    // A policy that does not name this class still turns the default mode off, as in LiteLLM.
    ((deployment.allowedFailsPolicy ?? rules.allowedFailsPolicy) === undefined
      ? undefined
      : DEFAULT_ALLOWED_FAILS)
  )
}

function whyByCount(allowed: number, failures: number): string | undefined {
  return failures > allowed ? `${failures} failures, ${allowed} are allowed` : undefined
}

function whyByDefault(
  code: FailureCode,
  state: DeploymentState,
  groupSize: number,
  nowMs: number,
): string | undefined {
  const hasSiblings = groupSize > 1
  if (hasSiblings && (code === 'rate_limit' || code === 'quota_exceeded')) return 'it is at its rate limit'
  if (hasSiblings && (code === 'not_found' || code === 'permission_denied')) return `it answered ${code}`
  const failures = state.failures(nowMs)
  const requests = failures + state.successes(nowMs)
  if (hasSiblings && requests >= MIN_REQUESTS && failures / requests > 0.5)
    return `${failures} of this minute's ${requests} requests failed`
  if (requests >= MANY_REQUESTS && failures === requests)
    return `all of this minute's ${requests} requests failed`
  return undefined
}

/**
 * Whether a deployment may be asked: not while it cools down; when the time is over, by one request that tries
 * whether it answers. Until that has succeeded others wait, or try, too, one a second.
 */
export function mayAsk({ cooldown }: DeploymentState, nowMs: number): boolean {
  if (cooldown === undefined) return true
  if (nowMs < cooldown.untilMs) return false
  return cooldown.probedMs === undefined || nowMs - cooldown.probedMs >= PROBE_EVERY_MS
}

/** How long it is until a deployment may be asked. */
export function remainingMs({ cooldown }: DeploymentState, nowMs: number): number {
  if (cooldown === undefined) return 0
  const openMs = cooldown.probedMs === undefined ? cooldown.untilMs : cooldown.probedMs + PROBE_EVERY_MS
  return Math.max(0, Math.max(cooldown.untilMs, openMs) - nowMs)
}
