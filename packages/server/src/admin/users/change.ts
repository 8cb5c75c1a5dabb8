import { createError } from '@switchyard/llm/kit'
import type { Principal } from '../../auth/principal.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
import { createKey } from '../keys/create.ts'
import { organizationMembers, teamMembers } from '../members.ts'
import { addToOrganization } from '../organizations/change-members.ts'
import { badRequest, forbidden, notFound, notTheirOrganization } from '../refusals.ts'
import { newStartMs, startSpending } from '../spending.ts'
import { addMembers } from '../teams/change-members.ts'
import { findTeam } from '../teams/change.ts'
import type { Work } from '../work.ts'
import { dataOf, keyOf } from './fields.ts'
import type { NewUserFields, UserFields } from './fields.ts'
import { limitsOfRow, renderUsers } from './render.ts'

type User = Resource<'users'>

const users = resourceTable('users')

/** @throws 404 */
export async function findUser(id: string, { db }: Work): Promise<User> {
  const user = await users.get(db, id)
  if (user === undefined) throw notFound(`User not found, passed user_id=${id}`, 'user_id')
  return user
}

/** Makes a user, lets them join their teams, and makes their first key unless told not to. */
export async function createUser(
  asked: NewUserFields,
  work: Work,
  admin: Admin,
): Promise<Record<string, unknown>> {
  const { user_role: role } = asked
  const { settings } = admin
  const fields: NewUserFields = role === 'proxy_admin' ? asked : { ...settings.userDefaults, ...given(asked) }
  checkRole(fields.user_role, work.principal)
  const organizations = organizationsOf(fields)
  checkOrganizations(organizations, work.principal)
  const id = fields.user_id ?? work.newId()
  if ((await users.get(work.db, id)) !== undefined) throw alreadyExists('id', id)
  const email = await freeEmail(fields.user_email, work)
  const user = await work.insert('users', {
    id,
    email,
    role: fields.user_role ?? 'internal_user',
    sso_user_id: fields.sso_user_id ?? null,
    data: dataOf(fields),
  })
  await startUserSpending(user, fields.spend, work, admin)
  for (const { team_id, user_role, max_budget_in_team } of teamsOf(fields)) {
    const team = await findTeam(team_id, work)
    const member = { user_id: id, user_email: email, role: user_role ?? 'user' } as const
    await addMembers(team, [member], { max_budget_in_team }, work, admin)
  }
  for (const organizationId of organizations)
    await addToOrganization(organizationId, user, 'internal_user', {}, work)
  // Who administers an organization makes keys in it.
  const organization_id = work.principal.role === 'proxy_admin' ? undefined : organizations[0]
  const key =
    fields.auto_create_key === false
      ? undefined
      : await createKey({ ...keyOf(fields), user_id: id, organization_id }, work, admin)
  const [rendered = {}] = await renderUsers([user], work, admin)
  return { ...key, ...rendered, key: key?.['key'] ?? null, team_id: fields.team_id ?? null }
}

/** Changes a user. One who is not there yet is made, as in LiteLLM, by administrators. */
export async function updateUser(
  fields: UserFields,
  work: Work,
  admin: Admin,
): Promise<{ before: User; user: User }> {
  const before = await findOrMake(fields, work)
  const user = await work.update('users', before, await changeOf(before, fields, work))
  await startUserSpending(user, fields.spend, work, admin)
  return { before, user }
}

async function findOrMake(fields: UserFields, work: Work): Promise<User> {
  const known =
    fields.user_id == null
      ? await findByEmail(fields.user_email ?? '', work)
      : await users.get(work.db, fields.user_id)
  if (known !== undefined) return known
  if (work.principal.role !== 'proxy_admin')
    throw forbidden('Only a proxy admin may change users that are not there yet.', 'user_id')
  return await work.insert('users', {
    id: fields.user_id ?? work.newId(),
    email: null,
    role: 'internal_user',
    sso_user_id: null,
    data: {},
  })
}

