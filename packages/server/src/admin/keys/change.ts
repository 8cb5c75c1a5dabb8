import { isSwitchyardError } from '@switchyard/llm/kit'
import type { Principal } from '../../auth/principal.ts'
import { keyHashOf } from '../../auth/virtual-key.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
import { checkClears, checkGrant, widens } from '../granting.ts'
import { badRequest, exceedsGranter, forbidden, notFound } from '../refusals.ts'
import { newStartMs } from '../spending.ts'
import type { Own, Work } from '../work.ts'
import { administersKey, checkMayChangeKey, checkTeamMember } from './access.ts'
import type { KeyRoute } from './access.ts'
import { checkAlias, checkReferences, expiryOf, rotationOf } from './create.ts'
import { dataOf } from './fields.ts'
import type { KeyFields } from './fields.ts'
import { renderOne } from './render.ts'
import { restartSpending } from './spend.ts'

type Key = Resource<'keys'>

const keys = resourceTable('keys')

/** The key that a client names, by itself or by its hash. @throws 404 */
export async function findKey(keyOrHash: string, { db }: Work): Promise<Key> {
  const key = await keys.get(db, keyHashOf(keyOrHash))
  if (key === undefined) throw notFound('Key not found in database. Send the key itself, or its hash.', 'key')
  return key
}

/** The same, for one who may change it so. */
export async function findOwnKey(keyOrHash: string, route: KeyRoute, work: Work): Promise<Key> {
  const key = await findKey(keyOrHash, work)
  checkMayChangeKey(work.principal, key, route)
  return key
}

export async function updateKey(
  key: Key,
  fields: KeyFields,
  work: Work,
  admin: Admin,
): Promise<Record<string, unknown>> {
  const change = await changeOf(key, fields, work)
  const updated = await work.update('keys', key, change)
  if (fields.spend != null) await restartSpending(updated, fields.spend, work, admin)
  return renderOne(updated, work, admin)
}

/** What the fields make of a key, once it is clear that they may be set. */
export async function changeOf(key: Key, fields: KeyFields, work: Work): Promise<Partial<Own<'keys'>>> {
  const { principal, nowMs } = work
  const data = dataOf(fields)
  const expires_ms = fields.duration === undefined ? undefined : expiryOf(fields.duration, nowMs)
  const wanted = { ...fields, ...data, expires_ms }
  const team = key.team_id === null ? undefined : await resourceTable('teams').get(work.db, key.team_id)
  checkGrant(wanted, principal, team)
  checkClears(wanted, principal)
  if (!administersKey(principal, key)) {
    if (fields.spend != null)
      throw exceedsGranter('Only an administrator may set the spend of a key.', 'spend')
    checkNarrows(key, wanted, principal)
  }
  await checkMove(key, fields, work)
  if (fields.key_alias !== undefined && fields.key_alias !== key.alias)
    await checkAlias(fields.key_alias, work)
  await checkReferences(fields.budget_id, fields.organization_id, work)
  const resetsSpend = fields.spend != null || changes(key.data.budget_duration, data.budget_duration)
  return {
    ...(fields.key_alias === undefined ? {} : { alias: fields.key_alias }),
    ...(fields.user_id === undefined ? {} : { user_id: fields.user_id }),
    ...(fields.team_id === undefined ? {} : { team_id: fields.team_id }),
    ...(fields.organization_id === undefined ? {} : { organization_id: fields.organization_id }),
    ...(fields.budget_id === undefined ? {} : { budget_id: fields.budget_id }),
    ...(expires_ms === undefined ? {} : { expires_ms }),
    data: {
      ...key.data,
      ...data,
      ...rotationOf(fields, nowMs),
      ...(resetsSpend ? { budget_since_ms: newStartMs(key, nowMs) } : {}),
    },
  }
}

/** Whoever does not administer a key may take from it, not add to it; who made it also chooses its models anew. */
function checkNarrows(key: Key, wanted: Record<string, unknown>, { userId }: Principal): void {
  const before: Record<string, unknown> = { ...key.data, expires_ms: key.expires_ms }
  const limits = key.created_by === userId ? LIMITS.filter((name) => !CHOSEN.has(name)) : LIMITS
  const widened = limits.find((name) => widens(before[name], wanted[name]))
  if (widened !== undefined)
    throw exceedsGranter(
      `Only an administrator may give this key more than it has: '${widened}' would be widened.`,
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
  'tag_rpm_limit',
  'tag_tpm_limit',
  'allowed_model_region',
  'allowed_routes',
  'allowed_ips',
  'blocked',
  'guardrails',
  'enforced_params',
  'expires_ms',
] as const

/** What people choose for the keys that they make, out of what they may use themselves. */
const CHOSEN: ReadonlySet<string> = new Set(['models', 'allowed_routes', 'allowed_ips'])

/** A key may be given to another owner by who administers both. */
async function checkMove(
  key: Key,
  { team_id, user_id, organization_id }: KeyFields,
  work: Work,
): Promise<void> {
  const { principal, db } = work
  if (principal.role === 'proxy_admin') {
    if (team_id != null) await findTeam(team_id, db)
    return
  }
  if (team_id !== undefined && team_id !== key.team_id) {
    if (team_id === null) throw forbidden('Only a proxy admin may take a key out of its team.', 'team_id')
    checkTeamMember(principal, team_id, '/key/update')
    await findTeam(team_id, db)
  }
  if (user_id !== undefined && user_id !== key.user_id && !administersKey(principal, key))
    throw forbidden(
      `User can only create keys for themselves. Got user_id=${user_id}, Your ID=${principal.userId ?? 'None'}`,
      'user_id',
    )
  if (organization_id !== undefined && organization_id !== key.organization_id)
    throw forbidden('Only a proxy admin may give a key to another organization.', 'organization_id')
}

async function findTeam(id: string, db: Work['db']): Promise<void> {
  if ((await resourceTable('teams').get(db, id)) === undefined)
    throw badRequest(`Unable to find team object in database. Team ID: ${id}`, 'team_id')
}

/** The keys that a client names, by value, hash or alias. @throws 404 when there is none of them. */
export async function findKeys(
  {
    keys: named,
    key_aliases: aliases,
  }: { keys?: string[] | null | undefined; key_aliases?: string[] | null | undefined },
  { db }: Work,
): Promise<Key[]> {
  const byHash = await keys.getMany(db, (named ?? []).map(keyHashOf))
  const byAlias =
    aliases == null || aliases.length === 0 ? [] : await keys.list(db, { where: { alias: aliases } })
  const found = new Map([...byHash, ...byAlias.map((key) => [key.id, key] as const)])
  if (found.size === 0) throw notFound('No keys found. Send keys, their hashes, or their aliases.', 'keys')
  return [...found.values()]
}

/** Whether something failed because of what was asked, so that the next of many may still be done. */
export function isRefusal(error: unknown): error is Error {
  return isSwitchyardError(error) && error.status < 500 && error.reason === undefined
}

function changes(before: unknown, after: unknown): boolean {
  return after !== undefined && (before ?? null) !== (after ?? null)
}
