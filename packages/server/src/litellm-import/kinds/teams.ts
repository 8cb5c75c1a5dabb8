import { limitsOfTeam, limitsOfTeamMember } from '../../auth/principal-limits.ts'
import type { TeamData, TeamMemberData } from '../../store/data.ts'
import type { Member } from '../../store/tables/members.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { Columns, isMap } from '../columns.ts'
import type { JsonMap } from '../columns.ts'
import { liftedFrom, limitsIn, restOf, withoutGaps } from '../limits.ts'
import type { Context, Kind, Spent } from './kind.ts'
import { objectPermissionOf, spentOf, stampsOf } from './kind.ts'

export const teams: Kind<'teams'> = {
  table: 'teams',
  source: 'LiteLLM_TeamTable',
  id: 'team_id',
  map: (columns, context) => {
    const id = columns.text('team_id') ?? ''
    const { metadata, memberDefaults } = metadataOf(columns, context)
    const stamps = stampsOf(columns, context)
    const data: TeamData = withoutGaps({
      models: columns.texts('models'),
      model_aliases: modelAliasesOf(columns, context),
      blocked: columns.flag('blocked'),
      team_member_permissions: columns.texts('team_member_permissions'),
      default_team_member_models: columns.texts('default_team_member_models'),
      access_group_ids: columns.texts('access_group_ids'),
      policies: columns.texts('policies'),
      router_settings: columns.map('router_settings'),
      object_permission: objectPermissionOf(columns, context),
      metadata: restOf(metadata),
      ...liftedFrom(metadata),
      ...memberDefaults,
      ...limitsIn(columns),
    })
    const resource: Resource<'teams'> = {
      id,
      alias: columns.text('team_alias') ?? null,
      organization_id: columns.text('organization_id') ?? null,
      data,
      ...stamps,
    }
    const memberships = (context.teamMembers.get(id) ?? []).map((row) => new Columns(row))
    const members = membersOf(resource, columns, memberships, context)
    return {
      resource,
      members,
      spent: [
        { limits: limitsOfTeam(resource), usd: spentOf(columns, context) },
        ...memberships.map((membership): Spent => {
          const userId = membership.text('user_id') ?? ''
          const member = members.find((one) => one.userId === userId)
          return {
            limits: limitsOfTeamMember(resource, userId, member),
            usd: spentOf(membership, context, membership.text('budget_id')),
          }
        }),
      ],
    }
  },
  passedOver: { model_spend: 'spend by model is not taken over' },
}

/** A team refers to the budget of its members in its metadata. */
function metadataOf(
  columns: Columns,
  { budgets }: Context,
): { metadata: JsonMap | undefined; memberDefaults: Partial<TeamData> } {
  const given = columns.map('metadata')
  const { team_member_budget_id: budgetId, ...metadata } = given ?? {}
  const budget = typeof budgetId === 'string' ? budgets.get(budgetId) : undefined
  if (budget === undefined) return { metadata: given, memberDefaults: {} }
  return {
    metadata,
    memberDefaults: withoutGaps({
      team_member_budget: budget.max_budget,
      team_member_budget_duration: budget.budget_duration,
      team_member_rpm_limit: budget.rpm_limit,
      team_member_tpm_limit: budget.tpm_limit,
    }),
  }
}

function modelAliasesOf(
  columns: Columns,
  { modelAliases }: Context,
): Readonly<Record<string, string>> | undefined {
  const row = modelAliases.get(String(columns.count('model_id') ?? ''))
  return row === undefined ? undefined : new Columns(row).names('aliases')
}

function membersOf(
  { id, created_ms: createdMs }: Resource<'teams'>,
  columns: Columns,
  memberships: readonly Columns[],
  { budgets }: Context,
): Member<'team_members'>[] {
  const budgetOf = new Map(
    memberships.map((membership) => [membership.text('user_id'), membership.text('budget_id')]),
  )
  const members = new Map<string, Member<'team_members'>>()
  for (const { userId, email, role } of namedIn(columns)) {
    const limits = budgets.get(budgetOf.get(userId) ?? '')
    const data: TeamMemberData = withoutGaps({ user_email: email, ...limits })
    members.set(userId, { groupId: id, userId, role, data, createdMs })
  }
  return [...members.values()]
}

interface NamedMember {
  readonly userId: string
  readonly email?: string | undefined
  readonly role: string
}

/** Later entries win: the lists of plain ids are those of early releases. */
function namedIn(columns: Columns): NamedMember[] {
  const early = [
    ...(columns.texts('members') ?? []).map((userId) => ({ userId, role: 'user' })),
    ...(columns.texts('admins') ?? []).map((userId) => ({ userId, role: 'admin' })),
  ]
  const withRoles = (columns.list('members_with_roles') ?? []).flatMap((member): NamedMember[] => {
    if (!isMap(member)) return []
    const { user_id: userId, user_email: email, role } = member
    if (typeof userId !== 'string' || userId === '') {
      columns.refuse('members_with_roles', 'a member has no user_id')
      return []
    }
    const text = typeof email === 'string' && email !== '' ? email : undefined
    return [{ userId, email: text, role: role === 'admin' ? 'admin' : 'user' }]
  })
  return [...early, ...withRoles]
}
