import { EVERYBODY, globalDataOf, limitsOfEverybody, limitsOfUser } from '../../auth/principal-limits.ts'
import type { ScopeLimits } from '../../policy/limits.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { AdminSettings } from '../settings.ts'
import type { Admin } from '../admin.ts'
import { organizationMembers, teamMembers } from '../members.ts'
import { readSpending } from '../spending.ts'
import type { Work } from '../work.ts'

type User = Resource<'users'>

/** What is counted for a user. */
export function limitsOfRow(user: User, { globalLimits }: AdminSettings): ScopeLimits {
  if (user.id === EVERYBODY) return limitsOfEverybody(globalLimits, user)
  return limitsOfUser(user.id, user, false)
}

/** Users as LiteLLM's rows of its user table. */
export async function renderUsers(
  users: readonly User[],
  { db, nowMs }: Work,
  { balances, settings }: Admin,
): Promise<Record<string, unknown>[]> {
  const ids = users.map(({ id }) => id)
  const teams = Map.groupBy(await teamMembers.ofUsers(db, ids), ({ userId }) => userId)
  const organizations = Map.groupBy(await organizationMembers.ofUsers(db, ids), ({ userId }) => userId)
  const spending = await readSpending(
    db,
    users.map((user) => limitsOfRow(user, settings)),
    balances,
    {
      nowMs,
      timezone: settings.timezone,
    },
  )
  return users.map((user, index) => {
    const { budget_since_ms: _, ...data } =
      user.id === EVERYBODY ? globalDataOf(settings.globalLimits, user) : user.data
    return {
      ...EMPTY,
      ...data,
      user_id: user.id,
      user_email: user.email,
      user_role: user.role,
      sso_user_id: user.sso_user_id,
      ...spending[index],
      teams: (teams.get(user.id) ?? []).map(({ groupId }) => groupId),
      organization_memberships: (organizations.get(user.id) ?? []).map(({ groupId, role }) => ({
        organization_id: groupId,
        user_id: user.id,
        user_role: role,
      })),
      created_at: new Date(user.created_ms).toISOString(),
      updated_at: new Date(user.updated_ms).toISOString(),
    }
  })
}

/** What a user has that was given nothing. */
const EMPTY = {
  user_alias: null,
  models: [],
  metadata: {},
  max_budget: null,
  soft_budget: null,
  budget_duration: null,
  tpm_limit: null,
  rpm_limit: null,
  max_parallel_requests: null,
  model_max_budget: {},
  model_spend: {},
  object_permission: null,
} as const
