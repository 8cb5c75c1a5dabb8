import { limitsOfOrganization } from '../../auth/principal-limits.ts'
import type { OrganizationData } from '../../store/data.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { Columns } from '../columns.ts'
import { liftedFrom, restOf, withoutGaps } from '../limits.ts'
import type { Kind } from './kind.ts'
import { spentOf, stampsOf } from './kind.ts'

export const organizations: Kind<'organizations'> = {
  table: 'organizations',
  source: 'LiteLLM_OrganizationTable',
  id: 'organization_id',
  map: (columns, context) => {
    const id = columns.text('organization_id') ?? ''
    const metadata = columns.map('metadata')
    const stamps = stampsOf(columns, context)
    const data: OrganizationData = withoutGaps({
      models: columns.texts('models'),
      metadata: restOf(metadata),
      ...liftedFrom(metadata),
    })
    const members = (context.organizationMembers.get(id) ?? []).map((row) => {
      const membership = new Columns(row)
      const { allowed_models: _ofTeams, ...limits } =
        context.budgets.get(membership.text('budget_id') ?? '') ?? {}
      return {
        groupId: id,
        userId: membership.text('user_id') ?? '',
        role: membership.text('user_role') ?? 'internal_user',
        data: limits,
        createdMs: membership.timeMs('created_at') ?? stamps.created_ms,
      }
    })
    const resource: Resource<'organizations'> = {
      id,
      alias: columns.text('organization_alias') ?? null,
      budget_id: columns.text('budget_id') ?? null,
      data,
      ...stamps,
    }
    const limits = limitsOfOrganization(resource, context.budgets)
    return { resource, members, spent: [{ limits, usd: spentOf(columns, context, resource.budget_id) }] }
  },
  passedOver: { model_spend: 'spend by model is not taken over' },
}
