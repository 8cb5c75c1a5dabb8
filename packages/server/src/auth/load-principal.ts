import type { Queries } from '../store/database.ts'
import { buildPrincipal, refusalOf } from './build-principal.ts'
import type { PrincipalSettings } from './build-principal.ts'
import type { Loaded } from './fresh-cache.ts'
import type { Identity } from './principal-cache.ts'
import { EVERYBODY } from './principal-limits.ts'
import type { PrincipalRows } from './principal-rows.ts'
import { readKeyRows } from './read-rows.ts'
import { unknownKey } from './refusals.ts'

/** Who holds the key with this hash. Rejects when the database cannot be asked. */
export async function loadKey(
  queries: Queries,
  hash: string,
  settings: PrincipalSettings,
  nowMs: () => number,
): Promise<Loaded<Identity>> {
  const rows = await readKeyRows(queries, hash)
  if (rows === undefined) return { value: unknownKey, dependsOn: new Set([`key:${hash}`]) }
  return principalOf(rows, 'key', settings, nowMs(), hash)
}

/** A caller with these rows, let in or not. */
export function principalOf(
  rows: PrincipalRows,
  type: 'key' | 'jwt' | 'custom',
  settings: PrincipalSettings,
  nowMs: number,
  hash?: string,
): Loaded<Identity> {
  return {
    value: refusalOf(rows, settings, nowMs) ?? buildPrincipal(rows, type, settings, nowMs),
    dependsOn: dependenciesOf(rows, hash),
  }
}

/** Every row that was read, and those that were not there but may come. */
function dependenciesOf(rows: PrincipalRows, hash: string | undefined): ReadonlySet<string> {
  const { key, userId, team, organization, budgets, memberships } = rows
  const ids: [kind: string, ids: readonly (string | null | undefined)[]][] = [
    ['key', [hash, key?.id]],
    ['user', [userId, EVERYBODY]],
    ['team', [key?.team_id ?? team?.id, ...memberships.map(({ teamId }) => teamId)]],
    ['organization', [key?.organization_id ?? organization?.id]],
    ['budget', [key?.budget_id, organization?.budget_id, ...budgets.keys()]],
  ]
  const names = ids.flatMap(([kind, some]) => some.map((id) => (id == null ? undefined : `${kind}:${id}`)))
  return new Set(names.filter((name) => name !== undefined))
}
