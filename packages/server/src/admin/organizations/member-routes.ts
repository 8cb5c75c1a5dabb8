import { z } from 'zod'
import type { RestRoute } from '../../rest/route.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { id, usd } from '../fields.ts'
import { organizationMembers } from '../members.ts'
import type { OrganizationMember } from '../members.ts'
import { badRequest, forbidden } from '../refusals.ts'
import { ensureUser } from '../users/ensure.ts'
import { renderUsers } from '../users/render.ts'
import type { Work } from '../work.ts'
import { addToOrganization, noteMember } from './change-members.ts'
import { renderOrganizationMembers } from './render.ts'

const ROLES = ['org_admin', 'internal_user', 'internal_user_viewer'] as const

const who = { user_id: id.nullish(), user_email: z.string().max(320).nullish() }
const newMember = z
  .object({ ...who, role: z.enum(ROLES) })
  .refine(
    ({ user_id, user_email }) => (user_id ?? user_email) != null,
    'Either user_id or user_email must be provided',
  )

const member = z
  .looseObject({ user_id: z.string(), organization_id: z.string(), user_role: z.string() })
  .meta({ id: 'OrganizationMember' })

export function createOrganizationMemberRoutes(admin: Admin): readonly RestRoute[] {
  const common = { tag: 'Organizations', access: 'organizations:write' } as const
  return [
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/organization/member_add'],
      summary: 'Lets people belong to an organization; who is no user yet becomes one',
      body: z.object({
        organization_id: id,
        member: z.union([z.array(newMember).min(1).max(500), newMember]),
        max_budget_in_organization: usd.nullish(),
      }),
      example: { organization_id: 'research', member: { role: 'internal_user', user_id: 'user-123' } },
      answer: {
        description: 'Who belongs to it now',
        schema: z.looseObject({
          organization_id: z.string(),
          updated_organization_memberships: z.array(member),
        }),
      },
      run: async ({ body }, work) => {
        checkGoverns(body.organization_id, work)
        const members: OrganizationMember[] = []
        const users = []
        for (const { role, ...one } of Array.isArray(body.member) ? body.member : [body.member]) {
          const user = await ensureUser(one, work, admin)
          const data =
            body.max_budget_in_organization == null ? {} : { max_budget: body.max_budget_in_organization }
          members.push(await addToOrganization(body.organization_id, user, role, data, work))
          users.push(user)
        }
        return {
          organization_id: body.organization_id,
          updated_users: await renderUsers(users, work, admin),
          updated_organization_memberships: await renderOrganizationMembers(members, work, admin),
        }
      },
    }),
    action(admin, {
      ...common,
      method: 'PATCH',
      paths: ['/organization/member_update'],
      summary: 'Changes a member’s role in an organization',
      body: z.object({
        organization_id: id,
        ...who,
        role: z.enum(ROLES).nullish(),
        max_budget_in_organization: usd.nullish(),
      }),
      example: { organization_id: 'research', user_id: 'user-123', role: 'org_admin' },
      answer: { description: 'The member as it is now', schema: member },
      run: async ({ body }, work) => {
        const before = await findMember(body.organization_id, body, work)
        const max = body.max_budget_in_organization
        const data = max === undefined ? before.data : { ...before.data, max_budget: max }
        const after = { ...before, role: body.role ?? before.role, data }
        await organizationMembers.update(work.db, after)
        await noteMember(body.organization_id, before, after, work)
        return (await renderOrganizationMembers([after], work, admin))[0]
      },
    }),
    action(admin, {
      ...common,
      method: 'DELETE',
      paths: ['/organization/member_delete'],
      summary: 'Takes somebody out of an organization',
      body: z.object({ organization_id: id, ...who }),
      example: { organization_id: 'research', user_id: 'user-123' },
      answer: { description: 'Who was taken out', schema: member },
      run: async ({ body }, work) => {
        const before = await findMember(body.organization_id, body, work)
        await organizationMembers.delete(work.db, body.organization_id, before.userId)
        await noteMember(body.organization_id, before, undefined, work)
        return (await renderOrganizationMembers([before], work, admin))[0]
      },
    }),
  ]
}

/** @throws 403 unless they administer this one. */
function checkGoverns(organizationId: string, { principal }: Work): void {
  const { role, adminOfOrganizations } = principal
  if (role !== 'proxy_admin' && !adminOfOrganizations.includes(organizationId))
    throw forbidden('Only its own admins and proxy admins may change who belongs to it.', 'organization_id')
}

async function findMember(
  organizationId: string,
  {
    user_id: userId,
    user_email: email,
  }: { user_id?: string | null | undefined; user_email?: string | null | undefined },
  work: Work,
): Promise<OrganizationMember> {
  checkGoverns(organizationId, work)
  const members = await organizationMembers.ofGroups(work.db, [organizationId])
  const found = members.find((one) =>
    userId == null ? one.data.user_email?.toLowerCase() === email?.toLowerCase() : one.userId === userId,
  )
  if (found === undefined)
    throw badRequest(`User=${userId ?? email ?? 'None'} is not in organization=${organizationId}.`, 'user_id')
  return found
}
