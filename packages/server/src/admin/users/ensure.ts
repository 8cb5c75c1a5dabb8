import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
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
  if (user_id != null) {
    const known = await users.get(work.db, user_id)
    if (known !== undefined) return known
  }
  if (email !== null) {
    const [known] = await users.list(work.db, { where: { email }, limit: 1 })
    if (known !== undefined) return known
  }
  const isMaster = work.principal.role === 'proxy_admin' && user_id === work.principal.userId
  return await work.insert('users', {
    id: user_id ?? work.newId(),
    email,
    role: isMaster ? 'proxy_admin' : 'internal_user',
    sso_user_id: null,
    data: isMaster ? {} : dataOf(settings.userDefaults as UserFields),
  })
}
