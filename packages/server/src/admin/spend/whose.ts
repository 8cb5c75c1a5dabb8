import { z } from 'zod'
import type { Principal } from '../../auth/principal.ts'
import { keyHashOf } from '../../auth/virtual-key.ts'
import type { DailyQuery, Dimension } from '../../ledger/reports/daily.ts'
import type { RequestLogRow } from '../../store/schema.ts'
import type { Filter } from '../../store/tables/filter.ts'
import { forbidden } from '../refusals.ts'

/** Whose spend is asked for. */
export interface Wanted {
  readonly api_key?: string | undefined
  readonly user_id?: string | undefined
  readonly team_id?: string | undefined
  readonly model?: string | undefined
}

/** Days that answer it, as `sumDays` takes them. */
export type Whose = Pick<DailyQuery<Dimension>, 'kind' | 'where'>

export const wantedFields: {
  api_key: z.ZodOptional<z.ZodString>
  model: z.ZodOptional<z.ZodString>
} = {
  api_key: z.string().optional().meta({ description: 'Only of this key: itself or its hash' }),
  model: z.string().optional().meta({ description: 'Only of this model' }),
}

/** Whether they see what everybody spends. */
export function seesAllSpend({ role }: Principal): boolean {
  return role === 'proxy_admin' || role === 'proxy_admin_viewer'
}

/**
 * The narrowest days that hold what is wanted. Who does not see everything sees their own: their user's, or their
 * key's where it belongs to nobody.
 *
 * @throws 403 for somebody else's.
 */
export function whose(wanted: Wanted, principal: Principal): Whose {
  const { team_id: teamId, model } = wanted
  const keyHash = wanted.api_key === undefined ? undefined : keyHashOf(wanted.api_key)
  const userId = wanted.user_id ?? (seesAllSpend(principal) ? undefined : principal.userId)
  checkVisible({ keyHash, userId: wanted.user_id, teamId }, principal)
  if (teamId !== undefined) return { kind: 'team', where: { scope_id: teamId, key_hash: keyHash, model } }
  if (userId !== undefined) return { kind: 'user', where: { scope_id: userId, key_hash: keyHash, model } }
  const ownKey = keyHash ?? (seesAllSpend(principal) ? undefined : principal.keyHash)
  if (ownKey !== undefined) return { kind: 'key', where: { scope_id: ownKey, model } }
  return { kind: 'global', where: { model } }
}

/** The same where the answer is divided by key, which the global days are not. */
export function whoseByKey(wanted: Wanted, principal: Principal): Whose {
  const found = whose(wanted, principal)
  return found.kind === 'global' ? { ...found, kind: 'key' } : found
}

function checkVisible(
  {
    keyHash,
    userId,
    teamId,
  }: { keyHash?: string | undefined; userId?: string | undefined; teamId?: string | undefined },
  principal: Principal,
): void {
  if (seesAllSpend(principal)) return
  if (userId !== undefined && userId !== principal.userId)
    throw forbidden('You can only view your own spend data. Leave user_id out.', 'user_id')
  if (teamId !== undefined && !principal.adminOfTeams.includes(teamId))
    throw forbidden('Only admins of a team can view its spend data.', 'team_id')
  // A user's days are divided by key, so another's key finds nothing there; a lone key sees only itself.
  if (keyHash !== undefined && principal.userId === undefined && keyHash !== principal.keyHash)
    throw forbidden('You can only view the spend data of your own key.', 'api_key')
}

/** The logs that somebody sees, each of which is enough; undefined: all of them. */
export function visibleLogs(principal: Principal): readonly Filter<RequestLogRow>[] | undefined {
  if (seesAllSpend(principal)) return undefined
  const { keyHash, userId, adminOfTeams, adminOfOrganizations } = principal
  return [
    { key_hash: keyHash },
    ...(userId === undefined ? [] : [{ user_id: userId }]),
    ...(adminOfTeams.length === 0 ? [] : [{ team_id: adminOfTeams }]),
    ...(adminOfOrganizations.length === 0 ? [] : [{ organization_id: adminOfOrganizations }]),
  ]
}
