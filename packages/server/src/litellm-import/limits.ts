import type { BudgetWindowData, LimitData, ModelBudgetData } from '../store/data.ts'
import { durationOf, isAmount, isMap } from './columns.ts'
import type { Columns, JsonMap } from './columns.ts'

/** What a row says of spending and asking: the columns that keys, teams, users and budgets have alike. */
export function limitsIn(columns: Columns): LimitData {
  // When a budget starts anew follows from its duration.
  columns.timeMs('budget_reset_at')
  return withoutGaps({
    max_budget: columns.usd('max_budget'),
    soft_budget: columns.usd('soft_budget'),
    budget_duration: columns.duration('budget_duration'),
    budget_limits: budgetWindowsIn(columns),
    rpm_limit: columns.count('rpm_limit'),
    tpm_limit: columns.count('tpm_limit'),
    max_parallel_requests: columns.count('max_parallel_requests'),
    model_max_budget: modelBudgetsIn(columns),
  })
}

/** `[{"budget_duration": "24h", "max_budget": 10, "reset_at": …}]` */
function budgetWindowsIn(columns: Columns): readonly BudgetWindowData[] | undefined {
  return columns.list('budget_limits')?.flatMap((entry) => {
    const { budget_duration: given, max_budget: max } = isMap(entry) ? entry : {}
    const duration = durationOf(given)
    if (duration !== undefined && isAmount(max)) return [{ budget_duration: duration, max_budget: max }]
    columns.refuse('budget_limits', 'an entry has no max_budget or no budget_duration')
    return []
  })
}

/** `{"gpt-4o": {"budget_limit": 1, "time_period": "1d"}}`, also spelled `max_budget` and `budget_duration`. */
function modelBudgetsIn(columns: Columns): Readonly<Record<string, ModelBudgetData>> | undefined {
  const given = columns.map('model_max_budget')
  if (given === undefined) return undefined
  return Object.fromEntries(
    Object.entries(given).flatMap(([model, budget]) => {
      const read = modelBudgetOf(budget)
      if (read !== undefined) return [[model, read]]
      columns.refuse('model_max_budget', 'an entry has no amount, or a duration that is none')
      return []
    }),
  )
}

function modelBudgetOf(given: unknown): ModelBudgetData | undefined {
  if (isAmount(given)) return { max_budget: given }
  if (!isMap(given)) return undefined
  const max = given['max_budget'] ?? given['budget_limit']
  const period = given['budget_duration'] ?? given['time_period']
  const duration = durationOf(period)
  if (!isAmount(max) || (period != null && duration === undefined)) return undefined
  return duration === undefined ? { max_budget: max } : { max_budget: max, budget_duration: duration }
}

/** What LiteLLM keeps in the metadata of keys and teams though it is a field of the API, and is one here. */
const LIFTED = [
  'tags',
  'model_rpm_limit',
  'model_tpm_limit',
  'enforced_params',
  'guardrails',
  'policies',
  'prompts',
  'rpm_limit_type',
  'tpm_limit_type',
  'disable_global_guardrails',
  'temp_budget_increase',
  'temp_budget_expiry',
] as const

export function liftedFrom(metadata: JsonMap | undefined): JsonMap {
  return withoutGaps(Object.fromEntries(LIFTED.map((name) => [name, metadata?.[name] ?? undefined])))
}

/** The metadata without what became fields. */
export function restOf(metadata: JsonMap | undefined): JsonMap | undefined {
  if (metadata === undefined) return undefined
  const lifted: ReadonlySet<string> = new Set(LIFTED)
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !lifted.has(name)))
}

type Present<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> }

/** An object without its members that are undefined. */
export function withoutGaps<T extends object>(object: T): Present<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Present<T>
}
