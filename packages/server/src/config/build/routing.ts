import { picoUsdFromUsd } from '@switchyard/llm/kit'
import type { RouterOptions } from '@switchyard/llm/kit'
import { resolve } from 'node:path'
import type { RoutingBudget, RoutingBudgetsConfig, RoutingConfig } from '../gateway-config.ts'
import type { ConfigFile } from '../schema.ts'
import { customStrategyForm, routingKeys } from '../schema/router-settings.ts'

/** What LiteLLM takes from `litellm_settings`, too; `router_settings` win. */
const SHARED_KEYS = [
  'num_retries',
  'allowed_fails',
  'fallbacks',
  'default_fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'budget_fallbacks',
]

/** Files are relative to the folder of the main file. */
export function buildRouting(config: ConfigFile, directory: string): RoutingConfig {
  const options: RouterOptions = {
    ...pick(config.litellm_settings, SHARED_KEYS),
    ...pick(config.router_settings, routingKeys),
  }
  const names = [
    options.routing_strategy,
    ...(options.routing_groups ?? []).map((one) => one.routing_strategy),
  ]
  const files = names.flatMap((strategy) => {
    const [, path, name] = customStrategyForm.exec(strategy ?? '') ?? []
    if (path === undefined || name === undefined) return []
    return [[strategy ?? '', { path: resolve(directory, path), name }] as const]
  })
  return { options, budgets: budgetsOf(config), strategyFiles: Object.fromEntries(files) }
}

function budgetsOf({ litellm_settings: litellm, router_settings: router }: ConfigFile): RoutingBudgetsConfig {
  return {
    providers: readBudgets(router?.['provider_budget_config']),
    tags: readBudgets(litellm?.['tag_budget_config']),
  }
}

/** As the schema has checked them. */
interface WrittenBudget {
  budget_limit?: number | null
  max_budget?: number | null
  time_period?: string | null
  budget_duration?: string | null
}

function readBudgets(written: unknown): ReadonlyMap<string, RoutingBudget> {
  const budgets = (written ?? {}) as Readonly<Record<string, WrittenBudget>>
  return new Map(
    Object.entries(budgets).map(([name, one]) => [
      name,
      {
        maxPicoUsd: picoUsdFromUsd(one.budget_limit ?? one.max_budget ?? 0),
        duration: one.time_period ?? one.budget_duration ?? undefined,
      },
    ]),
  )
}

function pick(
  section: Readonly<Record<string, unknown>> | null | undefined,
  keys: readonly string[],
): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const key of keys) if (section?.[key] != null) found[key] = section[key]
  return found
}
