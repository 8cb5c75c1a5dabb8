import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
import { versionConflict } from '../refusals.ts'
import type { Work } from '../work.ts'
import { dataOf } from './fields.ts'
import type { UserFields } from './fields.ts'

const users = resourceTable('users')

/** The user with this id or address; one who is not there is made, as LiteLLM makes them when they join a team. */
export async function ensureUser(
  { user_id, user_email }: { user_id?: string | null | undefined; user_email?: string | null | undefined },
  work: Work,
  { settings }: Admin,
): Promise<Resource<'users'>> {
  const email = user_email == null ? null : user_email.toLowerCase()
  const known = await find(user_id, email, work)
  if (known !== undefined) return known
  const isMaster = work.principal.role === 'proxy_admin' && user_id === work.principal.userId
  const made = await work.insertUser({
    id: user_id ?? work.newId(),
    email,
    role: isMaster ? 'proxy_admin' : 'internal_user',
    sso_user_id: null,
    data: isMaster ? {} : dataOf(settings.userDefaults as UserFields),
  })
  const user = made ?? (await find(user_id, email, work))
  if (user === undefined) throw versionConflict('The user')
  return user
}

async function find(
  id: string | null | undefined,
  email: string | null,
  { db }: Work,
): Promise<Resource<'users'> | undefined> {
  const known = id == null ? undefined : await users.get(db, id)
  if (known !== undefined || email === null) return known
  const [first] = await users.list(db, { where: { email }, limit: 1 })
  return first
}
