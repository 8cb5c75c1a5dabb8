import { usdFromPicoUsd } from '@switchyard/llm/kit'
import type { ModelList, Principal } from '../auth/principal.ts'
import { denyingList } from '../policy/model-access.ts'
import { exceedsGranter } from './refusals.ts'

/** What is given away with a key. */
export interface Grant {
  models?: readonly string[] | null | undefined
  max_budget?: number | null | undefined
  rpm_limit?: number | null | undefined
  tpm_limit?: number | null | undefined
  max_parallel_requests?: number | null | undefined
  allowed_routes?: readonly string[] | null | undefined
  permissions?: unknown
  budget_id?: string | null | undefined
  spend?: number | null | undefined
  /** When the key ends. */
  expires_ms?: number | null | undefined
}

const NUMBERS = ['max_budget', 'rpm_limit', 'tpm_limit', 'max_parallel_requests', 'expires_ms'] as const

/**
 * Nobody gives away more than they have; administrators give what they like. `lists`: the models that the granter
 * may give.
 *
 * @throws 403 `permission_exceeds_granter`
 */
export function checkGrant(grant: Grant, granter: Principal, lists: readonly ModelList[]): void {
  if (granter.role === 'proxy_admin') return
  for (const name of ['permissions', 'budget_id', 'spend'] as const)
    if (!isNothing(grant[name])) throw exceedsGranter(`Only a proxy admin may set ${name} of a key.`, name)
  for (const model of grant.models ?? []) checkModel(model, lists)
  for (const route of grant.allowed_routes ?? []) checkRoute(route, granter.allowedRoutes)
  const own = heldBy(granter, 'key')
  const user = heldBy(granter, 'user')
  for (const name of NUMBERS) {
    const value = grant[name]
    if (value === undefined) continue
    // None at all is more than any.
    const most = [own[name], value === null ? undefined : user[name]].filter((max) => max !== undefined)
    if (most.some((max) => value === null || value > max))
      throw exceedsGranter(`${name} is higher than your own.`, name)
  }
}

/** What a new key leaves out is as the key has it that makes it: a key cannot make one that can do more. */
export function inherit<G extends Grant>(grant: G, granter: Principal): G {
  if (granter.role === 'proxy_admin') return grant
  const own = heldBy(granter, 'key')
  const numbers = NUMBERS.map((name) => [name, grant[name] ?? own[name]] as const)
  return {
    ...grant,
    ...Object.fromEntries(numbers),
    models: isNothing(grant.models)
      ? granter.modelLists.find(({ of }) => of === 'key')?.models
      : grant.models,
    allowed_routes: isNothing(grant.allowed_routes) ? granter.allowedRoutes : grant.allowed_routes,
  }
}

function checkModel(model: string, lists: readonly ModelList[]): void {
  if (model === 'all-team-models' || model === 'no-default-models') return
  const denying = denyingList(lists, { name: model })
  if (denying !== undefined)
    throw exceedsGranter(
      `The model '${model.slice(0, 200)}' cannot be granted: your ${denying.of} may only use ${denying.models.join(', ')}.`,
      'models',
    )
}

function checkRoute(route: string, own: readonly string[] | undefined): void {
  const isHeld = own === undefined ? !/^\/?\*$/.test(route) : own.includes(route)
  if (!isHeld)
    throw exceedsGranter(
      `The route '${route.slice(0, 200)}' cannot be granted: your key may not use it.`,
      'allowed_routes',
    )
}

type Held = { readonly [Name in (typeof NUMBERS)[number]]: number | undefined }

function heldBy(granter: Principal, kind: 'key' | 'user'): Held {
  const limits = granter.limits.find(({ scope }) => scope.kind === kind)
  const budget = limits?.budgets[0]?.maxPicoUsd
  return {
    max_budget: budget === undefined ? undefined : usdFromPicoUsd(budget),
    rpm_limit: limits?.rpm,
    tpm_limit: limits?.tpm,
    max_parallel_requests: limits?.maxParallelRequests,
    expires_ms: kind === 'key' ? granter.expiresMs : undefined,
  }
}

/** Whether a value that somebody else set would be widened. */
export function widens(before: unknown, after: unknown): boolean {
  if (after === undefined || isNothing(before)) return false
  if (typeof before === 'number') return typeof after !== 'number' || after > before
  if (Array.isArray(before))
    return !Array.isArray(after) || after.length === 0 || after.some((entry) => !before.includes(entry))
  return JSON.stringify(before) !== JSON.stringify(after)
}

function isNothing(value: unknown): boolean {
  return value == null || value === 0 || (typeof value === 'object' && Object.keys(value).length === 0)
}
