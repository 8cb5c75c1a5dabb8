import type { RouterOptions, SwitchyardError } from '@switchyard/llm/kit'
import type { KeyData, LimitData, TeamData } from '../store/data.ts'
import type { ModelList, Principal } from './principal.ts'
import { limitsOfAll, modelLimitsOfAll, tagLimitsOf } from './principal-limits.ts'
import type { PrincipalRows } from './principal-rows.ts'
import { blockedKey, blockedTeam, expiredKey, unknownKey } from './refusals.ts'
import type { StatusProfile } from './refusals.ts'
import type { Role } from './roles.ts'

export interface PrincipalSettings {
  /** `litellm_settings.max_budget` and `budget_duration`: for everybody together. */
  readonly global: LimitData
  readonly statusProfile: StatusProfile
}

/** What a plain member may do with the keys of a team that says nothing about it. */
const DEFAULT_MEMBER_PERMISSIONS: readonly string[] = ['/key/info', '/key/health']

/** The team of the dashboard's own sessions; it has no row. */
const DASHBOARD_TEAM = 'litellm-dashboard'

/** In a key's list: whatever its team may use. */
const ALL_TEAM_MODELS = 'all-team-models'

/** Why a caller with these rows is let in no more; undefined for one who may come in. */
export function refusalOf(
  { key, team }: PrincipalRows,
  { statusProfile }: PrincipalSettings,
  nowMs: number,
): (() => SwitchyardError) | undefined {
  if (key !== undefined) {
    const { expires_ms: expiresMs, team_id: teamId } = key
    if (key.data.blocked === true) return blockedKey
    if (expiresMs !== null && expiresMs <= nowMs) return () => expiredKey(expiresMs, statusProfile)
    // A key outlives nothing that it belongs to.
    if (teamId !== null && teamId !== DASHBOARD_TEAM && team === undefined) return unknownKey
  }
  if (team?.data.blocked === true) return () => blockedTeam(team.id)
  return undefined
}

/** Who a caller is and what they may do, made from their rows. Budgets that ended by then do not count. */
export function buildPrincipal(
  rows: PrincipalRows,
  type: 'key' | 'jwt' | 'custom',
  settings: PrincipalSettings,
  nowMs: number,
): Principal {
  const { key, userId, user, team, organization, memberships } = rows
  const teamId = key?.team_id ?? team?.id
  const metadata = key?.data.metadata ?? {}
  return Object.freeze<Principal>({
    type,
    role: roleOf(user?.role),
    keyHash: key?.id ?? '',
    keyAlias: key?.alias ?? undefined,
    keyName: key?.data.key_name,
    userId,
    userEmail: user?.email ?? undefined,
    teamId,
    teamAlias: team?.alias ?? undefined,
    organizationId: key?.organization_id ?? organization?.id,
    agentId: key?.data.agent_id ?? undefined,
    adminOfTeams: memberships.filter(({ role }) => role === 'admin').map((one) => one.teamId),
    memberOfTeams: memberships.map((one) => one.teamId),
    adminOfOrganizations: rows.adminOfOrganizations,
    teamPermissions: Object.fromEntries(
      memberships.map((one) => [one.teamId, one.permissions ?? DEFAULT_MEMBER_PERMISSIONS]),
    ),
    modelLists: modelLists(rows),
    aliases: {
      ...aliasesIn(team?.data.router_settings),
      ...team?.data.model_aliases,
      ...aliasesIn(key?.data.router_settings),
      ...key?.data.aliases,
    },
    allowedRoutes: listOf(key?.data.allowed_routes),
    allowedIps: listOf(key?.data.allowed_ips),
    limits: limitsOfAll(rows, settings.global, nowMs),
    modelLimits: modelLimitsOfAll(rows),
    tagLimits: tagLimitsOf(key),
    allowedRegion: key?.data.allowed_model_region ?? undefined,
    tags: [...new Set([...tagsOf(team?.data), ...tagsOf(key?.data)])],
    cacheControls: listOf(textsOf(key?.data.allowed_cache_controls)),
    enforcedParams: listOf(key?.data.enforced_params ?? textsOf(metadata.enforced_params)),
    metadata,
    routing: routingOf(key?.data, team?.data),
    expiresMs: key?.expires_ms ?? undefined,
  })
}

const ROLES: ReadonlySet<string> = new Set<Role>([
  'proxy_admin',
  'proxy_admin_viewer',
  'org_admin',
  'internal_user',
  'internal_user_viewer',
])

/** Whoever has no role of their own may call models and look at their key. */
export function roleOf(name: string | undefined): Role {
  return name !== undefined && ROLES.has(name) ? (name as Role) : 'key'
}

/** In the order in which LiteLLM asks them. A list that says nothing is left out. */
function modelLists({ key, userId, user, team, teamMember, organization }: PrincipalRows): ModelList[] {
  const member = teamMember?.data.allowed_models ?? team?.data.default_team_member_models
  const isMember = team !== undefined && userId !== undefined
  const ownList = key?.data.models ?? []
  const lists: readonly [ModelList['of'], readonly string[] | null | undefined][] = [
    ['key', team !== undefined && ownList.includes(ALL_TEAM_MODELS) ? [] : ownList],
    ['team', team?.data.models],
    ['team_member', isMember ? member : undefined],
    // A key of a team is for the team's work: its owner's own list says nothing about it.
    ['user', team === undefined ? user?.data.models : undefined],
    ['org', organization?.data.models],
  ]
  return lists.flatMap(([of, models]) => (models == null || models.length === 0 ? [] : [{ of, models }]))
}

/** `router_settings` of the team and the key, and the key's `budget_fallbacks`. */
function routingOf(key: KeyData | undefined, team: TeamData | undefined): RouterOptions | undefined {
  const own = key?.router_settings
  const ofTeam = team?.router_settings
  const budget = key?.budget_fallbacks
  if (own == null && ofTeam == null && budget == null) return undefined
  return { ...ofTeam, ...own, ...(budget == null ? {} : { budget_fallbacks: budget }) }
}

/** `model_group_alias` of their settings: names for one group each. */
function aliasesIn(settings: Readonly<Record<string, unknown>> | null | undefined): Record<string, string> {
  const written = settings?.['model_group_alias']
  if (typeof written !== 'object' || written === null) return {}
  return Object.fromEntries(
    Object.entries(written).flatMap(([name, target]: [string, unknown]) => {
      const group = typeof target === 'object' && target !== null && 'model' in target ? target.model : target
      return typeof group === 'string' && group !== '' ? [[name, group]] : []
    }),
  )
}

function tagsOf(data: KeyData | TeamData | undefined): readonly string[] {
  return data?.tags ?? textsOf(data?.metadata?.tags) ?? []
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined
}

function listOf(list: readonly string[] | null | undefined): readonly string[] | undefined {
  return list == null || list.length === 0 ? undefined : list
}
