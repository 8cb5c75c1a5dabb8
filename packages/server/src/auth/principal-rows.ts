import type { BudgetData } from '../store/data.ts'
import type { Member } from '../store/tables/members.ts'
import type { Resource } from '../store/tables/resources.ts'

/** What the database knows of a caller: all that a principal is made from. */
export interface PrincipalRows {
  readonly key?: Resource<'keys'> | undefined
  /** Whose requests it are; they need have no row. */
  readonly userId?: string | undefined
  readonly user?: Resource<'users'> | undefined
  /** The row whose limits are everybody's together, where an administrator has set any. */
  readonly everybody?: Resource<'users'> | undefined
  readonly team?: Resource<'teams'> | undefined
  /** The user in this team. */
  readonly teamMember?: Member<'team_members'> | undefined
  readonly organization?: Resource<'organizations'> | undefined
  /** The user in this organization. */
  readonly organizationMember?: Member<'organization_members'> | undefined
  /** Those that any of the rows names, by id. */
  readonly budgets: ReadonlyMap<string, BudgetData>
  /** Every team that the user is in. */
  readonly memberships: readonly Membership[]
  readonly adminOfOrganizations: readonly string[]
}

export interface Membership {
  readonly teamId: string
  readonly role: string
  /** Left out: LiteLLM's default. */
  readonly permissions?: readonly string[] | undefined
}
