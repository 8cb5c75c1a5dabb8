import type { SwitchyardError } from '../errors.ts'
import { countFor } from './failure-class.ts'
import type { ClassCounts } from './failure-class.ts'

export interface RetryRules {
  /** For requests and deployments that do not say otherwise. */
  readonly numRetries: number
  /** Retries by class of failure; they win over every count. */
  readonly policy?: ClassCounts | undefined
  /** The same for one model group. */
  readonly groupPolicies?: ReadonlyMap<string, ClassCounts> | undefined
  /** Others are asked, too, after an answer that is paid for and that nobody can read. */
  readonly retryBilled: boolean
  /** The least wait before the same deployment is asked again. */
  readonly minWaitMs: number
}

/** How often more may be asked after a failure. */
export interface RetryAllowance {
  readonly retries: number
  /** A policy says so: it holds for failures that are not tried again otherwise, too. */
  readonly byPolicy: boolean
}

/**
 * The retries that a failure allows in all: what a policy says of its class, else what the request, the deployment
 * or the configuration says, in this order.
 */
export function retriesFor(
  error: Pick<SwitchyardError, 'code'>,
  group: string,
  rules: RetryRules,
  own: { readonly request: number | undefined; readonly deployment: number | undefined },
): RetryAllowance {
  const counted = countFor(rules.groupPolicies?.get(group), error.code) ?? countFor(rules.policy, error.code)
  if (counted !== undefined) return { retries: counted, byPolicy: true }
  return { retries: own.request ?? own.deployment ?? rules.numRetries, byPolicy: false }
}

/** Whether another deployment may do better: everything but what is wrong with the request itself. */
export function mayFailOver(error: SwitchyardError): boolean {
  return error.retryable || isDeploymentFault(error)
}

/** Faults of a deployment that asking it again will not mend. */
export function isDeploymentFault({ code, reason }: Pick<SwitchyardError, 'code' | 'reason'>): boolean {
  return (
    code === 'authentication' ||
    code === 'permission_denied' ||
    code === 'not_found' ||
    code === 'quota_exceeded' ||
    reason === 'upstream_tls_error' ||
    reason === 'upstream_address_forbidden'
  )
}

/** The request continues something that another deployment may have made; nothing but asking tells which. */
export function isStateElsewhere({ reason }: Pick<SwitchyardError, 'reason'>): boolean {
  return reason === 'response_state_unavailable'
}
