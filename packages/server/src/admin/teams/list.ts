import { createError } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { Principal } from '../../auth/principal.ts'
import type { RestRoute } from '../../rest/route.ts'
import type { Filter } from '../../store/tables/filter.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { narrowed } from '../filters.ts'
import { teamMembers } from '../members.ts'
import { pageFields, pageOf, pagesOf } from '../paging.ts'
import type { Work } from '../work.ts'
import { visibleTeams } from './access.ts'
import { renderTeams, renderTeamsInFull } from './render.ts'
import { teamRow } from './schema.ts'

type TeamFilter = Filter<Omit<Resource<'teams'>, 'data'>>

const teams = resourceTable('teams')

/** `/team/list` is not paged: its clients expect all of them. */
const MOST = 10_000

export function createTeamListRoutes(admin: Admin): readonly RestRoute[] {
  const all = action(admin, {
    method: 'GET',
    paths: ['/team/list'],
    tag: 'Teams',
    summary: 'All teams that the caller sees, with members and keys',
    access: 'teams:read',
    query: z.object({ user_id: z.string().optional(), organization_id: z.string().optional() }),
    answer: { description: 'The teams', schema: z.array(teamRow) },
    run: async ({ query }, work) => {
      const where = await searchOf(query, work)
      const found = await teams.list(work.db, { where, limit: MOST })
      return await renderTeamsInFull(found, work, admin, { ofUser: query.user_id, keys: true })
    },
  })
  const { page, size } = pageFields(10, 100)
  const paged = action(admin, {
    method: 'GET',
    paths: ['/v2/team/list'],
    tag: 'Teams',
    summary: 'The teams that the caller sees, by page',
    access: 'teams:read',
    query: z.object({
      user_id: z.string().optional(),
      organization_id: z.string().optional(),
      team_id: z.string().optional(),
      team_alias: z.string().optional().meta({ description: 'A part of the alias' }),
      page,
      page_size: size,
      sort_by: z.enum(['created_at', 'team_alias', 'team_id']).default('created_at'),
      sort_order: z.enum(['asc', 'desc']).default('desc'),
    }),
    answer: {
      description: 'One page',
      schema: z.object({
        teams: z.array(teamRow),
        total: z.int(),
        page: z.int(),
        page_size: z.int(),
        total_pages: z.int(),
      }),
    },
    run: async ({ query }, work) => {
      const where = await searchOf(query, work)
      const orderBy = ({ created_at: 'created_ms', team_alias: 'alias', team_id: 'id' } as const)[
        query.sort_by
      ]
      const total = await teams.count(work.db, where)
      const found = await teams.list(work.db, {
        where,
        orderBy,
        direction: query.sort_order,
        ...pageOf({ page: query.page, size: query.page_size }),
      })
      return {
        teams: await renderTeams(found, work, admin),
        total,
        page: query.page,
        page_size: query.page_size,
        total_pages: pagesOf(total, query.page_size),
      }
    },
  })
  const available = action(admin, {
    method: 'GET',
    paths: ['/team/available'],
    tag: 'Teams',
    summary: 'Teams that every user may join by themselves',
    access: 'teams:read',
    answer: { description: 'The teams', schema: z.array(teamRow) },
    run: async (_, work) => {
      const ids = admin.settings.availableTeams
      const open = ids.filter((id) => !work.principal.memberOfTeams.includes(id))
      return await renderTeams([...(await teams.getMany(work.db, open)).values()], work, admin)
    },
  })
  return [all, paged, available]
}

interface Wanted {
  user_id?: string | undefined
  organization_id?: string | undefined
  team_id?: string | undefined
  team_alias?: string | undefined
}

/** What is asked for, as far as the caller sees it. */
async function searchOf(
  { user_id, organization_id, team_id, team_alias }: Wanted,
  { db, principal }: Work,
): Promise<TeamFilter | readonly TeamFilter[]> {
  checkMayList(user_id, principal)
  const memberships = user_id === undefined ? undefined : await teamMembers.ofUsers(db, [user_id])
  const ofUser = memberships?.map(({ groupId }) => groupId)
  const wanted: TeamFilter = {
    organization_id,
    id: team_id === undefined ? ofUser : (ofUser ?? [team_id]).filter((id) => id === team_id),
    alias: team_alias === undefined ? undefined : { contains: team_alias },
  }
  const visible = visibleTeams(principal)
  return visible === undefined ? wanted : visible.map((one) => narrowed(wanted, one))
}

function checkMayList(userId: string | undefined, principal: Principal): void {
  const { role, adminOfOrganizations } = principal
  if (role === 'proxy_admin' || role === 'proxy_admin_viewer' || adminOfOrganizations.length > 0) return
  if (userId === undefined || userId === principal.userId) return
  throw createError({
    code: 'authentication',
    type: 'auth_error',
    param: 'user_id',
    message: `Only admin users can query all teams/other teams. Your user role=${role}`,
  })
}
