import { z } from 'zod'
import type { Principal } from '../../auth/principal.ts'
import type { RestRoute } from '../../rest/route.ts'
import type { OrganizationData } from '../../store/data.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { checkBudget, limitsIn } from '../budget-table.ts'
import { budgetFields, count, id, map, text, texts } from '../fields.ts'
import { organizationMembers } from '../members.ts'
import { badRequest, forbidden, notFound } from '../refusals.ts'
import { deleteTeams } from '../teams/change.ts'
import { checkVersion } from '../version.ts'
import type { Work } from '../work.ts'
import { findOrganization } from './change-members.ts'
import { createOrganizationMemberRoutes } from './member-routes.ts'
import { renderOrganizations } from './render.ts'

type Organization = Resource<'organizations'>

const organizations = resourceTable('organizations')

const row = z
  .looseObject({
    organization_id: z.string(),
    organization_alias: z.string().nullable(),
    budget_id: z.string().nullable(),
    models: z.array(z.string()),
    spend: z.number().meta({ description: 'US dollars in the current window' }),
  })
  .meta({ id: 'Organization' })

const common = {
  ...budgetFields,
  budget_id: id.nullish(),
  models: texts.nullish().meta({ description: 'Models, groups of models or patterns; empty: all' }),
  metadata: map.nullish(),
  model_rpm_limit: z.record(z.string(), count).nullish(),
  model_tpm_limit: z.record(z.string(), count).nullish(),
}
const made = z.object({ ...common, organization_id: id.nullish(), organization_alias: text })
const changed = z.object({ ...common, organization_id: id, organization_alias: text.nullish() })

