import { limitsOfTeam } from '../../auth/principal-limits.ts'
import type { ModelList } from '../../auth/principal.ts'
import { denyingList } from '../../policy/model-access.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
import { widens } from '../granting.ts'
import { teamMembers } from '../members.ts'
import { badRequest, exceedsGranter, forbidden, notFound, notTheirOrganization } from '../refusals.ts'
import { newStartMs, startSpending } from '../spending.ts'
import type { Work } from '../work.ts'
import { checkGovernsTeam } from './access.ts'
import { addMembers } from './change-members.ts'
import { dataOf } from './fields.ts'
import type { MemberFields, NewTeamFields, TeamFields } from './fields.ts'

type Team = Resource<'teams'>

const teams = resourceTable('teams')

/** @throws 404 */
export async function findTeam(id: string, { db }: Work): Promise<Team> {
  const team = await teams.get(db, id)
  if (team === undefined) throw notFound(`Team not found, passed team id: ${id}.`, 'team_id')
  return team
}

/** Makes a team; whoever makes it administers it. */
export async function createTeam(asked: NewTeamFields, work: Work, admin: Admin): Promise<Team> {
  const fields: NewTeamFields = { ...withoutNulls(admin.settings.teamDefaults), ...withoutNulls(asked) }
  const { principal, db } = work
  const id = fields.team_id ?? work.newId()
  if ((await teams.get(db, id)) !== undefined)
    throw badRequest(`Team id = ${id} already exists. Please use a different team id.`, 'team_id')
  const organization_id = fields.organization_id ?? null
  if (principal.role !== 'proxy_admin') {
    if (organization_id === null)
      throw forbidden('Only proxy admins may make teams without an organization.', 'organization_id')
    if (!principal.adminOfOrganizations.includes(organization_id)) throw notTheirOrganization(organization_id)
  }
  await checkOrganization(organization_id, fields, work)
  const alias = fields.team_alias ?? null
  const team = await work.insert('teams', { id, alias, organization_id, data: dataOf(fields) })
  await startTeamSpending(team, fields.spend, work, admin)
  const members = membersOf(fields, principal.userId)
  if (members.length > 0) await addMembers(team, members, {}, work, admin)
  return team
}

export async function updateTeam(team: Team, fields: TeamFields, work: Work, admin: Admin): Promise<Team> {
  const { principal, nowMs } = work
  const data = dataOf(fields)
  if (principal.role !== 'proxy_admin') checkNarrows(team, { ...fields, ...data }, work)
  if (fields.organization_id !== undefined && fields.organization_id !== team.organization_id)
    checkMove(fields.organization_id, work)
  const organization_id = fields.organization_id === undefined ? team.organization_id : fields.organization_id
  if (fields.organization_id != null || fields.models != null)
    await checkOrganization(organization_id, { ...team.data, ...withoutNulls(fields) }, work)
  const isNewWindow =
    fields.spend != null ||
    (fields.budget_duration !== undefined && fields.budget_duration !== (team.data.budget_duration ?? null))
  const updated = await work.update('teams', team, {
    alias: fields.team_alias === undefined ? team.alias : fields.team_alias,
    organization_id,
    data: { ...team.data, ...data, ...(isNewWindow ? { budget_since_ms: newStartMs(team, nowMs) } : {}) },
  })
  await startTeamSpending(updated, fields.spend, work, admin)
  return updated
}

/** The change with the whole metadata: what it does not name stays. */
export function mergeMetadata({ data }: Team, fields: TeamFields): TeamFields {
  if (fields.metadata == null) return fields
  const merged = Object.entries({ ...data.metadata, ...fields.metadata })
  return { ...fields, metadata: Object.fromEntries(merged.filter(([, value]) => value !== null)) }
}

