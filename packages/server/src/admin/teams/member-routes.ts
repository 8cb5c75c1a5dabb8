import { z } from 'zod'
import type { RestRoute } from '../../rest/route.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { id } from '../fields.ts'
import { EVERYBODY } from '../../auth/principal-limits.ts'
import { isRefusal } from '../keys/change.ts'
import { teamMembers } from '../members.ts'
import { badRequest, notFound } from '../refusals.ts'
import { renderUsers } from '../users/render.ts'
import type { Work } from '../work.ts'
import { checkAdministersTeam } from './access.ts'
import { findTeam } from './change.ts'
import { addMembers, changeMember, findMember, removeMember } from './change-members.ts'
import type { Joined } from './change-members.ts'
import { memberFields, memberLimits } from './fields.ts'
import type { MemberFields } from './fields.ts'
import { renderMemberships, renderTeamRow } from './render.ts'
import { teamRow } from './schema.ts'

const who = {
  user_id: id.nullish(),
  user_email: z.string().nullish(),
}

export function createMemberRoutes(admin: Admin): readonly RestRoute[] {
  const common = { tag: 'Teams', access: 'team_members:write' } as const
  return [
    action(admin, {
      tag: 'Teams',
      access: 'teams:read',
      method: 'GET',
      paths: ['/team/:team_id/members/me'],
      params: { team_id: 'The team' },
      summary: 'Who asks, as a member of a team: role, limits and what they have spent in it',
      answer: { description: 'The member', schema: z.looseObject({ team_id: z.string() }) },
      run: async ({ params }, work) => {
        const team = await findTeam(params['team_id'] ?? '', work)
        const { userId } = work.principal
        const member = userId === undefined ? undefined : await teamMembers.get(work.db, team.id, userId)
        if (member === undefined)
          throw notFound(`User=${userId ?? 'None'} not found in team=${team.id}`, 'team_id')
        const [rendered] = await renderMemberships([member], [team], work, admin)
        return { ...rendered, user_email: member.data.user_email ?? null, team_alias: team.alias }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/team/member_add'],
      summary: 'Lets people join a team; who is no user yet becomes one',
      body: z.object({
        team_id: id,
        member: z.union([z.array(memberFields).min(1).max(500), memberFields]),
        ...memberLimits,
      }),
      example: { team_id: 'backend', member: { role: 'user', user_id: 'user-123' }, max_budget_in_team: 10 },
      answer: { description: 'The team as it is now, and who joined', schema: teamRow },
      run: async ({ body }, work) => {
        const { team_id, member, ...limits } = body
        const team = await findTeam(team_id, work)
        const wanted = Array.isArray(member) ? member : [member]
        if (!joinsByThemselves(team, wanted, work, admin))
          checkAdministersTeam(work.principal, team, '/team/member_add')
        const { members, users } = await addMembers(team, wanted, limits, work, admin)
        return {
          ...(await renderTeamRow(team, work, admin)),
          updated_users: await renderUsers(users, work, admin),
          updated_team_memberships: await renderMemberships(members, [team], work, admin),
        }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/team/bulk_member_add'],
      summary: 'Lets many people join a team; says of each whether they could',
      body: z.object({
        team_id: id,
        members: z.array(memberFields).max(500).nullish(),
        all_users: z.boolean().nullish().meta({ description: 'Everyone who is a user' }),
        max_budget_in_team: memberLimits.max_budget_in_team,
      }),
      example: { team_id: 'backend', members: [{ role: 'user', user_id: 'user-123' }] },
      answer: { description: 'Who joined and who did not', schema: z.looseObject({ team_id: z.string() }) },
      run: async ({ body }, work) => {
        const team = await findTeam(body.team_id, work)
        checkAdministersTeam(work.principal, team, '/team/bulk_member_add')
        const { members = [], all_users: isEveryone, max_budget_in_team } = body
        const add: Add = (some) => addMembers(team, some, { max_budget_in_team }, work, admin)
        const results = isEveryone === true ? await addEveryone(add, work) : await addEach(add, members ?? [])
        if (results.length === 0) throw badRequest('Send members, or all_users: true.', 'members')
        const successes = results.filter(({ success }) => success === true).length
        return {
          team_id: team.id,
          results,
          total_requested: results.length,
          successful_additions: successes,
          failed_additions: results.length - successes,
          updated_team: await renderTeamRow(team, work, admin),
        }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/team/member_update'],
      summary: 'Changes a member’s role and limits in a team',
      body: z.object({
        team_id: id,
        ...who,
        role: z.enum(['admin', 'user']).nullish(),
        ...memberLimits,
      }),
      example: { team_id: 'backend', user_id: 'user-123', max_budget_in_team: 20 },
      answer: { description: 'The member as it is now', schema: z.looseObject({ team_id: z.string() }) },
      run: async ({ body }, work) => {
        const { team_id, user_id, user_email, ...change } = body
        const team = await findTeam(team_id, work)
        checkAdministersTeam(work.principal, team, '/team/member_update')
        const member = await findMember(team, { user_id, user_email }, work)
        const { userId, role, data } = await changeMember(team, member, change, work)
        return {
          team_id: team.id,
          user_id: userId,
          user_email: data.user_email ?? null,
          role,
          max_budget_in_team: data.max_budget ?? null,
          budget_duration: data.budget_duration ?? null,
          tpm_limit: data.tpm_limit ?? null,
          rpm_limit: data.rpm_limit ?? null,
          allowed_models: data.allowed_models ?? null,
        }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/team/member_delete'],
      summary: 'Takes somebody out of a team, with the keys they had in it',
      body: z.object({ team_id: id, ...who }),
      example: { team_id: 'backend', user_id: 'user-123' },
      answer: { description: 'The team as it is now', schema: teamRow },
      run: async ({ body }, work) => {
        const team = await findTeam(body.team_id, work)
        checkAdministersTeam(work.principal, team, '/team/member_delete')
        await removeMember(team, await findMember(team, body, work), work)
        return await renderTeamRow(team, work, admin)
      },
    }),
  ]
}

/** Some teams are open to everybody, as plain members. */
function joinsByThemselves(
  team: Resource<'teams'>,
  wanted: readonly MemberFields[],
  { principal }: Work,
  { settings }: Admin,
): boolean {
  return (
    settings.availableTeams.includes(team.id) &&
    wanted.every(({ user_id: userId, role }) => role === 'user' && userId === principal.userId)
  )
}

type Add = (members: readonly MemberFields[]) => Promise<Joined>

/** What became of one of many. */
interface Addition {
  readonly user_id: string | null
  readonly user_email: string | null
  readonly success: boolean
  readonly error: string | null
}

async function addEach(add: Add, members: readonly MemberFields[]): Promise<Addition[]> {
  const results: Addition[] = []
  for (const one of members) {
    const named = { user_id: one.user_id ?? null, user_email: one.user_email ?? null }
    try {
      await add([one])
      results.push({ ...named, success: true, error: null })
    } catch (error) {
      if (!isRefusal(error)) throw error
      results.push({ ...named, success: false, error: error.message })
    }
  }
  return results
}

/** All at once: nothing but being there already can be wrong with one who is a user. */
async function addEveryone(add: Add, { db }: Work): Promise<Addition[]> {
  const users = await resourceTable('users').list(db, { direction: 'asc' })
  const people = users.filter(({ id: userId }) => userId !== EVERYBODY)
  const joined = new Set<string>()
  try {
    const { members } = await add(people.map(({ id: user_id }) => ({ user_id, role: 'user' })))
    for (const { userId } of members) joined.add(userId)
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  return people.map(({ id: userId, email }) => ({
    user_id: userId,
    user_email: email,
    success: joined.has(userId),
    error: joined.has(userId) ? null : `user_id=${userId} already in team.`,
  }))
}
