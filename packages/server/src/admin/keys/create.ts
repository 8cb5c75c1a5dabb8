import { hashKey, keyNameOf } from '../../auth/virtual-key.ts'
import { isPlainObject } from '../../config/document/tree.ts'
import { addDuration, parseDuration } from '../../policy/duration.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { limitsOfKey } from '../../auth/principal-limits.ts'
import type { Admin } from '../admin.ts'
import { budgetsOf } from '../budget-table.ts'
import { checkGrant, inherit } from '../granting.ts'
import { badRequest, forbidden } from '../refusals.ts'
import { startSpending } from '../spending.ts'
import type { Work } from '../work.ts'
import { administersKey, checkTeamMember } from './access.ts'
import type { KeyRoute } from './access.ts'
import { dataOf, FOR_EVER, routesOf } from './fields.ts'
import type { KeyFields } from './fields.ts'
import { renderOne } from './render.ts'

const teams = resourceTable('teams')

/** Makes a key and gives it, for this once, with LiteLLM's answer to `/key/generate`. */
export async function createKey(
  asked: KeyFields,
  work: Work,
  admin: Admin,
  route: KeyRoute = '/key/generate',
): Promise<Record<string, unknown>> {
  const { db, principal, nowMs } = work
  const { settings } = admin
  const fields = withinBounds(withDefaults(asked, settings.keyDefaults), settings.keyUpperBounds)
  const teamId = fields.team_id ?? null
  const isService = route === '/key/service-account/generate'
  const userId =
    fields.user_id ?? (isService || principal.role === 'proxy_admin' ? null : principal.userId) ?? null
  const team = teamId === null ? undefined : await teams.get(db, teamId)
  if (teamId !== null && team === undefined)
    throw badRequest(`Unable to find team object in database. Team ID: ${teamId}`, 'team_id')
  const organizationId = fields.organization_id ?? team?.organization_id ?? null
  await checkOwners({ userId, teamId, organizationId }, fields, work, admin, route)

  const expires_ms = expiryOf(fields.duration, nowMs)
  const allowed_routes = fields.allowed_routes ?? routesOf(fields.key_type)
  const asking = { ...fields, allowed_routes, expires_ms }
  checkGrant({ ...asking, expires_ms: expires_ms ?? undefined }, principal, team)
  const granted = inherit(asking, principal)
  const key = fields.key ?? admin.newKey()
  await checkAlias(fields.key_alias, work)
  await checkReferences(fields.budget_id, organizationId, work)

  const row = await work.insert('keys', {
    id: hashKey(key),
    alias: fields.key_alias ?? null,
    user_id: userId,
    team_id: teamId,
    organization_id: organizationId,
    budget_id: fields.budget_id ?? null,
    expires_ms: granted.expires_ms ?? null,
    data: { ...dataOf(granted as KeyFields), ...rotationOf(fields, nowMs), key_name: keyNameOf(key) },
  })
  await startSpending(db, limitsOfKey(row, await budgetsOf([row], work), nowMs), fields.spend ?? 0, {
    nowMs,
    timezone: settings.timezone,
  })
  return renderNewKey(key, row, work, admin)
}

/** The row, with the key itself: nobody sees it again. */
export async function renderNewKey(
  key: string,
  row: Resource<'keys'>,
  work: Work,
  admin: Admin,
): Promise<Record<string, unknown>> {
  const rendered = await renderOne(row, work, admin)
  return { ...row.data, ...rendered, key, token: row.id, token_id: row.id }
}

/** When a key ends that is made now. Null: never. */
export function expiryOf(duration: string | null | undefined, nowMs: number): number | null {
  if (duration == null || duration === FOR_EVER) return null
  const parsed = parseDuration(duration)
  return parsed === undefined ? null : addDuration(nowMs, parsed)
}

export function rotationOf(
  { auto_rotate: isOn, rotation_interval: interval }: KeyFields,
  nowMs: number,
): { key_rotation_at?: string } {
  const next = isOn === true ? expiryOf(interval, nowMs) : null
  return next === null ? {} : { key_rotation_at: new Date(next).toISOString() }
}

/** @throws 400 when another key has this alias. */
export async function checkAlias(alias: string | null | undefined, { db }: Work): Promise<void> {
  if (alias == null || (await resourceTable('keys').count(db, { alias })) === 0) return
  throw badRequest(
    `Key with alias '${alias}' already exists. Unique key aliases across all keys are required.`,
    'key_alias',
  )
}

