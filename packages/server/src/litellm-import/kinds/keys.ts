import { createHash } from 'node:crypto'
import { limitsOfKey } from '../../auth/principal-limits.ts'
import type { KeyData } from '../../store/data.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { liftedFrom, limitsIn, restOf, withoutGaps } from '../limits.ts'
import type { Kind } from './kind.ts'
import { objectPermissionOf, spentOf, stampsOf } from './kind.ts'

/** The team of keys that LiteLLM's dashboard makes for each session. */
const DASHBOARD_TEAM = 'litellm-dashboard'

export const keys: Kind<'keys'> = {
  table: 'keys',
  source: 'LiteLLM_VerificationToken',
  id: 'token',
  map: (columns, context) => {
    const id = hashOf(columns.text('token') ?? '')
    const teamId = columns.text('team_id') ?? null
    if (id === undefined) return { leftOut: 'its token is no SHA-256 hash' }
    if (id === context.masterKeyHash) return { leftOut: 'it is the master key' }
    if (teamId === DASHBOARD_TEAM) return { leftOut: "it is a session of LiteLLM's dashboard" }
    const metadata = columns.map('metadata')
    const data: KeyData = withoutGaps({
      key_name: columns.text('key_name'),
      models: columns.texts('models'),
      aliases: columns.names('aliases'),
      config: columns.map('config'),
      permissions: columns.map('permissions'),
      blocked: columns.flag('blocked'),
      agent_id: columns.text('agent_id'),
      allowed_routes: columns.texts('allowed_routes'),
      allowed_cache_controls: columns.texts('allowed_cache_controls'),
      access_group_ids: columns.texts('access_group_ids'),
      router_settings: columns.map('router_settings'),
      auto_rotate: columns.flag('auto_rotate'),
      rotation_interval: columns.duration('rotation_interval'),
      object_permission: objectPermissionOf(columns, context),
      metadata: restOf(metadata),
      ...liftedFrom(metadata),
      ...limitsIn(columns),
    })
    const resource: Resource<'keys'> = {
      id,
      alias: columns.text('key_alias') ?? null,
      user_id: columns.text('user_id') ?? null,
      team_id: teamId,
      organization_id: columns.text('organization_id') ?? null,
      budget_id: columns.text('budget_id') ?? null,
      expires_ms: columns.timeMs('expires') ?? null,
      data,
      ...stampsOf(columns, context),
    }
    const limits = limitsOfKey(resource, context.budgets, context.nowMs)
    return { resource, spent: [{ limits, usd: spentOf(columns, context, resource.budget_id) }] }
  },
  passedOver: {
    soft_budget_cooldown: 'whether an alert was sent lately is forgotten',
    model_spend: 'spend by model is not taken over',
    last_active: 'when it was last used is not kept',
  },
}

/** Early releases kept keys themselves. */
function hashOf(token: string): string | undefined {
  if (token.startsWith('sk-')) return createHash('sha256').update(token).digest('hex')
  return /^[0-9a-f]{64}$/.test(token) ? token : undefined
}
