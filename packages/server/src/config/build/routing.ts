import type { RouterOptions } from '@switchyard/llm/kit'
import { resolve } from 'node:path'
import type { RoutingConfig } from '../gateway-config.ts'
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
  return { options, strategyFiles: Object.fromEntries(files) }
}

function pick(
  section: Readonly<Record<string, unknown>> | null | undefined,
  keys: readonly string[],
): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const key of keys) if (section?.[key] != null) found[key] = section[key]
  return found
}
