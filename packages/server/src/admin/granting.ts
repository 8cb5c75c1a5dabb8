import { usdFromPicoUsd } from '@switchyard/llm/kit'
import type { ModelList, Principal } from '../auth/principal.ts'
import { denyingList } from '../policy/model-access.ts'
import type { Resource } from '../store/tables/resources.ts'
import { exceedsGranter } from './refusals.ts'

/** What is given away with a key. */
export interface Grant {
  models?: readonly string[] | null | undefined
  max_budget?: number | null | undefined
  rpm_limit?: number | null | undefined
  tpm_limit?: number | null | undefined
  max_parallel_requests?: number | null | undefined
  allowed_routes?: readonly string[] | null | undefined
  allowed_model_region?: unknown
  permissions?: unknown
  disable_global_guardrails?: unknown
  allowed_passthrough_routes?: unknown
  budget_id?: string | null | undefined
  spend?: number | null | undefined
  /** When the key ends. */
  expires_ms?: number | null | undefined
}

const NUMBERS = ['max_budget', 'rpm_limit', 'tpm_limit', 'max_parallel_requests', 'expires_ms'] as const

/** Fields that loosen what an administrator set up for everybody. */
const ADMINS_ONLY = [
  'permissions',
  'budget_id',
  'spend',
  'disable_global_guardrails',
  'allowed_passthrough_routes',
] as const

/**
 * Nobody gives away more than they have; administrators give what they like. A key of a team may do what the team may,
 * whatever its maker's own budget is.
 *
 * @throws 403 `permission_exceeds_granter`
 */
export function checkGrant(grant: Grant, granter: Principal, team: Resource<'teams'> | undefined): void {
  if (granter.role === 'proxy_admin') return
  const lists = listsOf(granter, team)
  for (const name of ADMINS_ONLY)
    if (!isNothing(grant[name])) throw exceedsGranter(`Only a proxy admin may set ${name} of a key.`, name)
  for (const model of grant.models ?? []) checkModel(model, lists)
  for (const route of grant.allowed_routes ?? []) checkRoute(route, granter.allowedRoutes)
  checkRegion(grant.allowed_model_region, granter)
  const own = heldBy(granter, 'key')
  const user = team === undefined ? heldBy(granter, 'user') : undefined
  for (const name of NUMBERS) {
    const value = grant[name]
    if (value === undefined) continue
    // None at all is more than any.
    const most = [own[name], value === null ? undefined : user?.[name]].filter((max) => max !== undefined)
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
    ...(granter.allowedRegion === undefined ? {} : { allowed_model_region: granter.allowedRegion }),
    models: isNothing(grant.models)
      ? granter.modelLists.find(({ of }) => of === 'key')?.models
      : grant.models,
    allowed_routes: isNothing(grant.allowed_routes) ? granter.allowedRoutes : grant.allowed_routes,
  }
}

/** Who has a list of their own does not clear it for a key: an empty one allows everything. @throws 403 */
export function checkClears(grant: Grant, granter: Principal): void {
  if (granter.role === 'proxy_admin') return
  const hasModels = granter.modelLists.some(({ of }) => of === 'key')
  if (hasModels && grant.models !== undefined && isNothing(grant.models))
    throw exceedsGranter('models cannot be cleared: your own key has a list.', 'models')
  if (
    granter.allowedRoutes !== undefined &&
    grant.allowed_routes !== undefined &&
    isNothing(grant.allowed_routes)
  )
    throw exceedsGranter('allowed_routes cannot be cleared: your own key has a list.', 'allowed_routes')
}

/** The lists that a model has to be in to be given away. */
function listsOf({ modelLists }: Principal, team: Resource<'teams'> | undefined): readonly ModelList[] {
  if (team === undefined) return modelLists
  const own = modelLists.filter(({ of }) => of === 'key')
  const models = team.data.models ?? []
  return models.length === 0 ? own : [...own, { of: 'team', models }]
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

function checkRegion(region: unknown, { allowedRegion }: Principal): void {
  if (region === undefined || allowedRegion === undefined || region === allowedRegion) return
  throw exceedsGranter(
    `allowed_model_region cannot be granted: your own key is bound to '${allowedRegion}'.`,
    'allowed_model_region',
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
  if (after === undefined || before == null || before === false || isEmpty(before)) return false
  if (typeof before === 'number') return typeof after !== 'number' || after > before
  if (Array.isArray(before))
    return !Array.isArray(after) || after.length === 0 || after.some((entry) => !before.includes(entry))
  return JSON.stringify(before) !== JSON.stringify(after)
}

/** What sets nothing: nor does a spend of 0. */
function isNothing(value: unknown): boolean {
  return value == null || value === 0 || value === false || isEmpty(value)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
