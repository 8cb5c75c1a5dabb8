import { z } from 'zod'
import { EVERYBODY } from '../../auth/principal-limits.ts'
import type { Principal } from '../../auth/principal.ts'
import type { RestRoute } from '../../rest/route.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { id } from '../fields.ts'
import { isRefusal } from '../keys/change.ts'
import { renderKeys } from '../keys/render.ts'
import { organizationMembers, teamMembers } from '../members.ts'
import { badRequest, forbidden } from '../refusals.ts'
import { renderTeamsInFull } from '../teams/render.ts'
import { checkVersion } from '../version.ts'
import type { Work } from '../work.ts'
import { createUser, deleteUsers, findUser, updateUser } from './change.ts'
import { changedUserFields, newUserFields } from './fields.ts'
import { createUserListRoutes } from './list.ts'
import { renderUsers } from './render.ts'
import { userRow } from './schema.ts'

const byId = z.object({
  user_id: z.string().optional().meta({ description: 'The user; left out: who asks' }),
})

/** What an administrator gets who names nobody. */
const MOST = 1_000

export function createUserRoutes(admin: Admin): readonly RestRoute[] {
  const common = { tag: 'Users' } as const
  return [
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/user/new'],
      summary: 'Makes a user, and their first key unless auto_create_key is false',
      access: 'users:create',
      body: newUserFields,
      example: { user_id: 'user-123', max_budget: 50, budget_duration: 'monthly', models: ['gpt-4o-mini'] },
      answer: { description: 'The user and the key', schema: userRow },
      run: async ({ body }, work) => await createUser(body, work, admin),
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/user/update'],
      summary: 'Changes a user; null clears a limit',
      access: 'users:write',
      body: changedUserFields,
      example: { user_id: 'user-123', max_budget: 60 },
      answer: {
        description: 'The user as it is now',
        schema: z.object({ user_id: z.string(), data: userRow }),
      },
      run: async ({ body, ifMatch, show }, work) => {
        const { before, user } = await updateUser(body, work, admin)
        checkVersion(before, ifMatch)
        show(user)
        const [data] = await renderUsers([user], work, admin)
        return { user_id: user.id, data }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/user/bulk_update'],
      summary: 'Changes several users; says of each whether it could be',
      access: 'users:write',
      body: z.object({
        users: z.array(changedUserFields).max(500).nullish(),
        all_users: z.boolean().nullish(),
        user_updates: z.record(z.string(), z.unknown()).nullish(),
      }),
      example: { users: [{ user_id: 'user-123', max_budget: 60 }] },
      answer: { description: 'What was changed', schema: z.looseObject({ total_requested: z.int() }) },
      run: async ({ body }, work) => {
        const wanted = body.users ?? []
        if (wanted.length === 0) throw badRequest('Send the users to change.', 'users')
        const results: Record<string, unknown>[] = []
        for (const fields of wanted) {
          const { user_id = null, user_email = null } = fields
          try {
            const { user } = await updateUser(fields, work, admin)
            const [updated_user] = await renderUsers([user], work, admin)
            results.push({ user_id: user.id, user_email, success: true, error: null, updated_user })
          } catch (error) {
            if (!isRefusal(error)) throw error
            results.push({ user_id, user_email, success: false, error: error.message, updated_user: null })
          }
        }
        const successes = results.filter(({ success }) => success === true).length
        return {
          results,
          total_requested: results.length,
          successful_updates: successes,
          failed_updates: results.length - successes,
        }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/user/delete'],
      summary: 'Deletes users with all of their keys',
      access: 'users:delete',
      body: z.object({ user_ids: z.array(id).min(1).max(1_000) }),
      example: { user_ids: ['user-123'] },
      answer: { description: 'How many were deleted', schema: z.int() },
      run: async ({ body }, work) => {
        const ids = [...new Set(body.user_ids)]
        await deleteUsers(ids, work)
        return ids.length
      },
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/user/info'],
      summary: 'A user with their keys, their teams and what they have spent',
      access: 'users:read',
      query: byId,
      answer: {
        description: 'The user',
        schema: z.object({
          user_id: z.string().nullable(),
          user_info: userRow.nullable(),
          keys: z.array(z.unknown()),
          teams: z.array(z.unknown()),
        }),
      },
      run: async ({ query }, work) => {
        const { principal, db } = work
        const keys = resourceTable('keys')
        const teams = resourceTable('teams')
        if (query.user_id === undefined && principal.role === 'proxy_admin') {
          const everyTeam = await teams.list(db, { limit: MOST })
          return {
            user_id: principal.userId ?? null,
            user_info: null,
            keys: await renderKeys(await keys.list(db, { limit: MOST }), work, admin),
            teams: await renderTeamsInFull(everyTeam, work, admin, { keys: false }),
          }
        }
        const user = await findSeen(query.user_id, work)
        const memberships = await teamMembers.ofUsers(db, [user.id])
        const inTeams = await teams.getMany(
          db,
          memberships.map(({ groupId }) => groupId),
        )
        const [info = {}] = await renderUsers([user], work, admin)
        return {
          user_id: user.id,
          user_info: info,
          keys: await renderKeys(await keys.list(db, { where: { user_id: user.id } }), work, admin),
          teams: await renderTeamsInFull([...inTeams.values()], work, admin, {
            ofUser: user.id,
            keys: false,
          }),
        }
      },
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/v2/user/info'],
      summary: 'A user without keys and teams',
      access: 'users:read',
      query: byId,
      answer: { description: 'The user', schema: userRow },
      run: async ({ query, show }, work) => {
        const user = await findSeen(query.user_id, work)
        show(user)
        const [info] = await renderUsers([user], work, admin)
        return info
      },
    }),
    ...createUserListRoutes(admin),
  ]
}