export function createOrganizationRoutes(admin: Admin): readonly RestRoute[] {
  const shared = { tag: 'Organizations' } as const
  const renderOne = async (organization: Organization, work: Work): Promise<object> =>
    (await renderOrganizations([organization], work, admin))[0] ?? {}
  return [
    action(admin, {
      ...shared,
      method: 'POST',
      paths: ['/organization/new'],
      summary: 'Makes an organization: teams and users belong to it',
      access: 'organizations:create',
      body: made,
      example: {
        organization_alias: 'research',
        models: ['gpt-4o'],
        max_budget: 1000,
        budget_duration: '30d',
      },
      answer: { description: 'The organization', schema: row },
      run: async ({ body }, work) => {
        const organizationId = body.organization_id ?? work.newId()
        if ((await organizations.get(work.db, organizationId)) !== undefined)
          throw badRequest(`Organization with id=${organizationId} already exists.`, 'organization_id')
        await checkBudget(body.budget_id, work)
        const organization = await work.insert('organizations', {
          id: organizationId,
          alias: body.organization_alias,
          budget_id: body.budget_id ?? null,
          data: dataOf(body),
        })
        return await renderOne(organization, work)
      },
    }),
    action(admin, {
      ...shared,
      method: 'PATCH',
      paths: ['/organization/update'],
      summary: 'Changes an organization; null clears a limit',
      access: 'organizations:write',
      body: changed,
      example: { organization_id: 'research', max_budget: 2000 },
      answer: { description: 'The organization as it is now', schema: row },
      run: async ({ body, ifMatch, show }, work) => {
        if (work.principal.role !== 'proxy_admin')
          throw forbidden('Only a proxy admin may change what an organization has.', 'organization_id')
        const organization = await findOrganization(body.organization_id, work)
        checkVersion(organization, ifMatch)
        await checkBudget(body.budget_id, work)
        const updated = await work.update('organizations', organization, {
          alias: body.organization_alias ?? organization.alias,
          budget_id: body.budget_id === undefined ? organization.budget_id : body.budget_id,
          data: { ...organization.data, ...dataOf(body) },
        })
        show(updated)
        return await renderOne(updated, work)
      },
    }),
    action(admin, {
      ...shared,
      method: 'GET',
      paths: ['/organization/info'],
      summary: 'An organization with its members and teams',
      access: 'organizations:read',
      query: z.object({ organization_id: id.meta({ description: 'The organization' }) }),
      answer: { description: 'The organization', schema: row },
      run: async ({ query, show }, work) => {
        const organization = await findOrganization(query.organization_id, work)
        if (!(await visibleIds(work)).includes(organization.id) && !seesAll(work.principal))
          throw forbidden('You do not belong to this organization.', 'organization_id')
        show(organization)
        return await renderOne(organization, work)
      },
    }),
    action(admin, {
      ...shared,
      method: 'POST',
      paths: ['/organization/info'],
      summary: 'Organizations by their ids',
      access: 'organizations:read',
      body: z.object({ organizations: z.array(id).max(1_000) }),
      example: { organizations: ['research'] },
      answer: { description: 'Those that are there', schema: z.array(row) },
      run: async ({ body }, work) => {
        if (body.organizations.length === 0)
          throw badRequest("Specify list of organization id's to query. Passed in=[]", 'organizations')
        const seen = seesAll(work.principal) ? body.organizations : await visibleIds(work)
        const wanted = body.organizations.filter((one) => seen.includes(one))
        return await renderOrganizations(
          [...(await organizations.getMany(work.db, wanted)).values()],
          work,
          admin,
        )
      },
    }),
    action(admin, {
      ...shared,
      method: 'GET',
      paths: ['/organization/list'],
      summary: 'The organizations that the caller sees',
      access: 'organizations:read',
      query: z.object({
        org_id: z.string().optional(),
        org_alias: z.string().optional().meta({ description: 'A part of the alias' }),
      }),
      answer: { description: 'The organizations', schema: z.array(row) },
      run: async ({ query }, work) => {
        const seen = seesAll(work.principal) ? undefined : await visibleIds(work)
        const wanted =
          query.org_id === undefined ? seen : (seen ?? [query.org_id]).filter((one) => one === query.org_id)
        const alias = query.org_alias === undefined ? undefined : { contains: query.org_alias }
        const found = await organizations.list(work.db, { where: { id: wanted, alias } })
        return await renderOrganizations(found, work, admin)
      },
    }),
    action(admin, {
      ...shared,
      method: 'DELETE',
      paths: ['/organization/delete'],
      summary: 'Deletes organizations with all of their teams and keys',
      access: 'organizations:create',
      body: z.object({ organization_ids: z.array(id).min(1).max(1_000) }),
      example: { organization_ids: ['research'] },
      answer: { description: 'What they were', schema: z.array(row) },
      run: async ({ body }, work) => {
        const ids = [...new Set(body.organization_ids)]
        const found = await organizations.getMany(work.db, ids)
        const missing = ids.find((one) => !found.has(one))
        if (missing !== undefined)
          throw notFound(`Organization not found for organization_id=${missing}`, 'organization_ids')
        const answer = await renderOrganizations([...found.values()], work, admin)
        await deleteAll([...found.values()], work)
        return answer
      },
    }),
    ...createOrganizationMemberRoutes(admin),
  ]
}

async function deleteAll(found: readonly Organization[], work: Work): Promise<void> {
  const ids = found.map(({ id: one }) => one)
  const teams = await resourceTable('teams').list(work.db, { where: { organization_id: ids } })
  await deleteTeams(
    teams.map(({ id: one }) => one),
    work,
  )
  const keys = resourceTable('keys')
  await work.remove('keys', await keys.list(work.db, { where: { organization_id: ids } }))
  for (const { userId } of await organizationMembers.ofGroups(work.db, ids)) work.touch('users', userId)
  await organizationMembers.deleteGroups(work.db, ids)
  await work.remove('organizations', found)
}

function seesAll({ role }: Principal): boolean {
  return role === 'proxy_admin' || role === 'proxy_admin_viewer'
}

/** The organizations that the caller belongs to. */
async function visibleIds({ db, principal }: Work): Promise<readonly string[]> {
  if (principal.userId === undefined) return []
  return (await organizationMembers.ofUsers(db, [principal.userId])).map(({ groupId }) => groupId)
}

function dataOf({
  models,
  metadata,
  model_rpm_limit,
  model_tpm_limit,
  ...limits
}: Omit<z.output<typeof changed>, 'organization_id'>): OrganizationData {
  const own = Object.entries({ models, metadata, model_rpm_limit, model_tpm_limit })
  return { ...limitsIn(limits), ...Object.fromEntries(own.filter(([, value]) => value !== undefined)) }
}