/** Deletes teams with their keys and memberships. */
export async function deleteTeams(ids: readonly string[], work: Work): Promise<void> {
  const { db, principal } = work
  const found = await teams.getMany(db, ids)
  const missing = ids.find((id) => !found.has(id))
  if (missing !== undefined) throw notFound(`Team not found, passed team_id=${missing}`, 'team_ids')
  for (const team of found.values()) checkGovernsTeam(principal, team, '/team/delete')
  const keys = resourceTable('keys')
  await work.remove('keys', await keys.list(db, { where: { team_id: ids } }))
  for (const { userId } of await teamMembers.ofGroups(db, ids)) work.touch('users', userId)
  await teamMembers.deleteGroups(db, ids)
  await work.remove('teams', [...found.values()])
}

/** LiteLLM has three ways to name them; who makes a team is in it. */
function membersOf(
  { members_with_roles: named, admins, members }: NewTeamFields,
  creator: string | undefined,
): readonly MemberFields[] {
  const all: MemberFields[] = [
    ...(named ?? []),
    ...(admins ?? []).map((user_id) => ({ user_id, role: 'admin' as const })),
    ...(members ?? []).map((user_id) => ({ user_id, role: 'user' as const })),
  ]
  if (creator === undefined || all.some(({ user_id: id }) => id === creator)) return all
  return [...all, { user_id: creator, role: 'admin' }]
}

/** A team gets at most what its organization has. */
async function checkOrganization(
  id: string | null | undefined,
  {
    models,
    max_budget: max,
  }: { models?: readonly string[] | null | undefined; max_budget?: number | null | undefined },
  { db }: Work,
): Promise<void> {
  if (id == null) return
  const organization = await resourceTable('organizations').get(db, id)
  if (organization === undefined)
    throw badRequest(`Organization not found for organization_id=${id}`, 'organization_id')
  const lists: ModelList[] = [{ of: 'org', models: organization.data.models ?? [] }]
  const denied = (models ?? []).find((name) => denyingList(lists, { name }) !== undefined)
  if (denied !== undefined)
    throw badRequest(
      `Organization not allowed to access model=${denied.slice(0, 200)}. Organization models=${lists[0]?.models.join(', ')}`,
      'models',
    )
  const most = organization.data.max_budget
  if (max != null && most != null && max > most)
    throw badRequest(`max_budget (${max}) is higher than that of the organization (${most}).`, 'max_budget')
}

/** Who administers a team may take from it, not add to it. */
function checkNarrows(team: Team, wanted: Readonly<Record<string, unknown>>, { principal }: Work): void {
  if (team.organization_id !== null && principal.adminOfOrganizations.includes(team.organization_id)) return
  if (wanted['spend'] != null)
    throw exceedsGranter('Only proxy admins and organization admins may set the spend of a team.', 'spend')
  const before: Readonly<Record<string, unknown>> = team.data
  const widened = LIMITS.find((name) => widens(before[name], wanted[name]))
  if (widened !== undefined)
    throw exceedsGranter(
      `Only proxy admins and organization admins may give a team more than it has: '${widened}' would be widened.`,
      widened,
    )
}

const LIMITS = [
  'models',
  'max_budget',
  'budget_duration',
  'budget_limits',
  'rpm_limit',
  'tpm_limit',
  'max_parallel_requests',
  'model_max_budget',
  'model_rpm_limit',
  'model_tpm_limit',
  'blocked',
  'guardrails',
] as const

function checkMove(to: string | null, { principal }: Work): void {
  if (principal.role === 'proxy_admin' || (to !== null && principal.adminOfOrganizations.includes(to))) return
  throw forbidden('Only a proxy admin may give a team to another organization.', 'organization_id')
}

async function startTeamSpending(
  team: Team,
  spend: number | null | undefined,
  { db, nowMs }: Work,
  { settings }: Admin,
): Promise<void> {
  await startSpending(db, limitsOfTeam(team), spend ?? 0, { nowMs, timezone: settings.timezone })
}

function withoutNulls<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as T
}
