import { readBudgets } from '../auth/read-rows.ts'
import type { BudgetData, LimitData } from '../store/data.ts'
import { resourceTable } from '../store/tables/resources.ts'
import { budgetFields } from './fields.ts'
import { badRequest } from './refusals.ts'
import type { Work } from './work.ts'

/** A row that may name a budget, and may have limits of its own. */
interface Budgeted {
  readonly budget_id: string | null
  readonly data: LimitData
}

/** The budgets that rows name, by id. */
export async function budgetsOf(
  rows: readonly { readonly budget_id: string | null }[],
  { db }: Work,
): Promise<ReadonlyMap<string, BudgetData>> {
  return await readBudgets(
    db,
    rows.flatMap(({ budget_id: id }) => (id === null ? [] : [id])),
  )
}

/** The limits that hold for a row, in LiteLLM's place for them; null where there are none. */
export function renderBudgetTable(
  { budget_id, data }: Budgeted,
  budgets: ReadonlyMap<string, BudgetData>,
  budgetResetAt: string | null,
): object | null {
  const named = budget_id === null ? undefined : budgets.get(budget_id)
  const own = LIMITS.filter((name) => data[name] != null)
  if (named === undefined && own.length === 0) return null
  const limits = LIMITS.map((name) => [name, data[name] ?? named?.[name] ?? null] as const)
  return { budget_id, ...Object.fromEntries(limits), budget_reset_at: budgetResetAt }
}

/** Limits that a budget has. */
const LIMITS: readonly (keyof typeof budgetFields)[] = Object.keys(
  budgetFields,
) as (keyof typeof budgetFields)[]

/** Of the fields those that set a limit. Null clears. */
export function limitsIn(fields: {
  readonly [Name in keyof LimitData]?: LimitData[Name] | undefined
}): LimitData {
  const given = LIMITS.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]])
  return Object.fromEntries(given)
}

/** @throws 400 for one that is not there. */
export async function checkBudget(id: string | null | undefined, { db }: Work): Promise<void> {
  if (id != null && (await resourceTable('budgets').get(db, id)) === undefined)
    throw badRequest(`Budget with id=${id} does not exist. Make it with /budget/new.`, 'budget_id')
}
