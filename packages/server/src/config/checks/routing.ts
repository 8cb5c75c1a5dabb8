import {
  fallbackCircles,
  isFailureClass,
  isSwitchyardError,
  readRules,
  selfFallbacks,
} from '@switchyard/llm/kit'
import type { FallbackRules, RouterOptions } from '@switchyard/llm/kit'
import { appendStep } from '../document/path.ts'
import { createSuggester } from '../nearest.ts'
import type { ConfigFile } from '../schema.ts'
import type { KeyFinding } from './known-keys.ts'

const SECTIONS = ['router_settings', 'litellm_settings'] as const

const FALLBACKS = {
  fallbacks: 'general',
  default_fallbacks: 'general',
  context_window_fallbacks: 'contextWindow',
  content_policy_fallbacks: 'contentPolicy',
  budget_fallbacks: 'budget',
} as const satisfies Readonly<Record<string, keyof FallbackRules>>

/** What types cannot say of routing: fallbacks that lead nowhere or back, classes of failures that there are not. */
export function checkRouting(config: ConfigFile): KeyFinding[] {
  return [
    ...SECTIONS.flatMap((section) =>
      Object.entries(FALLBACKS).flatMap(([key, kind]) => checkFallbacks(config, section, key, kind)),
    ),
    ...checkPolicies(config),
    ...checkGroups(config),
    ...checkAutoGroups(config),
    ...checkSilentModels(config),
  ]
}

function checkFallbacks(
  config: ConfigFile,
  section: (typeof SECTIONS)[number],
  key: string,
  kind: (typeof FALLBACKS)[keyof typeof FALLBACKS],
): KeyFinding[] {
  const written = config[section]?.[key]
  if (written === null || written === undefined) return []
  const path = `${section}.${key}`
  const fallbacks = readRules({ [key]: written } as RouterOptions).fallbacks[kind]
  return [
    ...selfFallbacks(fallbacks).map((group) =>
      finding('error', path, `${group} falls back to itself`, 'name another model group, or leave it out'),
    ),
    ...fallbackCircles(fallbacks)
      .filter((circle) => circle.length > 2)
      .map((circle) =>
        finding(
          'info',
          path,
          `leads in a circle (${circle.join(' → ')}); no request asks a group twice, so it ends there`,
        ),
      ),
    ...unknownTargets(
      config,
      [...fallbacks.values()].flatMap((list) => list.map(({ model }) => model)),
    ).map(({ name, fix }) => finding('warning', path, `names ${name}, which is not in model_list`, fix)),
  ]
}

function unknownTargets(config: ConfigFile, targets: readonly string[]): { name: string; fix: string }[] {
  const groups = new Set((config.model_list ?? []).map(({ model_name: name }) => name))
  const names = [...groups, ...Object.keys(config.router_settings?.model_group_alias ?? {})]
  // What a pattern leads to is known when it is asked for.
  if (names.some((name) => name.includes('*'))) return []
  const known = new Set(names)
  const suggest = createSuggester(names)
  return [...new Set(targets)].flatMap((name) => {
    if (known.has(name)) return []
    const close = suggest(name)
    return [{ name, fix: close === undefined ? 'add the model to model_list' : `did you mean ${close}?` }]
  })
}

function checkPolicies({ router_settings: router, model_list: models }: ConfigFile): KeyFinding[] {
  const groupPolicies = Object.entries(mapOf(router?.model_group_retry_policy))
  return [
    ...classesOf(router?.retry_policy, 'router_settings.retry_policy'),
    ...classesOf(router?.allowed_fails_policy, 'router_settings.allowed_fails_policy'),
    ...groupPolicies.flatMap(([group, policy]) =>
      classesOf(policy, appendStep('router_settings.model_group_retry_policy', group)),
    ),
    ...(models ?? []).flatMap(({ model_info: info }, index) =>
      classesOf(info?.allowed_fails_policy, `model_list[${index}].model_info.allowed_fails_policy`),
    ),
  ]
}

function classesOf(policy: unknown, path: string): KeyFinding[] {
  return Object.keys(mapOf(policy)).flatMap((name) =>
    isFailureClass(name)
      ? []
      : [finding('error', appendStep(path, name), 'is not the name of an error class', EXAMPLE)],
  )
}

const EXAMPLE = 'write RateLimitErrorRetries, TimeoutErrorRetries or another one of docs/routing.md'

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

/** A model in two groups would have two strategies. */
function checkGroups({ router_settings: router }: ConfigFile): KeyFinding[] {
  const { routing_groups: groups } = (router ?? {}) as RouterOptions
  if (groups === null || groups === undefined) return []
  try {
    // Strategies of one's own are not loaded to check a file.
    readRules({ routing_groups: groups.map((group) => ({ ...group, routing_strategy: 'simple-shuffle' })) })
    return []
  } catch (error) {
    return isSwitchyardError(error) ? [finding('error', 'router_settings.routing_groups', error.message)] : []
  }
}

function checkAutoGroups(config: ConfigFile): KeyFinding[] {
  const path = 'router_settings.auto_groups'
  const { auto_groups: written } = (config.router_settings ?? {}) as RouterOptions
  try {
    const { autoGroups } = readRules({ auto_groups: written })
    const taken = new Set((config.model_list ?? []).map(({ model_name: name }) => name))
    return [
      ...[...autoGroups.keys()]
        .filter((name) => taken.has(name))
        .map((name) =>
          finding('error', appendStep(path, name), 'is a model of model_list, too', 'use another name'),
        ),
      ...unknownTargets(
        config,
        [...autoGroups.values()].flatMap((rules) => rules.map(({ model }) => model)),
      ).map(({ name, fix }) => finding('warning', path, `names ${name}, which is not in model_list`, fix)),
    ]
  } catch (error) {
    return isSwitchyardError(error) ? [finding('error', path, error.message)] : []
  }
}

function checkSilentModels(config: ConfigFile): KeyFinding[] {
  const named = (config.model_list ?? []).flatMap(({ litellm_params: params }, index) =>
    (params.silent_model ?? []).map((name) => ({ name, index })),
  )
  if (named.length === 0) return []
  const unknown = unknownTargets(
    config,
    named.map(({ name }) => name),
  )
  const fixes = new Map(unknown.map(({ name, fix }) => [name, fix]))
  return named
    .filter(({ name }) => fixes.has(name))
    .map(({ name, index }) => {
      const path = `model_list[${index}].litellm_params.silent_model`
      return finding('warning', path, `names ${name}, which is not in model_list`, fixes.get(name))
    })
}

function finding(level: KeyFinding['level'], path: string, message: string, fix?: string): KeyFinding {
  return { level, path, at: path, message, fix }
}
