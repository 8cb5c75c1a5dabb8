import { matcherOf } from '@switchyard/llm/kit'
import { appendStep } from '../document/path.ts'
import type { ConfigFile } from '../schema.ts'
import { isPriceKey } from '../schema/key-kinds.ts'
import { createSuggester } from '../nearest.ts'
import { checkCache } from './cache.ts'
import { checkRouting } from './routing.ts'
import type { KeyFinding } from './known-keys.ts'
import type { AliasTarget } from '../schema/router-settings.ts'

/** What an entry says about who offers its model. */
export interface ModelQuestion {
  model: string
  customProvider: string | undefined
  apiBase: string | undefined
}

/** Says what is wrong with a model that nobody offers; undefined for one that can be called. */
export type ModelCheck = (question: ModelQuestion) => string | undefined

/** What types cannot say: references between entries, duplicates, loops, prices below zero, Python hooks. */
export function checkMeaning(config: ConfigFile, checkModel?: ModelCheck): KeyFinding[] {
  return [
    ...checkModelList(config),
    ...(checkModel === undefined ? [] : checkModels(config, checkModel)),
    ...checkDuplicateIds(config),
    ...checkCredentials(config),
    ...checkPrices(config),
    ...checkAliases(config),
    ...checkCache(config),
    ...checkRouting(config),
    ...checkHooks(config),
    ...checkMasterKey(config),
  ]
}

function finding(level: KeyFinding['level'], path: string, message: string, fix?: string): KeyFinding {
  return { level, path, at: path, message, fix }
}

function checkModelList(config: ConfigFile): KeyFinding[] {
  if ((config.model_list ?? []).length > 0) return []
  const fix = 'add an entry with model_name and litellm_params.model'
  return [finding('warning', 'model_list', 'holds no model: every request will be answered with 404', fix)]
}

function checkModels(config: ConfigFile, checkModel: ModelCheck): KeyFinding[] {
  return (config.model_list ?? []).flatMap(({ litellm_params: params }, index) => {
    const { model, custom_llm_provider: provider, api_base: address, base_url: sameAddress } = params
    // Whatever is asked for may stand for a lone star; a credential may name the provider.
    const isOpen =
      typeof model !== 'string' || model.startsWith('*') || params.litellm_credential_name != null
    if (isOpen || params.mock_response != null) return []
    const apiBase = address ?? sameAddress ?? undefined
    const problem = checkModel({ model, customProvider: provider ?? undefined, apiBase })
    return problem === undefined
      ? []
      : [finding('error', `model_list[${index}].litellm_params.model`, problem)]
  })
}

function checkDuplicateIds(config: ConfigFile): KeyFinding[] {
  const firstWithId = new Map<string, number>()
  return (config.model_list ?? []).flatMap((entry, index) => {
    const id = entry.model_info?.id
    if (id == null) return []
    const first = firstWithId.get(id)
    if (first === undefined) {
      firstWithId.set(id, index)
      return []
    }
    const message = `is the same id as in model_list[${first}]`
    return [
      finding('error', `model_list[${index}].model_info.id`, message, 'give each deployment its own id'),
    ]
  })
}

function checkCredentials(config: ConfigFile): KeyFinding[] {
  const names = new Set<string>()
  const twice = (config.credential_list ?? []).flatMap(({ credential_name: name }, index) => {
    if (!names.has(name)) {
      names.add(name)
      return []
    }
    return [finding('error', `credential_list[${index}].credential_name`, 'is used by another entry too')]
  })
  const suggest = createSuggester(names)
  const missing = (config.model_list ?? []).flatMap((entry, index) => {
    const name = entry.litellm_params.litellm_credential_name
    if (name == null || names.has(name)) return []
    const close = suggest(name)
    const fix = close === undefined ? 'add it to credential_list' : `did you mean ${close}?`
    const path = `model_list[${index}].litellm_params.litellm_credential_name`
    return [finding('error', path, 'names a credential that is not in credential_list', fix)]
  })
  return [...twice, ...missing]
}

