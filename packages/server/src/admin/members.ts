import { memberTable } from '../store/tables/members.ts'
import type { Member, MemberTable } from '../store/tables/members.ts'

export type TeamMember = Member<'team_members'>
export type OrganizationMember = Member<'organization_members'>

export const teamMembers: MemberTable<'team_members'> = memberTable('team_members')
export const organizationMembers: MemberTable<'organization_members'> = memberTable('organization_members')

/** Lists of members by what they belong to. */
export function byGroup<M extends { readonly groupId: string }>(
  members: readonly M[],
): ReadonlyMap<string, readonly M[]> {
  return Map.groupBy(members, ({ groupId }) => groupId)
}
