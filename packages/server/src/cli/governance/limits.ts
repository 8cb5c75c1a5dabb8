import type { JsonObject } from '@switchyard/llm/kit'

/** What a scope may spend and ask for, as the command line says it. */
export interface LimitFlags {
  budget?: number
  budgetDuration?: string
  softBudget?: number
  rpm?: number
  tpm?: number
  parallel?: number
}

/** The same in the admin API's words. */
export function limitBody(flags: LimitFlags): JsonObject {
  return withoutGaps({
    max_budget: flags.budget,
    budget_duration: flags.budgetDuration,
    soft_budget: flags.softBudget,
    rpm_limit: flags.rpm,
    tpm_limit: flags.tpm,
    max_parallel_requests: flags.parallel,
  })
}

/** An object without its members that are undefined: `null` would take a limit away. */
export function withoutGaps(body: Readonly<Record<string, JsonObject[string] | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(body).filter((member): member is [string, JsonObject[string]] => member[1] !== undefined),
  )
}
