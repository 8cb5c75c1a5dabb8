import { z } from 'zod'
import type { RestRoute } from '../../rest/route.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { id, texts } from '../fields.ts'
import { renderKeys } from '../keys/render.ts'
import { teamMembers } from '../members.ts'
import { checkVersion } from '../version.ts'
import { checkAdministersTeam, checkGovernsTeam, checkSeesTeam } from './access.ts'
import { createTeam, deleteTeams, findTeam, mergeMetadata, updateTeam } from './change.ts'
import { changedTeamFields, newTeamFields, patchedTeamFields } from './fields.ts'
import { createTeamListRoutes } from './list.ts'
import { createMemberRoutes } from './member-routes.ts'
import { renderMemberships, renderTeamRow } from './render.ts'
import { teamRow } from './schema.ts'

const named = z.object({ team_id: id })
const idInQuery = z.object({ team_id: id.meta({ description: 'The team' }) })

/** What plain members of a team can be trusted with, in LiteLLM's route names. */
const MEMBER_PERMISSIONS = [
  '/key/generate',
  '/key/service-account/generate',
  '/key/update',
  '/key/delete',
  '/key/regenerate',
  '/key/{key_id}/regenerate',
  '/key/block',
  '/key/unblock',
  '/key/bulk_update',
  '/key/{key_id}/reset_spend',
  '/key/info',
  '/key/health',
  '/key/list',
  '/key/aliases',
  '/team/daily/activity',
  '/spend/logs',
] as const

