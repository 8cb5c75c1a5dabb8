import type { ScopeLimits } from '../../policy/limits.ts'
import type { ModelList, Principal } from '../principal.ts'
import { commonRoutes } from '../route-access.ts'
import type { CustomIdentity } from './custom-auth.ts'

/** A principal that may do what both the identity's own rights and the hook's answer allow. */
export function narrow(principal: Principal, identity: CustomIdentity): Principal {
  const { models, allowed_routes: routes, tags = [], metadata, end_user_id: endUserId } = identity
  const lists: ModelList[] = models === undefined ? [] : [{ of: 'key', models: orNone(models) }]
  return Object.freeze({
    ...principal,
    type: 'custom',
    modelLists: [...principal.modelLists, ...lists],
    allowedRoutes:
      routes === undefined ? principal.allowedRoutes : commonRoutes(principal.allowedRoutes, routes),
    limits: narrowLast(principal.limits, identity),
    tags: [...new Set([...principal.tags, ...tags])],
    metadata: { ...principal.metadata, ...metadata },
    endUserId: endUserId ?? principal.endUserId,
  })
}

/** In a list of models nothing would mean everything. */
function orNone(models: readonly string[]): readonly string[] {
  return models.length === 0 ? ['no-default-models'] : models
}

/** Rates hold for the narrowest scope: the key, else the user, else the team. */
function narrowLast(limits: readonly ScopeLimits[], identity: CustomIdentity): readonly ScopeLimits[] {
  const last = limits.at(-1)
  const { rpm_limit: rpm, tpm_limit: tpm, max_parallel_requests: parallel } = identity
  if (last === undefined || (rpm ?? tpm ?? parallel) === undefined) return limits
  const narrowed: ScopeLimits = {
    ...last,
    rpm: least(last.rpm, rpm),
    tpm: least(last.tpm, tpm),
    maxParallelRequests: least(last.maxParallelRequests, parallel),
  }
  return [...limits.slice(0, -1), narrowed]
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}
