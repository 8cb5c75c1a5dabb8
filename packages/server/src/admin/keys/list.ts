import { z } from 'zod'
import type { Principal } from '../../auth/principal.ts'
import { keyHashOf } from '../../auth/virtual-key.ts'
import type { RestRoute } from '../../rest/route.ts'
import type { Filter } from '../../store/tables/filter.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { narrowed } from '../filters.ts'
import { pageFields, pageOf, pagesOf } from '../paging.ts'
import { forbidden } from '../refusals.ts'
import { visibleKeys } from './access.ts'
import { renderKeys } from './render.ts'

type KeyFilter = Filter<Omit<Resource<'keys'>, 'data'>>

const keys = resourceTable('keys')

const yes = z.stringbool().default(false)

const SORTABLE = ['created_at', 'updated_at', 'key_alias', 'expires', 'team_id', 'user_id'] as const
const COLUMNS = {
  created_at: 'created_ms',
  updated_at: 'updated_ms',
  key_alias: 'alias',
  expires: 'expires_ms',
  team_id: 'team_id',
  user_id: 'user_id',
} as const

const filters = {
  user_id: z.string().optional(),
  team_id: z.string().optional(),
  organization_id: z.string().optional(),
  key_hash: z.string().optional(),
  key_alias: z.string().optional().meta({ description: 'A part of the alias' }),
}

export function createKeyListRoutes(admin: Admin): readonly RestRoute[] {
  const list = action(admin, {
    method: 'GET',
    paths: ['/key/list'],
    tag: 'Keys',
    summary: 'The keys that the caller sees, by page',
    access: 'keys:read',
    query: z.object({
      ...filters,
      ...pageFields(10, 100),
      return_full_object: yes.meta({ description: 'The keys with all their fields, not their hashes' }),
      include_team_keys: yes.meta({ description: 'Also those of teams that the caller administers' }),
      sort_by: z.enum(SORTABLE).default('created_at'),
      sort_order: z.enum(['asc', 'desc']).default('desc'),
    }),
    answer: {
      description: 'One page',
      schema: z.object({
        keys: z.array(z.unknown()),
        total_count: z.int(),
        current_page: z.int(),
        total_pages: z.int(),
      }),
    },
    run: async ({ query }, work) => {
      const where = searchOf(query, work.principal, query.include_team_keys)
      const total = await keys.count(work.db, where)
      const orderBy = COLUMNS[query.sort_by]
      const found = await keys.list(work.db, {
        where,
        orderBy,
        direction: query.sort_order,
        ...pageOf(query),
      })
      return {
        keys: query.return_full_object ? await renderKeys(found, work, admin) : found.map(({ id }) => id),
        total_count: total,
        current_page: query.page,
        total_pages: pagesOf(total, query.size),
      }
    },
  })
  const aliases = action(admin, {
    method: 'GET',
    paths: ['/key/aliases'],
    tag: 'Keys',
    summary: 'The aliases of the keys that the caller sees, by page',
    access: 'keys:read',
    query: z.object({
      ...filters,
      ...pageFields(50, 1_000),
      search: z.string().optional().meta({ description: 'A part of the alias' }),
    }),
    answer: { description: 'One page', schema: z.looseObject({ aliases: z.array(z.string()) }) },
    run: async ({ query }, work) => {
      const named = { ...query, key_alias: query.search ?? query.key_alias ?? '' }
      const where = searchOf(named, work.principal, true)
      const total = await keys.count(work.db, where)
      const found = await keys.list(work.db, { where, orderBy: 'alias', direction: 'asc', ...pageOf(query) })
      return {
        aliases: found.map(({ alias }) => alias),
        total_count: total,
        current_page: query.page,
        total_pages: pagesOf(total, query.size),
        size: query.size,
      }
    },
  })
  return [list, aliases]
}

interface Wanted {
  user_id?: string | undefined
  team_id?: string | undefined
  organization_id?: string | undefined
  key_hash?: string | undefined
  key_alias?: string | undefined
}

/** What is asked for, as far as the caller sees it. */
function searchOf(
  { user_id, team_id, organization_id, key_hash, key_alias }: Wanted,
  principal: Principal,
  includesTeams: boolean,
): KeyFilter | readonly KeyFilter[] {
  const wanted: KeyFilter = {
    user_id,
    team_id,
    organization_id,
    id: key_hash === undefined ? undefined : keyHashOf(key_hash),
    alias: key_alias === undefined ? undefined : { contains: key_alias },
  }
  const visible = visibleKeys(principal, '/key/list')
  if (visible === undefined) return wanted
  checkMayList(user_id, team_id, principal)
  const own =
    includesTeams || team_id !== undefined || organization_id !== undefined ? visible : visible.slice(0, 2)
  return own.map((one) => narrowed(wanted, one))
}

function checkMayList(userId: string | undefined, teamId: string | undefined, principal: Principal): void {
  const { adminOfTeams, memberOfTeams, adminOfOrganizations } = principal
  if (adminOfOrganizations.length > 0) return
  if (teamId !== undefined && !memberOfTeams.includes(teamId) && principal.teamId !== teamId)
    throw forbidden("You are not authorized to check this team's keys.", 'team_id')
  if (userId !== undefined && userId !== principal.userId && adminOfTeams.length === 0)
    throw forbidden("You are not authorized to check another user's keys.", 'user_id')
}