export function createTeamRoutes(admin: Admin): readonly RestRoute[] {
  const common = { tag: 'Teams' } as const
  return [
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/team/new'],
      summary: 'Makes a team; whoever makes it administers it',
      access: 'teams:create',
      body: newTeamFields,
      example: { team_alias: 'backend-team', rpm_limit: 200, max_budget: 500, budget_duration: 'monthly' },
      answer: { description: 'The team', schema: teamRow },
      run: async ({ body }, work) => await renderTeamRow(await createTeam(body, work, admin), work, admin),
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/team/update'],
      summary: 'Changes a team; null clears a limit',
      access: 'teams:write',
      body: changedTeamFields,
      example: { team_id: 'backend', max_budget: 600 },
      answer: {
        description: 'The team as it is now',
        schema: z.object({ team_id: z.string(), data: teamRow }),
      },
      run: async ({ body, ifMatch, show }, work) => {
        const team = await findTeam(body.team_id, work)
        checkAdministersTeam(work.principal, team, '/team/update')
        checkVersion(team, ifMatch)
        const updated = await updateTeam(team, body, work, admin)
        show(updated)
        return { team_id: team.id, data: await renderTeamRow(updated, work, admin) }
      },
    }),
    action(admin, {
      ...common,
      method: 'PATCH',
      paths: ['/team/:team_id'],
      params: { team_id: 'The team' },
      summary: 'Changes a team; of its metadata only what is named, and null takes a field away',
      access: 'teams:write',
      body: patchedTeamFields,
      example: { metadata: { cost_center: 'CC-1001' } },
      answer: { description: 'The team as it is now', schema: teamRow },
      run: async ({ body, params, ifMatch, show }, work) => {
        const team = await findTeam(params['team_id'] ?? '', work)
        checkAdministersTeam(work.principal, team, '/team/update')
        checkVersion(team, ifMatch)
        const updated = await updateTeam(team, mergeMetadata(team, body), work, admin)
        show(updated)
        return await renderTeamRow(updated, work, admin)
      },
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/team/info'],
      summary: 'A team with its members, their spend and its keys',
      access: 'teams:read',
      query: idInQuery,
      answer: {
        description: 'The team',
        schema: z.object({
          team_id: z.string(),
          team_info: teamRow,
          keys: z.array(z.unknown()),
          team_memberships: z.array(z.unknown()),
        }),
      },
      run: async ({ query, show }, work) => {
        const team = await findTeam(query.team_id, work)
        checkSeesTeam(work.principal, team)
        show(team)
        const keys = await resourceTable('keys').list(work.db, { where: { team_id: team.id } })
        const members = await teamMembers.ofGroups(work.db, [team.id])
        return {
          team_id: team.id,
          team_info: await renderTeamRow(team, work, admin),
          keys: await renderKeys(keys, work, admin),
          team_memberships: await renderMemberships(members, [team], work, admin),
        }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/team/delete'],
      summary: 'Deletes teams with all of their keys',
      access: 'teams:delete',
      body: z.object({ team_ids: z.array(id).min(1).max(1_000) }),
      example: { team_ids: ['backend'] },
      answer: { description: 'What was deleted', schema: z.object({ deleted_teams: z.array(z.string()) }) },
      run: async ({ body }, work) => {
        await deleteTeams([...new Set(body.team_ids)], work)
        return { deleted_teams: body.team_ids }
      },
    }),
    ...(['block', 'unblock'] as const).map((verb) =>
      action(admin, {
        ...common,
        method: 'POST',
        paths: [`/team/${verb}`],
        summary:
          verb === 'block'
            ? 'Blocks a team: all of its keys are refused at once'
            : 'Lets its keys work again',
        access: 'teams:write',
        body: named,
        example: { team_id: 'backend' },
        answer: { description: 'The team as it is now', schema: teamRow },
        run: async ({ body }, work) => {
          const team = await findTeam(body.team_id, work)
          checkGovernsTeam(work.principal, team, `/team/${verb}`)
          const data = { ...team.data, blocked: verb === 'block' }
          return await renderTeamRow(await work.update('teams', team, { data }, `${verb}ed`), work, admin)
        },
      }),
    ),
    ...(['add', 'delete'] as const).map((verb) =>
      action(admin, {
        ...common,
        method: 'POST',
        paths: [`/team/model/${verb}`],
        summary: verb === 'add' ? 'Lets a team use more models' : 'Takes models from a team',
        access: 'teams:write',
        body: z.object({ team_id: id, models: texts }),
        example: { team_id: 'backend', models: ['gpt-4o'] },
        answer: { description: 'The team as it is now', schema: teamRow },
        run: async ({ body }, work) => {
          const team = await findTeam(body.team_id, work)
          checkAdministersTeam(work.principal, team, `/team/model/${verb}`)
          const own = team.data.models ?? []
          const models =
            verb === 'add'
              ? [...new Set([...own, ...body.models])]
              : own.filter((model) => !body.models.includes(model))
          return await renderTeamRow(await updateTeam(team, { models }, work, admin), work, admin)
        },
      }),
    ),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/team/permissions_list'],
      summary: 'What plain members may do with a team’s keys, and what they could be allowed',
      access: 'teams:read',
      query: idInQuery,
      answer: { description: 'LiteLLM’s names of routes', schema: z.looseObject({ team_id: z.string() }) },
      run: async ({ query }, work) => {
        const team = await findTeam(query.team_id, work)
        checkSeesTeam(work.principal, team)
        return {
          team_id: team.id,
          team_member_permissions: team.data.team_member_permissions ?? ['/key/info', '/key/health'],
          all_available_permissions: MEMBER_PERMISSIONS,
        }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/team/permissions_update'],
      summary: 'Says what plain members may do with a team’s keys',
      access: 'teams:write',
      body: z.object({ team_id: id, team_member_permissions: z.array(z.enum(MEMBER_PERMISSIONS)) }),
      example: { team_id: 'backend', team_member_permissions: ['/key/generate'] },
      answer: { description: 'The team as it is now', schema: teamRow },
      run: async ({ body }, work) => {
        const team = await findTeam(body.team_id, work)
        checkAdministersTeam(work.principal, team, '/team/permissions_update')
        const { team_member_permissions } = body
        return await renderTeamRow(
          await updateTeam(team, { team_member_permissions }, work, admin),
          work,
          admin,
        )
      },
    }),
    ...createTeamListRoutes(admin),
    ...createMemberRoutes(admin),
  ]
}
