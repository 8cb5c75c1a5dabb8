import { limitsOf } from '../../auth/scope-limits.ts'
import type { TagData } from '../../store/data.ts'
import { withoutGaps } from '../limits.ts'
import type { Kind } from './kind.ts'
import { spentOf, stampsOf } from './kind.ts'

export const tags: Kind<'tags'> = {
  table: 'tags',
  source: 'LiteLLM_TagTable',
  id: 'tag_name',
  map: (columns, context) => {
    const id = columns.text('tag_name') ?? ''
    const data: TagData = withoutGaps({
      description: columns.text('description'),
      models: columns.texts('models'),
    })
    const budgetId = columns.text('budget_id') ?? null
    const scope = { kind: 'tag', id } as const
    const limits = limitsOf(scope, data, context.budgets.get(budgetId ?? ''), undefined)
    return {
      resource: { id, budget_id: budgetId, data, ...stampsOf(columns, context) },
      spent: [{ limits, usd: spentOf(columns, context, budgetId) }],
    }
  },
  passedOver: { model_info: 'the names of its models are taken from the configuration' },
}
