import type { AccessSettings } from '../config/index.ts'
import type { ScopeLimits } from '../policy/limits.ts'
import type { BudgetData, LimitData } from '../store/data.ts'
import type { Queries } from '../store/database.ts'
import { resourceTable } from '../store/tables/resources.ts'
import type { Loaded } from './fresh-cache.ts'
import { readBudgets } from './read-rows.ts'
import { limitsOf, modelLimitsOf } from './scope-limits.ts'

/** The client's own user, as a request names them. */
export interface EndUser {
  readonly blocked: boolean
  /** `eu` or `us`; left out: anywhere. */
  readonly allowedRegion?: string | undefined
  readonly limits: ScopeLimits
  /** For requests to one model, by the model's name. */
  readonly modelLimits: ReadonlyMap<string, ScopeLimits>
}

export type EndUserDefaults = Pick<AccessSettings, 'maxEndUserBudget' | 'maxEndUserBudgetId'>

const customers = resourceTable('customers')
const tags = resourceTable('tags')

/** Whoever was never heard of has the default budget from the first request on. */
export async function loadEndUser(
  queries: Queries,
  id: string,
  { maxEndUserBudget, maxEndUserBudgetId }: EndUserDefaults,
): Promise<Loaded<EndUser>> {
  const customer = await customers.get(queries, id)
  const data = customer?.data ?? {}
  const budgetId = customer?.budget_id ?? (data.max_budget == null ? maxEndUserBudgetId : undefined)
  const named = budgetId === undefined ? undefined : (await readBudgets(queries, [budgetId])).get(budgetId)
  const budget: BudgetData | undefined =
    named ?? (maxEndUserBudget === undefined ? undefined : { max_budget: maxEndUserBudget })
  const sinceMs = data.budget_since_ms
  return {
    value: {
      blocked: data.blocked === true,
      allowedRegion: data.allowed_model_region ?? undefined,
      limits: limitsOf({ kind: 'end_user', id }, data, budget, sinceMs),
      modelLimits: modelLimitsOf('end_user_model', id, data, budget, sinceMs),
    },
    dependsOn: new Set([`customer:${id}`, ...(budgetId === undefined ? [] : [`budget:${budgetId}`])]),
  }
}

/** A tag that nobody made is counted. */
export async function loadTag(queries: Queries, id: string): Promise<Loaded<ScopeLimits>> {
  const tag = await tags.get(queries, id)
  const data: LimitData = tag?.data ?? {}
  const budgetId = tag?.budget_id ?? undefined
  const budget = budgetId === undefined ? undefined : (await readBudgets(queries, [budgetId])).get(budgetId)
  return {
    value: limitsOf({ kind: 'tag', id }, data, budget, data.budget_since_ms),
    dependsOn: new Set([`tag:${id}`, ...(budgetId === undefined ? [] : [`budget:${budgetId}`])]),
  }
}
