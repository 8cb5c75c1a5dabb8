import { picoUsdFromUsd } from '@switchyard/llm/kit'
import type { BudgetLimit, ScopeLimits } from '../policy/limits.ts'
import type { Scope, ScopeKind } from '../policy/scope.ts'
import type { BudgetData, LimitData, ModelBudgetData } from '../store/data.ts'

/**
 * The limits of one scope: its own fields, and for what it leaves out those of the budget it names. The first
 * budget is the scope's own window; it is there without a limit too, so that spend is counted.
 */
export function limitsOf(
  scope: Scope,
  own: LimitData,
  budget: BudgetData | undefined,
  sinceMs: number | undefined,
): ScopeLimits {
  const windows = own.budget_limits ?? budget?.budget_limits ?? []
  return {
    scope,
    budgets: [
      mainBudget(own, budget, sinceMs),
      ...windows.map((window) => ({
        maxPicoUsd: picoUsdOf(window.max_budget),
        duration: window.budget_duration,
        sinceMs,
      })),
    ],
    rpm: own.rpm_limit ?? budget?.rpm_limit ?? undefined,
    tpm: own.tpm_limit ?? budget?.tpm_limit ?? undefined,
    maxParallelRequests: own.max_parallel_requests ?? budget?.max_parallel_requests ?? undefined,
  }
}

/** The window that the scope's `spend` is told for. */
function mainBudget(
  own: LimitData,
  budget: BudgetData | undefined,
  sinceMs: number | undefined,
): BudgetLimit {
  // A limit of one's own has its own duration: not the one of a budget that it stands instead of.
  const duration =
    own.max_budget == null ? (own.budget_duration ?? budget?.budget_duration) : own.budget_duration
  return {
    maxPicoUsd: picoUsdOf(own.max_budget ?? budget?.max_budget),
    softPicoUsd: picoUsdOf(own.soft_budget ?? budget?.soft_budget),
    duration: duration ?? undefined,
    sinceMs,
  }
}

type ModelScopeKind = Extract<ScopeKind, `${string}_model`>

/** Limits for single models within a scope, by the model's name. */
export function modelLimitsOf(
  kind: ModelScopeKind,
  id: string,
  own: LimitData,
  budget: BudgetData | undefined,
  sinceMs: number | undefined,
): ReadonlyMap<string, ScopeLimits> {
  const budgets = own.model_max_budget ?? budget?.model_max_budget ?? {}
  const rpm = own.model_rpm_limit ?? budget?.model_rpm_limit ?? {}
  const tpm = own.model_tpm_limit ?? budget?.model_tpm_limit ?? {}
  const limits = new Map<string, ScopeLimits>()
  for (const name of new Set([...Object.keys(budgets), ...Object.keys(rpm), ...Object.keys(tpm)])) {
    const given = budgets[name]
    const one: ScopeLimits = {
      scope: { kind, id: `${id}/${name}` },
      budgets: modelBudget(given, sinceMs),
      rpm: rpm[name] ?? given?.rpm_limit ?? undefined,
      tpm: tpm[name] ?? given?.tpm_limit ?? undefined,
    }
    for (const model of given?.models ?? [name]) limits.set(model, one)
  }
  return limits
}

function modelBudget(given: ModelBudgetData | undefined, sinceMs: number | undefined): BudgetLimit[] {
  const { maxUsd, duration } = modelBudgetOf(given)
  const maxPicoUsd = picoUsdOf(maxUsd)
  return maxPicoUsd === undefined ? [] : [{ maxPicoUsd, duration, sinceMs }]
}

/** What both of LiteLLM's spellings say. */
export function modelBudgetOf(given: ModelBudgetData | undefined): {
  readonly maxUsd: number | undefined
  readonly duration: string | undefined
} {
  return {
    maxUsd: given?.max_budget ?? given?.budget_limit ?? undefined,
    duration: given?.budget_duration ?? given?.time_period ?? undefined,
  }
}

function picoUsdOf(usd: number | null | undefined): bigint | undefined {
  return usd == null ? undefined : picoUsdFromUsd(usd)
}
