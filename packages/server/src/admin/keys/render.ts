import { limitsOfKey, modelLimitsOfKey } from '../../auth/principal-limits.ts'
import { modelBudgetOf } from '../../auth/scope-limits.ts'
import { partOf } from '../../policy/scope-words.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
import { budgetsOf } from '../budget-table.ts'
import { readSpending } from '../spending.ts'
import type { Work } from '../work.ts'

type Key = Resource<'keys'>

/** Keys as LiteLLM's rows of its key table, without what would let anybody use them. */
export async function renderKeys(
  keys: readonly Key[],
  work: Work,
  { balances, settings }: Admin,
): Promise<Record<string, unknown>[]> {
  const { db, nowMs } = work
  const budgets = await budgetsOf(keys, work)
  const limits = keys.map((key) => limitsOfKey(key, budgets, nowMs))
  const spending = await readSpending(db, limits, balances, { nowMs, timezone: settings.timezone })
  return keys.map((key, index) => ({
    ...renderKey(key),
    ...spending[index],
    litellm_budget_table:
      key.budget_id === null ? null : { budget_id: key.budget_id, ...budgets.get(key.budget_id) },
  }))
}

/** What a key has spent in the windows of its models, and in those beside its main one: LiteLLM's `…_usage`. */
export async function renderUsage(
  key: Key,
  work: Work,
  { balances, settings }: Admin,
): Promise<Record<string, unknown>> {
  const { db, nowMs } = work
  const clock = { nowMs, timezone: settings.timezone }
  const budgets = await budgetsOf([key], work)
  const main = limitsOfKey(key, budgets, nowMs)
  const windows = main.budgets.slice(1).map((budget) => ({ ...main, budgets: [budget] }))
  const ofModels = [...new Set(modelLimitsOfKey(key, budgets).values())].filter(
    (limits) => limits.budgets.length > 0,
  )
  const spending = await readSpending(db, [...windows, ...ofModels], balances, clock)
  const given = key.data.model_max_budget ?? budgets.get(key.budget_id ?? '')?.model_max_budget ?? {}
  const usage = ofModels.map(({ scope }, index) => {
    const name = partOf(scope.id)
    const { maxUsd, duration } = modelBudgetOf(given[name])
    const { spend = 0, budget_reset_at = null } = spending[windows.length + index] ?? {}
    return [name, { current_spend: spend, budget_limit: maxUsd, time_period: duration, budget_reset_at }]
  })
  return {
    model_max_budget_usage: Object.fromEntries(usage),
    budget_limits_usage: Object.fromEntries(
      windows.map(({ budgets: [budget] }, index) => [
        budget?.duration ?? '',
        { current_spend: spending[index]?.spend ?? 0, reset_at: spending[index]?.budget_reset_at ?? null },
      ]),
    ),
  }
}

export async function renderOne(key: Key, work: Work, admin: Admin): Promise<Record<string, unknown>> {
  const [rendered = {}] = await renderKeys([key], work, admin)
  return rendered
}

/** Fields that LiteLLM keeps in the metadata: its clients look for them there as well. */
const IN_METADATA = [
  'tags',
  'guardrails',
  'policies',
  'prompts',
  'model_rpm_limit',
  'model_tpm_limit',
  'enforced_params',
  'rpm_limit_type',
  'tpm_limit_type',
  'disable_global_guardrails',
  'temp_budget_increase',
  'temp_budget_expiry',
] as const

function renderKey(key: Key): Record<string, unknown> {
  const { scope_id: _scope, budget_since_ms: _since, ...data } = key.data
  const inMetadata = Object.fromEntries(
    IN_METADATA.flatMap((name) => (data[name] == null ? [] : [[name, data[name]]])),
  )
  return {
    ...EMPTY,
    ...data,
    token: key.id,
    key_alias: key.alias,
    user_id: key.user_id,
    team_id: key.team_id,
    organization_id: key.organization_id,
    budget_id: key.budget_id,
    expires: key.expires_ms === null ? null : new Date(key.expires_ms).toISOString(),
    metadata: { ...inMetadata, ...data.metadata },
    created_at: new Date(key.created_ms).toISOString(),
    created_by: key.created_by,
    updated_at: new Date(key.updated_ms).toISOString(),
    updated_by: key.updated_by,
  }
}

/** What a key has that was given nothing. */
const EMPTY = {
  key_name: null,
  models: [],
  aliases: {},
  config: {},
  permissions: {},
  max_budget: null,
  soft_budget: null,
  budget_duration: null,
  budget_limits: null,
  tpm_limit: null,
  rpm_limit: null,
  max_parallel_requests: null,
  model_max_budget: {},
  model_spend: {},
  blocked: null,
  allowed_routes: [],
  allowed_cache_controls: [],
  agent_id: null,
  router_settings: null,
  object_permission: null,
  auto_rotate: false,
  rotation_interval: null,
  rotation_count: 0,
  last_rotation_at: null,
  key_rotation_at: null,
} as const
