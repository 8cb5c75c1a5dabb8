import { limitsOf } from '../../auth/scope-limits.ts'
import type { CustomerData } from '../../store/data.ts'
import { withoutGaps } from '../limits.ts'
import type { Kind } from './kind.ts'
import { spentOf, stampsOf } from './kind.ts'

export const customers: Kind<'customers'> = {
  table: 'customers',
  source: 'LiteLLM_EndUserTable',
  id: 'user_id',
  map: (columns, context) => {
    const id = columns.text('user_id') ?? ''
    const data: CustomerData = withoutGaps({
      alias: columns.text('alias'),
      blocked: columns.flag('blocked'),
      allowed_model_region: columns.text('allowed_model_region'),
      default_model: columns.text('default_model'),
    })
    const budgetId = columns.text('budget_id') ?? null
    const scope = { kind: 'end_user', id } as const
    const limits = limitsOf(scope, data, context.budgets.get(budgetId ?? ''), undefined)
    return {
      resource: { id, budget_id: budgetId, data, ...stampsOf(columns, context) },
      spent: [{ limits, usd: spentOf(columns, context, budgetId) }],
    }
  },
}