/** @throws 400 for a budget or an organization that is not there. */
export async function checkReferences(
  budgetId: string | null | undefined,
  organizationId: string | null | undefined,
  { db }: Work,
): Promise<void> {
  if (budgetId != null && (await resourceTable('budgets').get(db, budgetId)) === undefined)
    throw badRequest(`Budget with id=${budgetId} does not exist. Make it with /budget/new.`, 'budget_id')
  if (organizationId != null && (await resourceTable('organizations').get(db, organizationId)) === undefined)
    throw badRequest(
      `Organization with id=${organizationId} does not exist. Make it with /organization/new.`,
      'organization_id',
    )
}

interface Owners {
  userId: string | null
  teamId: string | null
  organizationId: string | null
}

/** Whether this caller may make a key for these owners. */
async function checkOwners(
  { userId, teamId, organizationId }: Owners,
  fields: KeyFields,
  { principal, db }: Work,
  { settings }: Admin,
  route: KeyRoute,
): Promise<void> {
  const { keyGeneration } = settings
  const isAdmin = administersKey(principal, { team_id: teamId, organization_id: organizationId })
  if (teamId === null) {
    const { userRoles, personalRequired } = keyGeneration
    if (userRoles !== undefined && !userRoles.includes(principal.role))
      throw badRequest(
        `Personal key creation has been restricted by admin. Allowed roles=${userRoles.join(', ')}. Your role=${principal.role}`,
      )
    checkRequired(personalRequired, fields)
  } else if (principal.role !== 'proxy_admin') {
    checkTeamMember(principal, teamId, route)
    const role = principal.adminOfTeams.includes(teamId) ? 'admin' : 'user'
    const { teamMemberRoles, teamRequired } = keyGeneration
    if (teamMemberRoles !== undefined && !teamMemberRoles.includes(role))
      throw badRequest(
        `Team member role ${role} not in allowed_team_member_roles=${teamMemberRoles.join(', ')}`,
      )
    checkRequired(teamRequired, fields)
    await checkInTeam(userId, teamId, db)
  }
  if (userId !== null && userId !== principal.userId && !isAdmin)
    throw forbidden(
      `User can only create keys for themselves. Got user_id=${userId}, Your ID=${principal.userId ?? 'None'}`,
      'user_id',
    )
  if (fields.organization_id != null && !isAdmin && fields.organization_id !== principal.organizationId)
    throw forbidden(`You do not belong to organization=${fields.organization_id}.`, 'organization_id')
}

async function checkInTeam(userId: string | null, teamId: string, db: Work['db']): Promise<void> {
  if (userId === null) return
  const members = await db
    .selectFrom('team_members')
    .select('user_id')
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .execute()
  if (members.length === 0) throw badRequest(`User=${userId} not assigned to team=${teamId}`, 'user_id')
}

function checkRequired(required: readonly string[], fields: KeyFields): void {
  const missing = required.find((name) => fields[name] == null)
  if (missing !== undefined) throw badRequest(`Required param ${missing} not in data`, missing)
}

/** `default_key_generate_params`: what is left out, and empty models and metadata. */
function withDefaults(fields: KeyFields, defaults: Readonly<Record<string, unknown>>): KeyFields {
  const missing = Object.entries(defaults).filter(([name]) => isEmpty(fields[name]))
  return { ...fields, ...Object.fromEntries(missing) }
}

function isEmpty(value: unknown): boolean {
  return value == null || (typeof value === 'object' && Object.keys(value).length === 0)
}

const BOUNDED = ['max_budget', 'max_parallel_requests', 'tpm_limit', 'rpm_limit'] as const
const BOUNDED_DURATIONS = ['duration', 'budget_duration'] as const

/** `upperbound_key_generate_params`: the most of each; what is left out gets the most. */
function withinBounds(fields: KeyFields, bounds: Readonly<Record<string, unknown>>): KeyFields {
  if (!isPlainObject(bounds) || Object.keys(bounds).length === 0) return fields
  const filled = { ...fields }
  for (const name of BOUNDED) {
    const most = bounds[name]
    if (typeof most !== 'number') continue
    const value = fields[name]
    if (value != null && value > most) throw overBound(name, value, most)
    filled[name] = value ?? most
  }
  for (const name of BOUNDED_DURATIONS) {
    const most = bounds[name]
    if (typeof most !== 'string') continue
    const value = fields[name]
    if (value === FOR_EVER || (expiryOf(value, 0) ?? 0) > (expiryOf(most, 0) ?? Infinity))
      throw overBound(name, value ?? FOR_EVER, most)
    filled[name] = value ?? most
  }
  return filled
}

function overBound(name: string, value: number | string, most: number | string): Error {
  return badRequest(`${name} is over max limit set in config - user_value=${value}; max_value=${most}`, name)
}
