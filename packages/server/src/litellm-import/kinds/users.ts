import { limitsOfUser } from '../../auth/principal-limits.ts'
import { limitsOf } from '../../auth/scope-limits.ts'
import type { UserData } from '../../store/data.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { limitsIn, withoutGaps } from '../limits.ts'
import type { Columns } from '../columns.ts'
import type { Kind } from './kind.ts'
import { objectPermissionOf, spentOf, stampsOf } from './kind.ts'

/** The user under which LiteLLM counts everything that everybody spends. */
const EVERYBODY = 'litellm-proxy-budget'

const ROLES: ReadonlySet<string> = new Set([
  'proxy_admin',
  'proxy_admin_viewer',
  'internal_user',
  'internal_user_viewer',
])

export const users: Kind<'users'> = {
  table: 'users',
  source: 'LiteLLM_UserTable',
  id: 'user_id',
  map: (columns, context) => {
    const id = columns.text('user_id') ?? ''
    if (id === EVERYBODY)
      return {
        leftOut: 'it stands for everybody: their budget is litellm_settings.max_budget',
        spent: [
          {
            limits: limitsOf({ kind: 'global', id: '' }, context.global, undefined, undefined),
            usd: spentOf(columns, context),
          },
        ],
      }
    const data: UserData = withoutGaps({
      user_alias: columns.text('user_alias'),
      models: columns.texts('models'),
      metadata: columns.map('metadata'),
      allowed_cache_controls: columns.texts('allowed_cache_controls'),
      policies: columns.texts('policies'),
      object_permission: objectPermissionOf(columns, context),
      ...limitsIn(columns),
    })
    const resource: Resource<'users'> = {
      id,
      email: columns.text('user_email')?.toLowerCase() ?? null,
      role: roleOf(columns),
      sso_user_id: columns.text('sso_user_id') ?? null,
      data,
      ...stampsOf(columns, context),
    }
    const limits = limitsOfUser(id, resource, false)
    return { resource, spent: [{ limits, usd: spentOf(columns, context) }] }
  },
  passedOver: {
    password: 'passwords are not taken over: they are for the dashboard',
    teams: 'who is in a team is taken from the team',
    model_spend: 'spend by model is not taken over',
  },
}

function roleOf(columns: Columns): string {
  const role = columns.text('user_role')
  if (role === undefined) return 'internal_user'
  if (ROLES.has(role)) return role
  columns.refuse('user_role', `'${role}' is no role of a user; they may look at what is theirs`)
  return 'internal_user_viewer'
}