/** A price that cannot be read would make requests free. */
function checkPrices(config: ConfigFile): KeyFinding[] {
  return (config.model_list ?? []).flatMap((entry, index) =>
    (['litellm_params', 'model_info'] as const).flatMap((section) =>
      Object.entries(entry[section] ?? {}).flatMap(([key, value]) => {
        if (!isPriceKey(key) || value == null || typeof value === 'object') return []
        const price = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value)
        if (typeof value !== 'boolean' && Number.isFinite(price) && price >= 0) return []
        return [
          finding(
            'error',
            appendStep(`model_list[${index}].${section}`, key),
            'expected a price, at least 0',
          ),
        ]
      }),
    ),
  )
}

function checkAliases(config: ConfigFile): KeyFinding[] {
  const aliases = new Map(Object.entries(config.router_settings?.model_group_alias ?? {}))
  const groups = new Set((config.model_list ?? []).map((entry) => entry.model_name))
  const patterns = [...groups].filter((group) => group.includes('*')).map((group) => matcherOf(group))
  const circular = findCircles(aliases, groups)
  const suggest = createSuggester([...groups, ...aliases.keys()])
  return [...aliases].flatMap(([alias, targets]) => {
    const path = appendStep('router_settings.model_group_alias', alias)
    if (circular.has(alias)) {
      return [finding('error', path, 'leads into a circle', 'point it to a model_name of model_list')]
    }
    return aliasTargets(targets).flatMap((target) => {
      const known =
        aliases.has(target) || groups.has(target) || patterns.some((pattern) => pattern.test(target))
      if (known) return []
      const close = suggest(target)
      const fix = close === undefined ? 'add the model to model_list' : `did you mean ${close}?`
      return [finding('warning', path, 'points to a model that is not in model_list', fix)]
    })
  })
}

/** The aliases from which one can walk in a circle. A group that lists itself under its own name is none. */
function findCircles(aliases: ReadonlyMap<string, AliasTarget>, groups: ReadonlySet<string>): Set<string> {
  const circular = new Set(aliases.keys())
  const pointedAtBy = new Map<string, string[]>()
  const openTargets = new Map<string, number>()
  for (const [alias, targets] of aliases) {
    const open = aliasTargets(targets).filter(
      (name) => aliases.has(name) && !(name === alias && groups.has(name)),
    )
    openTargets.set(alias, open.length)
    for (const target of open) pointedAtBy.set(target, [...(pointedAtBy.get(target) ?? []), alias])
  }
  // What leads to no other alias leads into no circle, and then neither does what leads only there.
  const ends = [...aliases.keys()].filter((alias) => openTargets.get(alias) === 0)
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    circular.delete(end)
    for (const alias of pointedAtBy.get(end) ?? []) {
      const open = (openTargets.get(alias) ?? 0) - 1
      openTargets.set(alias, open)
      if (open === 0) ends.push(alias)
    }
  }
  return circular
}

/** The group names an alias stands for. */
export function aliasTargets(target: AliasTarget | undefined): string[] {
  if (target === undefined) return []
  if (typeof target === 'string') return [target]
  return Array.isArray(target) ? target : [target.model]
}

const hookSettings = {
  general_settings: ['custom_key_generate', 'custom_sso', 'custom_ui_sso_sign_in_handler'],
  litellm_settings: [
    'callbacks',
    'success_callback',
    'failure_callback',
    'service_callbacks',
    'custom_provider_map',
  ],
} as const

/** LiteLLM loads `module.name` as Python code; here code is never loaded from a configuration. */
function checkHooks(config: ConfigFile): KeyFinding[] {
  return Object.entries(hookSettings).flatMap(([section, names]) =>
    names.flatMap((name) => {
      const value = config[section]
      const setting = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
      const texts = Array.isArray(setting) ? setting : [setting]
      const isHook = texts.some(
        (text) => typeof text === 'string' && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(text),
      )
      if (!isHook) return []
      return [finding('warning', `${section}.${name}`, 'names Python code, which is not loaded')]
    }),
  )
}

function checkMasterKey(config: ConfigFile): KeyFinding[] {
  const key = config.general_settings?.master_key
  if (key == null || key === '' || key.startsWith('sk-')) return []
  const message = 'does not start with sk-, as clients of LiteLLM expect'
  return [
    finding(
      'warning',
      'general_settings.master_key',
      message,
      'choose a long random key that starts with sk-',
    ),
  ]
}
