import { picoUsdFromUsd, usdFromPicoUsd } from '@switchyard/llm/kit'
import type { ScopeLimits } from '../policy/limits.ts'
import type { BudgetData, KeyData, LimitData } from '../store/data.ts'
import type { Member } from '../store/tables/members.ts'
import type { Resource } from '../store/tables/resources.ts'
import type { PrincipalRows } from './principal-rows.ts'
import { limitsOf, modelLimitsOf } from './scope-limits.ts'

/** Limits of every scope that all of a caller's requests belong to, from the widest to the narrowest. */
export function limitsOfAll(rows: PrincipalRows, global: LimitData, nowMs: number): ScopeLimits[] {
  const { key, userId, user, team, organization } = rows
  const limits = [limitsOfEverybody(global, rows.everybody)]
  if (organization !== undefined) limits.push(limitsOfOrganization(organization, rows.budgets))
  if (rows.organizationMember !== undefined) limits.push(limitsOfOrganizationMember(rows.organizationMember))
  if (team !== undefined) limits.push(limitsOfTeam(team))
  if (userId !== undefined) {
    limits.push(limitsOfUser(userId, user, team !== undefined))
    if (team !== undefined) limits.push(limitsOfTeamMember(team, userId, rows.teamMember))
  }
  const agentId = key?.data.agent_id
  if (agentId != null) limits.push(limitsOf({ kind: 'agent', id: agentId }, {}, undefined, undefined))
  if (key !== undefined) limits.push(limitsOfKey(key, rows.budgets, nowMs))
  return limits
}

/** The id of LiteLLM's user whose spend is everybody's together. */
export const EVERYBODY = 'litellm-proxy-budget'

/** What everybody together may spend: what an administrator has set, else what the configuration says. */
export function limitsOfEverybody(
  configured: LimitData,
  row: { readonly data: LimitData } | undefined,
): ScopeLimits {
  const data = globalDataOf(configured, row)
  return limitsOf({ kind: 'global', id: '' }, data, undefined, data.budget_since_ms)
}

export function globalDataOf(
  configured: LimitData,
  row: { readonly data: LimitData } | undefined,
): LimitData {
  const own = Object.entries(row?.data ?? {}).filter(([, value]) => value != null)
  return { ...configured, ...Object.fromEntries(own) }
}

export function limitsOfKey(
  key: Resource<'keys'>,
  budgets: ReadonlyMap<string, BudgetData>,
  nowMs: number,
): ScopeLimits {
  const scope = { kind: 'key', id: keyScopeId(key) } as const
  return limitsOf(scope, withIncrease(key.data, nowMs), budgets.get(key.budget_id ?? ''), sinceMs(key))
}

export function limitsOfTeam(team: Resource<'teams'>): ScopeLimits {
  return limitsOf({ kind: 'team', id: team.id }, team.data, undefined, sinceMs(team))
}

export function limitsOfOrganization(
  organization: Resource<'organizations'>,
  budgets: ReadonlyMap<string, BudgetData>,
): ScopeLimits {
  const { id, data, budget_id } = organization
  return limitsOf({ kind: 'organization', id }, data, budgets.get(budget_id ?? ''), sinceMs(organization))
}

/** What one member may spend in the organization, by whatever key. */
export function limitsOfOrganizationMember({
  groupId,
  userId,
  data,
  createdMs,
}: Member<'organization_members'>): ScopeLimits {
  const scope = { kind: 'organization_member', id: `${groupId}/${userId}` } as const
  return limitsOf(scope, data, undefined, data.budget_since_ms ?? createdMs)
}

/** In a team's work the owner's spend is counted, and only the team's budgets refuse. */
export function limitsOfUser(
  id: string,
  user: Resource<'users'> | undefined,
  isTeamsWork: boolean,
): ScopeLimits {
  const data = user?.data ?? {}
  const own = isTeamsWork ? { ...data, max_budget: null, budget_limits: null } : data
  return limitsOf({ kind: 'user', id }, own, undefined, user === undefined ? undefined : sinceMs(user))
}

/** What one member may spend in the team: their own limits, else the team's for all members. */
export function limitsOfTeamMember(
  team: Resource<'teams'>,
  userId: string,
  member: Member<'team_members'> | undefined,
): ScopeLimits {
  const { data } = team
  const forAll: BudgetData = {
    max_budget: data.team_member_budget ?? null,
    budget_duration: data.team_member_budget_duration ?? null,
    rpm_limit: data.team_member_rpm_limit ?? null,
    tpm_limit: data.team_member_tpm_limit ?? null,
  }
  const since = member?.data.budget_since_ms ?? member?.createdMs ?? team.created_ms
  return limitsOf({ kind: 'team_member', id: `${team.id}/${userId}` }, member?.data ?? {}, forAll, since)
}

/** Limits that hold for requests to one model, by the model's name. */
export function modelLimitsOfAll(rows: PrincipalRows): Record<string, readonly ScopeLimits[]> {
  const { key, user, team, organization, budgets } = rows
  const all: Record<string, ScopeLimits[]> = Object.create(null)
  const add = (limits: ReadonlyMap<string, ScopeLimits>): void => {
    for (const [model, one] of limits) (all[model] ??= []).push(one)
  }
  if (organization !== undefined) {
    const { id, data, budget_id } = organization
    add(modelLimitsOf('organization_model', id, data, budgets.get(budget_id ?? ''), sinceMs(organization)))
  }
  if (team !== undefined) add(modelLimitsOf('team_model', team.id, team.data, undefined, sinceMs(team)))
  else if (user !== undefined) add(modelLimitsOf('user_model', user.id, user.data, undefined, sinceMs(user)))
  if (key !== undefined) add(modelLimitsOfKey(key, budgets))
  return all
}

/** Limits for a key's requests with one tag, by the tag. */
export function tagLimitsOf(key: Resource<'keys'> | undefined): Record<string, ScopeLimits> {
  const limits: Record<string, ScopeLimits> = Object.create(null)
  if (key === undefined) return limits
  const rpm = key.data.tag_rpm_limit ?? {}
  const tpm = key.data.tag_tpm_limit ?? {}
  for (const tag of new Set([...Object.keys(rpm), ...Object.keys(tpm)]))
    limits[tag] = {
      scope: { kind: 'key_tag', id: `${keyScopeId(key)}/${tag}` },
      budgets: [],
      rpm: rpm[tag],
      tpm: tpm[tag],
    }
  return limits
}

export function modelLimitsOfKey(
  key: Resource<'keys'>,
  budgets: ReadonlyMap<string, BudgetData>,
): ReadonlyMap<string, ScopeLimits> {
  const budget = budgets.get(key.budget_id ?? '')
  return modelLimitsOf('key_model', keyScopeId(key), key.data, budget, sinceMs(key))
}

/** A rotated key goes on with the spend of the one it came from. */
function keyScopeId({ id, data }: Resource<'keys'>): string {
  return data.scope_id ?? id
}

/** From when spend counts: since the last reset, or since it is there. */
function sinceMs({ data, created_ms: createdMs }: { data: LimitData; created_ms: number }): number {
  return data.budget_since_ms ?? createdMs
}

function withIncrease(data: KeyData, nowMs: number): LimitData {
  const { max_budget: max, temp_budget_increase: increase, temp_budget_expiry: expiry } = data
  if (max == null || increase == null || expiry == null || Date.parse(expiry) <= nowMs) return data
  return { ...data, max_budget: usdFromPicoUsd(picoUsdFromUsd(max) + picoUsdFromUsd(increase)) }
}
