import { z } from 'zod'
import type { RestRoute } from '../../rest/route.ts'
import type { Filter } from '../../store/tables/filter.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { narrowed } from '../filters.ts'
import { organizationMembers, teamMembers } from '../members.ts'
import { pageFields, pageOf, pagesOf } from '../paging.ts'
import type { Work } from '../work.ts'
import { renderUsers } from './render.ts'
import { userRow } from './schema.ts'

type UserFilter = Filter<Omit<Resource<'users'>, 'data'>>

const users = resourceTable('users')

const COLUMNS = {
  created_at: 'created_ms',
  updated_at: 'updated_ms',
  user_id: 'id',
  user_email: 'email',
  user_role: 'role',
} as const

const AVAILABLE_ROLES = {
  proxy_admin: {
    description: 'admin over litellm proxy, has all permissions',
    ui_label: 'Admin (All Permissions)',
  },
  proxy_admin_viewer: {
    description: 'view all keys, view all spend',
    ui_label: 'Admin (View Only)',
  },
  internal_user: {
    description: 'view/create/delete their own keys, view their own spend',
    ui_label: 'Internal User (Create/Delete/View)',
  },
  internal_user_viewer: {
    description: 'view their own keys, view their own spend',
    ui_label: 'Internal User (View Only)',
  },
} as const

export function createUserListRoutes(admin: Admin): readonly RestRoute[] {
  const { page, size } = pageFields(25, 100)
  const list = action(admin, {
    method: 'GET',
    paths: ['/user/list', '/user/get_users'],
    tag: 'Users',
    summary: 'The users that the caller sees, by page',
    access: 'users:list',
    query: z.object({
      role: z.string().optional(),
      user_ids: z.string().optional().meta({ description: 'Ids, divided by commas' }),
      sso_user_ids: z.string().optional(),
      user_email: z.string().optional().meta({ description: 'A part of the address' }),
      team: z.string().optional().meta({ description: 'Members of this team' }),
      page,
      page_size: size,
      sort_by: z
        .enum(['created_at', 'updated_at', 'user_id', 'user_email', 'user_role'])
        .default('created_at'),
      sort_order: z.enum(['asc', 'desc']).default('desc'),
    }),
    answer: {
      description: 'One page',
      schema: z.object({
        users: z.array(userRow),
        total: z.int(),
        page: z.int(),
        page_size: z.int(),
        total_pages: z.int(),
      }),
    },
    run: async ({ query }, work) => {
      const where = await searchOf(query, work)
      const total = await users.count(work.db, where)
      const found = await users.list(work.db, {
        where,
        orderBy: COLUMNS[query.sort_by],
        direction: query.sort_order,
        ...pageOf({ page: query.page, size: query.page_size }),
      })
      const keyCounts = await countKeys(found, work)
      const rendered = await renderUsers(found, work, admin)
      return {
        users: rendered.map((user, index) => ({
          ...user,
          key_count: keyCounts.get(found[index]?.id ?? '') ?? 0,
        })),
        total,
        page: query.page,
        page_size: query.page_size,
        total_pages: pagesOf(total, query.page_size),
      }
    },
  })
  const roles = action(admin, {
    method: 'GET',
    paths: ['/user/available_roles'],
    tag: 'Users',
    summary: 'The roles that a user can have',
    access: 'users:read',
    answer: { description: 'The roles', schema: z.record(z.string(), z.unknown()) },
    run: () => Promise.resolve(AVAILABLE_ROLES),
  })
  return [list, roles]
}

async function searchOf(
  query: {
    role?: string | undefined
    user_ids?: string | undefined
    sso_user_ids?: string | undefined
    user_email?: string | undefined
    team?: string | undefined
  },
  { db, principal }: Work,
): Promise<UserFilter> {
  const inTeam = query.team === undefined ? undefined : await teamMembers.ofGroups(db, [query.team])
  const wanted: UserFilter = {
    role: query.role,
    id: query.user_ids?.split(',').map((one) => one.trim()),
    sso_user_id: query.sso_user_ids?.split(',').map((one) => one.trim()),
    email: query.user_email === undefined ? undefined : { contains: query.user_email },
  }
  const asked = inTeam === undefined ? wanted : narrowed(wanted, { id: inTeam.map(({ userId }) => userId) })
  if (principal.role === 'proxy_admin' || principal.role === 'proxy_admin_viewer') return asked
  const members = await organizationMembers.ofGroups(db, principal.adminOfOrganizations)
  return narrowed(asked, { id: members.map(({ userId }) => userId) })
}

async function countKeys(
  found: readonly Resource<'users'>[],
  { db }: Work,
): Promise<ReadonlyMap<string, number>> {
  if (found.length === 0) return new Map()
  const rows = await db
    .selectFrom('keys')
    .select(({ fn }) => ['user_id', fn.countAll<number>().as('count')])
    .where(
      'user_id',
      'in',
      found.map(({ id }) => id),
    )
    .groupBy('user_id')
    .execute()
  return new Map(rows.map(({ user_id: id, count }) => [id ?? '', Number(count)]))
}
