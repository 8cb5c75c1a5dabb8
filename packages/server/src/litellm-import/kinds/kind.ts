import type { ScopeLimits } from '../../policy/limits.ts'
import type { BudgetData, LimitData, TeamMemberData } from '../../store/data.ts'
import type { Member, MemberTableName } from '../../store/tables/members.ts'
import type { Resource, ResourceTableName } from '../../store/tables/resources.ts'
import type { Secrets } from '../secrets.ts'
import type { Columns, JsonMap, LitellmRow } from '../columns.ts'

/** One of LiteLLM's tables and what its rows become here. */
export interface Kind<T extends ResourceTableName = ResourceTableName> {
  /** Where the rows go. */
  readonly table: T
  /** Where they come from. */
  readonly source: string
  /** The column that tells the rows apart. */
  readonly id: string
  readonly map: (columns: Columns, context: Context) => Outcome<T> | Promise<Outcome<T>>
  /** Columns that are read by nobody and why that is right; any other is told to the user. */
  readonly passedOver?: Readonly<Record<string, string>>
}

/** A kind whose table nobody asks for. */
export type AnyKind = { [T in ResourceTableName]: Kind<T> }[ResourceTableName]

export type Outcome<T extends ResourceTableName> = Mapped<T> | LeftOut

export interface Mapped<T extends ResourceTableName> {
  readonly resource: Resource<T>
  readonly members?: readonly Member<MemberTableName>[]
  readonly spent?: readonly Spent[]
}

/** What was spent in the current window of a scope's first budget. */
export interface Spent {
  readonly limits: ScopeLimits
  readonly usd: number
}

/** A row that does not become one, and why. What it says was spent may still hold. */
export interface LeftOut {
  readonly leftOut: string
  readonly spent?: readonly Spent[]
}

/** What rows refer to. */
export interface Context {
  readonly nowMs: number
  /** What everybody together may spend. */
  readonly global: LimitData
  readonly secrets: Secrets
  /** Of a row that is here already. Spend is counted from then. */
  readonly createdMs?: number | undefined
  /** SHA-256 of the master key, which is no key among others. */
  readonly masterKeyHash?: string | undefined
  readonly budgets: ReadonlyMap<string, MemberBudget>
  /** Budgets whose time was over before LiteLLM began anew with them. */
  readonly endedBudgets: ReadonlySet<string>
  readonly objectPermissions: ReadonlyMap<string, LitellmRow>
  /** Other names for models, by the id that a team refers to. */
  readonly modelAliases: ReadonlyMap<string, LitellmRow>
  readonly teamMembers: ReadonlyMap<string, readonly LitellmRow[]>
  readonly organizationMembers: ReadonlyMap<string, readonly LitellmRow[]>
}

/** A budget of one member in a team may also say which models it is for. */
export type MemberBudget = BudgetData & Pick<TeamMemberData, 'allowed_models'>

/** The columns that every administered thing has. */
export function stampsOf(
  columns: Columns,
  context: Context,
): Pick<Resource<'budgets'>, 'created_ms' | 'created_by' | 'updated_ms' | 'updated_by' | 'version'> {
  const madeMs = columns.timeMs('created_at') ?? context.nowMs
  const createdMs = context.createdMs ?? madeMs
  return {
    created_ms: createdMs,
    created_by: columns.text('created_by') ?? null,
    updated_ms: columns.timeMs('updated_at') ?? madeMs,
    updated_by: columns.text('updated_by') ?? null,
    version: 1,
  }
}

/** What a row says was spent, in US dollars, unless the time that it was spent in is over. */
export function spentOf(columns: Columns, context: Context, budgetId: string | null = null): number {
  const usd = columns.usd('spend') ?? 0
  const resetMs = columns.timeMs('budget_reset_at')
  const isOver = resetMs !== undefined && resetMs <= context.nowMs
  return isOver || (budgetId !== null && context.endedBudgets.has(budgetId)) ? 0 : usd
}

/** The permissions on other objects that a row refers to, as the API shows them. */
export function objectPermissionOf(columns: Columns, { objectPermissions }: Context): JsonMap | undefined {
  const id = columns.text('object_permission_id')
  return id === undefined ? undefined : objectPermissions.get(id)
}
