import { limitsOfOrganization, limitsOfOrganizationMember } from '../../auth/principal-limits.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
import { budgetsOf, renderBudgetTable } from '../budget-table.ts'
import { organizationMembers } from '../members.ts'
import type { OrganizationMember } from '../members.ts'
import { readSpending } from '../spending.ts'
import { renderTeams } from '../teams/render.ts'
import type { Work } from '../work.ts'

type Organization = Resource<'organizations'>

/** Organizations as LiteLLM's rows, with their members and teams. */
export async function renderOrganizations(
  organizations: readonly Organization[],
  work: Work,
  admin: Admin,
): Promise<Record<string, unknown>[]> {
  const { db, nowMs } = work
  const ids = organizations.map(({ id }) => id)
  const budgets = await budgetsOf(organizations, work)
  const members = await organizationMembers.ofGroups(db, ids)
  const renderedMembers = await renderOrganizationMembers(members, work, admin)
  const teams = await resourceTable('teams').list(db, { where: { organization_id: ids } })
  const renderedTeams = await renderTeams(teams, work, admin)
  const limits = organizations.map((one) => limitsOfOrganization(one, budgets))
  const clock = { nowMs, timezone: admin.settings.timezone }
  const spending = await readSpending(db, limits, admin.balances, clock)
  return organizations.map((one, index) => ({
    organization_id: one.id,
    organization_alias: one.alias,
    budget_id: one.budget_id,
    spend: spending[index]?.spend ?? 0,
    model_spend: {},
    models: one.data.models ?? [],
    metadata: renderMetadata(one),
    object_permission: null,
    litellm_budget_table: renderBudgetTable(one, budgets, spending[index]?.budget_reset_at ?? null),
    members: renderedMembers.filter(({ organization_id: id }) => id === one.id),
    teams: renderedTeams.filter(({ organization_id: id }) => id === one.id),
    created_by: one.created_by,
    updated_by: one.updated_by,
    created_at: new Date(one.created_ms).toISOString(),
    updated_at: new Date(one.updated_ms).toISOString(),
  }))
}

/** LiteLLM keeps limits by model there. */
function renderMetadata({ data }: Organization): object {
  const { model_rpm_limit: rpm, model_tpm_limit: tpm } = data
  return {
    ...(rpm == null ? {} : { model_rpm_limit: rpm }),
    ...(tpm == null ? {} : { model_tpm_limit: tpm }),
    ...data.metadata,
  }
}

/** Who belongs to organizations, with what each has spent there. */
export async function renderOrganizationMembers(
  members: readonly OrganizationMember[],
  { db, nowMs }: Work,
  { balances, settings }: Admin,
): Promise<Record<string, unknown>[]> {
  const clock = { nowMs, timezone: settings.timezone }
  const spending = await readSpending(db, members.map(limitsOfOrganizationMember), balances, clock)
  return members.map(({ groupId, userId, role, data, createdMs }, index) => ({
    user_id: userId,
    user_email: data.user_email ?? null,
    organization_id: groupId,
    user_role: role,
    spend: spending[index]?.spend ?? 0,
    budget_id: null,
    litellm_budget_table: data.max_budget == null ? null : { max_budget: data.max_budget },
    created_at: new Date(createdMs).toISOString(),
  }))
}
