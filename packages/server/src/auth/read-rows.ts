import type { BudgetData } from '../store/data.ts'
import type { Queries } from '../store/database.ts'
import { memberTable } from '../store/tables/members.ts'
import { resourceTable } from '../store/tables/resources.ts'
import { EVERYBODY } from './principal-limits.ts'
import type { PrincipalRows } from './principal-rows.ts'

/** To whom something belongs. */
export interface Owner {
  readonly userId?: string | undefined
  readonly teamId?: string | undefined
  readonly organizationId?: string | undefined
}

const keys = resourceTable('keys')
const users = resourceTable('users')
const teams = resourceTable('teams')
const organizations = resourceTable('organizations')
const budgets = resourceTable('budgets')
const teamMembers = memberTable('team_members')
const organizationMembers = memberTable('organization_members')

/** A key that was rotated often in a short time leads on that often; more is a circle. */
const MAX_ROTATIONS = 20

/**
 * The key with this hash and everything it belongs to. A key that was replaced works as its successor until its own
 * time is up. Undefined: there is none.
 */
export async function readKeyRows(queries: Queries, hash: string): Promise<PrincipalRows | undefined> {
  let key = await keys.get(queries, hash)
  let endMs = key?.expires_ms ?? null
  for (let count = 0; key?.data.replaced_by !== undefined; count++) {
    if (count === MAX_ROTATIONS) return undefined
    key = await keys.get(queries, key.data.replaced_by)
    endMs = earlier(endMs, key?.expires_ms ?? null)
  }
  if (key === undefined) return undefined
  const rows = await readOwnerRows(
    queries,
    {
      userId: key.user_id ?? undefined,
      teamId: key.team_id ?? undefined,
      organizationId: key.organization_id ?? undefined,
    },
    key.budget_id,
  )
  return { ...rows, key: { ...key, expires_ms: endMs } }
}

/** Everything that is known of a user, a team and an organization. What is not there is left out. */
export async function readOwnerRows(
  queries: Queries,
  { userId, teamId, organizationId }: Owner,
  budgetId: string | null = null,
): Promise<PrincipalRows> {
  const userIds = userId === undefined ? [] : [userId]
  const [found, inTeams, inOrganizations] = await Promise.all([
    users.getMany(queries, [...userIds, EVERYBODY]),
    teamMembers.ofUsers(queries, userIds),
    organizationMembers.ofUsers(queries, userIds),
  ])
  const teamIds = [teamId, ...inTeams.map(({ groupId }) => groupId)].filter((id) => id !== undefined)
  const itsTeams = await teams.getMany(queries, [...new Set(teamIds)])
  const team = teamId === undefined ? undefined : itsTeams.get(teamId)
  const ofOrganization = organizationId ?? team?.organization_id ?? undefined
  const organization =
    ofOrganization === undefined ? undefined : await organizations.get(queries, ofOrganization)
  return {
    userId,
    user: userId === undefined ? undefined : found.get(userId),
    everybody: found.get(EVERYBODY),
    team,
    teamMember: inTeams.find(({ groupId }) => groupId === teamId),
    organization,
    organizationMember: inOrganizations.find(({ groupId }) => groupId === organization?.id),
    budgets: await readBudgets(queries, [budgetId, organization?.budget_id]),
    memberships: inTeams.map(({ groupId, role }) => ({
      teamId: groupId,
      role,
      permissions: itsTeams.get(groupId)?.data.team_member_permissions ?? undefined,
    })),
    adminOfOrganizations: inOrganizations
      .filter(({ role }) => role === 'org_admin')
      .map(({ groupId }) => groupId),
  }
}

/** The budgets that rows name, by id. */
export async function readBudgets(
  queries: Queries,
  ids: readonly (string | null | undefined)[],
): Promise<ReadonlyMap<string, BudgetData>> {
  const found = await budgets.getMany(
    queries,
    ids.filter((id) => id != null),
  )
  return new Map([...found].map(([id, { data }]) => [id, data]))
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}
