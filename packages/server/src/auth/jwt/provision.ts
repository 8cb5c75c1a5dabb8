import { objectAt } from '../../config/document/tree.ts'
import type { PlainObject } from '../../config/document/tree.ts'
import type { GatewayConfig } from '../../config/index.ts'
import type { TeamData, UserData } from '../../store/data.ts'
import type { Changes } from '../../store/changes.ts'
import { isStoreError } from '../../store/store-error.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import { roleOf } from '../build-principal.ts'
import type { Missing } from './load-token.ts'

const users = resourceTable('users')
const teams = resourceTable('teams')

/** Makes users and teams that tokens name, as `default_internal_user_params` and `default_team_params` say. */
export function createProvision(
  { sections }: Pick<GatewayConfig, 'sections'>,
  changes: Pick<Changes, 'transaction'>,
  nowMs: () => number,
): (missing: Missing) => Promise<void> {
  const settings = objectAt(sections, 'litellm_settings')
  const userDefaults = objectAt(settings, 'default_internal_user_params')
  const teamDefaults = objectAt(settings, 'default_team_params')

  return async ({ user, teamIds }) => {
    const made = {
      created_ms: nowMs(),
      created_by: 'jwt',
      updated_ms: nowMs(),
      updated_by: 'jwt',
      version: 1,
    }
    try {
      await changes.transaction(async (trx, tell) => {
        if (user !== undefined) {
          const email = user.email?.toLowerCase() ?? null
          const role = newRoleOf(userDefaults)
          const data = limitsIn(userDefaults) as UserData
          await users.insert(trx, { ...made, id: user.id, email, role, sso_user_id: null, data })
          tell({ kind: 'user', id: user.id })
        }
        for (const id of teamIds) {
          const data = limitsIn(teamDefaults) as TeamData
          await teams.insert(trx, { ...made, id, alias: id, organization_id: null, data })
          tell({ kind: 'team', id })
        }
      })
    } catch (error) {
      // Another request with the same token was sooner.
      if (!isStoreError(error, 'already_exists')) throw error
    }
  }
}

function newRoleOf(defaults: PlainObject): string {
  const role = roleOf(typeof defaults['user_role'] === 'string' ? defaults['user_role'] : undefined)
  return role === 'key' ? 'internal_user' : role
}

/** The fields that limit somebody. Teams to join and roles are no part of them. */
const LIMITS: ReadonlySet<string> = new Set([
  'max_budget',
  'budget_duration',
  'models',
  'rpm_limit',
  'tpm_limit',
  'max_parallel_requests',
])

function limitsIn(defaults: PlainObject): object {
  return Object.fromEntries(
    Object.entries(defaults).filter(([name, value]) => LIMITS.has(name) && value !== null),
  )
}
