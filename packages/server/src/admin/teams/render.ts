import { limitsOfTeam, limitsOfTeamMember } from '../../auth/principal-limits.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
import { renderKeys } from '../keys/render.ts'
import { byGroup, teamMembers } from '../members.ts'
import type { TeamMember } from '../members.ts'
import { readSpending } from '../spending.ts'
import type { Work } from '../work.ts'

type Team = Resource<'teams'>

/** Teams as LiteLLM's rows of its team table. */
export async function renderTeams(
  teams: readonly Team[],
  { db, nowMs }: Work,
  { balances, settings }: Admin,
): Promise<Record<string, unknown>[]> {
  const ids = teams.map(({ id }) => id)
  const members = byGroup(await teamMembers.ofGroups(db, ids))
  const spending = await readSpending(db, teams.map(limitsOfTeam), balances, {
    nowMs,
    timezone: settings.timezone,
  })
  return teams.map((team, index) => ({
    ...renderTeam(team, members.get(team.id) ?? []),
    ...spending[index],
  }))
}

export async function renderTeamRow(team: Team, work: Work, admin: Admin): Promise<Record<string, unknown>> {
  const [rendered = {}] = await renderTeams([team], work, admin)
  return rendered
}

/** Teams with what members have spent in them; `ofUser`: only that one's memberships. With keys, where asked for. */
export async function renderTeamsInFull(
  teams: readonly Team[],
  work: Work,
  admin: Admin,
  { ofUser, keys: hasKeys }: { ofUser?: string | undefined; keys: boolean },
): Promise<Record<string, unknown>[]> {
  const ids = teams.map(({ id }) => id)
  const rendered = await renderTeams(teams, work, admin)
  const members = await teamMembers.ofGroups(work.db, ids)
  const wanted = ofUser === undefined ? members : members.filter(({ userId }) => userId === ofUser)
  const memberships = await renderMemberships(wanted, teams, work, admin)
  const keys = hasKeys ? await resourceTable('keys').list(work.db, { where: { team_id: ids } }) : []
  const renderedKeys = await renderKeys(keys, work, admin)
  return rendered.map((team) => ({
    ...team,
    team_memberships: memberships.filter(({ team_id: id }) => id === team['team_id']),
    keys: renderedKeys.filter(({ team_id: id }) => id === team['team_id']),
  }))
}

export type Membership = Record<string, unknown>

/** Members of these teams with what each has spent in theirs. */
export async function renderMemberships(
  members: readonly TeamMember[],
  teams: readonly Team[],
  { db, nowMs }: Work,
  { balances, settings }: Admin,
): Promise<Membership[]> {
  const byId = new Map(teams.map((team) => [team.id, team]))
  const known = members.flatMap((member) => {
    const team = byId.get(member.groupId)
    return team === undefined ? [] : [{ member, team }]
  })
  const limits = known.map(({ member, team }) => limitsOfTeamMember(team, member.userId, member))
  const spending = await readSpending(db, limits, balances, { nowMs, timezone: settings.timezone })
  return known.map(({ member, team }, index) => ({
    user_id: member.userId,
    team_id: member.groupId,
    role: member.role,
    spend: spending[index]?.spend ?? 0,
    budget_id: null,
    litellm_budget_table: {
      max_budget: member.data.max_budget ?? team.data.team_member_budget ?? null,
      budget_duration: member.data.budget_duration ?? team.data.team_member_budget_duration ?? null,
      budget_reset_at: spending[index]?.budget_reset_at ?? null,
      tpm_limit: member.data.tpm_limit ?? team.data.team_member_tpm_limit ?? null,
      rpm_limit: member.data.rpm_limit ?? team.data.team_member_rpm_limit ?? null,
      allowed_models: member.data.allowed_models ?? null,
    },
  }))
}

/** Fields that LiteLLM keeps in the metadata: its clients look for them there as well. */
const IN_METADATA = [
  'tags',
  'guardrails',
  'prompts',
  'model_rpm_limit',
  'model_tpm_limit',
  'team_member_key_duration',
  'disable_global_guardrails',
] as const

function renderTeam(team: Team, members: readonly TeamMember[]): Record<string, unknown> {
  const { budget_since_ms: _, ...data } = team.data
  const inMetadata = Object.fromEntries(
    IN_METADATA.flatMap((name) => (data[name] == null ? [] : [[name, data[name]]])),
  )
  return {
    ...EMPTY,
    ...data,
    team_id: team.id,
    team_alias: team.alias,
    organization_id: team.organization_id,
    metadata: { ...inMetadata, ...data.metadata },
    members_with_roles: members.map(renderMember),
    // Names of an older LiteLLM, which it leaves empty: `members_with_roles` has everybody.
    members: [],
    admins: [],
    litellm_model_table: data.model_aliases == null ? null : { model_aliases: data.model_aliases },
    created_at: new Date(team.created_ms).toISOString(),
    updated_at: new Date(team.updated_ms).toISOString(),
  }
}

function renderMember({ userId, role, data }: TeamMember): object {
  return { user_id: userId, user_email: data.user_email ?? null, role }
}

/** What a team has that was given nothing. */
const EMPTY = {
  models: [],
  max_budget: null,
  soft_budget: null,
  budget_duration: null,
  budget_limits: null,
  tpm_limit: null,
  rpm_limit: null,
  max_parallel_requests: null,
  model_spend: {},
  model_max_budget: {},
  router_settings: null,
  object_permission: null,
  object_permission_id: null,
  team_member_permissions: [],
  default_team_member_models: null,
  access_group_ids: null,
  policies: null,
  model_id: null,
  blocked: false,
} as const
