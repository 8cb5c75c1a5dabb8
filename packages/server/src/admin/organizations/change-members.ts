import type { OrganizationMemberData } from '../../store/data.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { organizationMembers } from '../members.ts'
import type { OrganizationMember } from '../members.ts'
import { badRequest, notFound } from '../refusals.ts'
import type { Work } from '../work.ts'

type Organization = Resource<'organizations'>

/** @throws 404 */
export async function findOrganization(id: string, { db }: Work): Promise<Organization> {
  const organization = await resourceTable('organizations').get(db, id)
  if (organization === undefined)
    throw notFound(`Organization not found for organization_id=${id}`, 'organization_id')
  return organization
}

/** Lets a user belong to an organization. @throws 400 for one who does already, 404 */
export async function addToOrganization(
  organizationId: string,
  user: Resource<'users'>,
  role: string,
  data: OrganizationMemberData,
  work: Work,
): Promise<OrganizationMember> {
  await findOrganization(organizationId, work)
  if ((await organizationMembers.get(work.db, organizationId, user.id)) !== undefined)
    throw badRequest(`User=${user.id} is already in organization=${organizationId}.`, 'user_id')
  const member: OrganizationMember = {
    groupId: organizationId,
    userId: user.id,
    role,
    data: user.email === null ? data : { user_email: user.email, ...data },
    createdMs: work.nowMs,
  }
  await organizationMembers.insert(work.db, member)
  await noteMember(organizationId, undefined, member, work)
  return member
}

/** Writes down how somebody's place in an organization changed. */
export async function noteMember(
  organizationId: string,
  before: OrganizationMember | undefined,
  after: OrganizationMember | undefined,
  work: Work,
): Promise<void> {
  const userId = (before ?? after)?.userId
  if (userId !== undefined) work.touch('users', userId)
  await work.note('organizations', organizationId, { member: before }, { member: after })
}
