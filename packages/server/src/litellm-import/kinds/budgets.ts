import type { Columns } from '../columns.ts'
import { limitsIn, withoutGaps } from '../limits.ts'
import type { Kind, MemberBudget } from './kind.ts'
import { stampsOf } from './kind.ts'

export const budgets: Kind<'budgets'> = {
  table: 'budgets',
  source: 'LiteLLM_BudgetTable',
  id: 'budget_id',
  map: (columns, context) => {
    const { allowed_models: _ofMembers, ...data } = readBudget(columns)
    return { resource: { id: columns.text('budget_id') ?? '', data, ...stampsOf(columns, context) } }
  },
}

/** A row of the table, for whoever refers to it. */
export function readBudget(columns: Columns): MemberBudget {
  return withoutGaps({ allowed_models: columns.texts('allowed_models'), ...limitsIn(columns) })
}
