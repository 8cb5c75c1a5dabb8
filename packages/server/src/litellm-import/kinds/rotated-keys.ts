import type { Kind } from './kind.ts'
import { stampsOf } from './kind.ts'

/** Keys that were rotated and still work for a while. */
export const rotatedKeys: Kind<'keys'> = {
  table: 'keys',
  source: 'LiteLLM_DeprecatedVerificationToken',
  id: 'token',
  map: (columns, context) => {
    const id = columns.text('token') ?? ''
    // It tells rows of that table apart; here the key does.
    columns.text('id')
    const successor = columns.text('active_token_id')
    const endMs = columns.timeMs('revoke_at') ?? 0
    if (endMs <= context.nowMs || successor === undefined)
      return { leftOut: 'it was rotated, and its time of grace is over' }
    return {
      resource: {
        id,
        alias: null,
        user_id: null,
        team_id: null,
        organization_id: null,
        budget_id: null,
        expires_ms: endMs,
        data: { replaced_by: successor },
        ...stampsOf(columns, context),
      },
    }
  },
}
