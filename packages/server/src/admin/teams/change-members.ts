import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { TeamMemberData } from '../../store/data.ts'
import type { Admin } from '../admin.ts'
import { teamMembers } from '../members.ts'
import type { TeamMember } from '../members.ts'
import { badRequest } from '../refusals.ts'
import { newStartMs } from '../spending.ts'
import { ensureUser } from '../users/ensure.ts'
import type { Work } from '../work.ts'
import type { MemberFields, MemberLimits } from './fields.ts'

type Team = Resource<'teams'>

/** Those who joined, and the users who were found or made for it. */
export interface Joined {
  readonly members: readonly TeamMember[]
  readonly users: readonly Resource<'users'>[]
}

/**
 * Lets people join a team. Who is in it already is left out, as long as somebody is new.
 *
 * @throws 400 `team_member_already_in_team` when nobody is.
 */
export async function addMembers(
  team: Team,
  wanted: readonly MemberFields[],
  limits: MemberLimits,
  work: Work,
  admin: Admin,
): Promise<Joined> {
  const before = await teamMembers.ofGroups(work.db, [team.id])
  const present = new Set(before.map(({ userId }) => userId))
  const members: TeamMember[] = []
  const users: Resource<'users'>[] = []
  for (const { role, ...who } of wanted) {
    const user = await ensureUser(who, work, admin)
    if (present.has(user.id)) continue
    present.add(user.id)
    const email = who.user_email ?? user.email
    const data = { ...dataOf(limits), ...(email === null ? {} : { user_email: email }) }
    // Those who join together stay in the order in which they were named.
    const createdMs = work.nowMs + members.length
    const member: TeamMember = { groupId: team.id, userId: user.id, role, data, createdMs }
    await teamMembers.insert(work.db, member)
    work.touch('users', user.id)
    members.push(member)
    users.push(user)
  }
  if (members.length === 0 && wanted.length > 0) throw alreadyInTeam(wanted)
  if (members.length > 0) await noteMembers(team, before, work)
  return { members, users }
}

function alreadyInTeam(wanted: readonly MemberFields[]): Error {
  const [first] = wanted
  const field = first?.user_id == null ? 'user_email' : 'user_id'
  const names = wanted.map(({ user_id: id, user_email: email }) => id ?? email).join(', ')
  return badRequest(`${field}=${names} already in team.`, field, 'team_member_already_in_team')
}

/** @throws 400 when there is no such member. */
export async function findMember(
  team: Team,
  { user_id: id, user_email: email }: Omit<MemberFields, 'role'>,
  { db }: Work,
): Promise<TeamMember> {
  const members = await teamMembers.ofGroups(db, [team.id])
  const byEmail = email == null ? undefined : email.toLowerCase()
  const member = members.find(({ userId, data }) =>
    id == null ? data.user_email?.toLowerCase() === byEmail : userId === id,
  )
  if (member === undefined)
    throw badRequest(
      `User id=${id ?? 'None'}, email=${email ?? 'None'} not found in team=${team.id}.`,
      'user_id',
    )
  return member
}

/** Takes somebody out of a team, with the keys they had in it. */
export async function removeMember(team: Team, member: TeamMember, work: Work): Promise<void> {
  const before = await teamMembers.ofGroups(work.db, [team.id])
  await teamMembers.delete(work.db, team.id, member.userId)
  work.touch('users', member.userId)
  const keys = resourceTable('keys')
  const theirs = await keys.list(work.db, { where: { team_id: team.id, user_id: member.userId } })
  await work.remove('keys', theirs)
  await noteMembers(team, before, work)
}

export async function changeMember(
  team: Team,
  member: TeamMember,
  { role, ...limits }: MemberLimits & { role?: MemberFields['role'] | null | undefined },
  work: Work,
): Promise<TeamMember> {
  const before = await teamMembers.ofGroups(work.db, [team.id])
  const data = { ...member.data, ...dataOf(limits) }
  const isNewWindow =
    limits.budget_duration !== undefined && limits.budget_duration !== member.data.budget_duration
  const changed = {
    ...member,
    role: role ?? member.role,
    data: isNewWindow
      ? { ...data, budget_since_ms: newStartMs({ data, created_ms: member.createdMs }, work.nowMs) }
      : data,
  }
  await teamMembers.update(work.db, changed)
  work.touch('users', member.userId)
  await noteMembers(team, before, work)
  return changed
}

async function noteMembers(team: Team, before: readonly TeamMember[], work: Work): Promise<void> {
  const after = await teamMembers.ofGroups(work.db, [team.id])
  await work.note('teams', team.id, { members: before }, { members: after })
}

function dataOf({ max_budget_in_team: max, ...limits }: MemberLimits): TeamMemberData {
  const given = Object.entries({ ...limits, max_budget: max }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}