/** The user that is asked for. @throws 403 for one that the caller does not see, 404 */
async function findSeen(asked: string | undefined, work: Work): Promise<Resource<'users'>> {
  const { principal } = work
  const userId = asked ?? principal.userId
  if (userId === undefined) throw forbidden('This key belongs to no user. Name one with user_id.', 'user_id')
  if (!(await seesUser(userId, work)))
    throw forbidden(
      `user not allowed to access this info. Your user_id=${principal.userId ?? 'None'}`,
      'user_id',
    )
  const user = await resourceTable('users').get(work.db, userId)
  return user ?? (isNowhere(userId, principal) ? unwritten(userId) : await findUser(userId, work))
}

/** Themselves; members of teams and organizations that they administer; everyone, for administrators. */
async function seesUser(userId: string, { principal, db }: Work): Promise<boolean> {
  const { role, adminOfTeams, adminOfOrganizations } = principal
  if (role === 'proxy_admin' || role === 'proxy_admin_viewer' || userId === principal.userId) return true
  const [teams, organizations] = [
    adminOfTeams.length === 0 ? [] : await teamMembers.ofUsers(db, [userId]),
    adminOfOrganizations.length === 0 ? [] : await organizationMembers.ofUsers(db, [userId]),
  ]
  return (
    teams.some(({ groupId }) => adminOfTeams.includes(groupId)) ||
    organizations.some(({ groupId }) => adminOfOrganizations.includes(groupId))
  )
}

/** Two that LiteLLM has rows for without anybody having made them. */
function isNowhere(userId: string, { userId: own, role }: Principal): boolean {
  return userId === EVERYBODY || (role === 'proxy_admin' && userId === own)
}

function unwritten(id: string): Resource<'users'> {
  const made = { created_ms: 0, created_by: null, updated_ms: 0, updated_by: null, version: 0 }
  return {
    ...made,
    id,
    email: null,
    role: 'proxy_admin',
    sso_user_id: null,
    data: {},
  }
}