/** What people may say of themselves; everything else is said by an administrator. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['user_id', 'user_email', 'user_alias'])

async function changeOf(user: User, fields: UserFields, work: Work): Promise<Partial<User>> {
  const { principal, nowMs } = work
  if (principal.role !== 'proxy_admin') {
    if (user.id !== principal.userId) throw forbidden('User can only update themselves.', 'user_id')
    const denied = Object.keys(fields).find((name) => fields[name] !== undefined && !OWN_FIELDS.has(name))
    if (denied !== undefined) throw forbidden(`Only a proxy admin may set '${denied}' of a user.`, denied)
    if (fields.user_email != null && fields.user_email.toLowerCase() !== user.email)
      throw forbidden("Only a proxy admin may set 'user_email' of a user.", 'user_email')
  }
  const email = fields.user_email === undefined ? user.email : fields.user_email?.toLowerCase()
  if (email != null && email !== user.email) await freeEmail(email, work)
  const isNewWindow =
    fields.spend != null ||
    (fields.budget_duration !== undefined && fields.budget_duration !== (user.data.budget_duration ?? null))
  return {
    email: email ?? null,
    role: fields.user_role ?? user.role,
    sso_user_id: fields.sso_user_id === undefined ? user.sso_user_id : fields.sso_user_id,
    data: {
      ...user.data,
      ...dataOf(fields),
      ...(isNewWindow ? { budget_since_ms: newStartMs(user, nowMs) } : {}),
    },
  }
}

/** Deletes users with their keys and memberships. */
export async function deleteUsers(ids: readonly string[], work: Work): Promise<void> {
  const { db } = work
  const found = await users.getMany(db, ids)
  const missing = ids.find((id) => !found.has(id))
  if (missing !== undefined) throw notFound(`User not found, passed user_id=${missing}`, 'user_ids')
  const keys = resourceTable('keys')
  await work.remove('keys', await keys.list(db, { where: { user_id: ids } }))
  for (const { groupId } of await teamMembers.ofUsers(db, ids)) work.touch('teams', groupId)
  await teamMembers.deleteUsers(db, ids)
  await organizationMembers.deleteUsers(db, ids)
  await work.remove('users', [...found.values()])
}

async function findByEmail(email: string, { db }: Work): Promise<User | undefined> {
  const [user] = await users.list(db, { where: { email: email.toLowerCase() }, limit: 1 })
  return user
}

/** The address as it is kept. @throws 409 when it is somebody else's. */
async function freeEmail(email: string | null | undefined, work: Work): Promise<string | null> {
  if (email == null || email === '') return null
  if ((await findByEmail(email, work)) !== undefined) throw alreadyExists('email', email)
  return email.toLowerCase()
}

function alreadyExists(field: 'id' | 'email', value: string): Error {
  return createError({
    code: 'bad_request',
    status: 409,
    type: 'bad_request_error',
    param: field === 'id' ? 'user_id' : 'user_email',
    message: `User with ${field} ${value} already exists`,
  })
}

/** Nobody makes somebody who can do more than themselves. */
function checkRole(role: UserFields['user_role'], principal: Principal): void {
  if (principal.role === 'proxy_admin' || role == null) return
  if (role !== 'internal_user' && role !== 'internal_user_viewer')
    throw forbidden(`Only a proxy admin may make a user with the role ${role}.`, 'user_role')
}

function checkOrganizations(
  organizations: readonly string[],
  { role, adminOfOrganizations }: Principal,
): void {
  if (role === 'proxy_admin') return
  const denied = organizations.find((id) => !adminOfOrganizations.includes(id))
  if (denied !== undefined) throw notTheirOrganization(denied)
  if (organizations.length === 0)
    throw forbidden('Organization admins may only make users of their organizations.', 'organizations')
}

function organizationsOf({ organizations, organization_id: single }: NewUserFields): readonly string[] {
  return [...new Set([...(organizations ?? []), ...(single == null ? [] : [single])])]
}

function teamsOf({ team_id: single, teams }: NewUserFields): NonNullable<NewUserFields['teams']> {
  const all = [...(single == null ? [] : [{ team_id: single }]), ...(teams ?? [])]
  if (new Set(all.map(({ team_id: id }) => id)).size < all.length)
    throw badRequest('A team is named twice.', 'teams')
  return all
}

async function startUserSpending(
  user: User,
  spend: number | null | undefined,
  { db, nowMs }: Work,
  { settings }: Admin,
): Promise<void> {
  await startSpending(db, limitsOfRow(user, settings), spend ?? 0, { nowMs, timezone: settings.timezone })
}

/** The fields that say something; no models is as good as none said. */
function given(fields: NewUserFields): NewUserFields {
  const said = Object.entries(fields).filter(
    ([name, value]) => value != null && !(name === 'models' && Array.isArray(value) && value.length === 0),
  )
  return Object.fromEntries(said)
}
