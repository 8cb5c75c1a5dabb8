import { parseLitellmModel } from '../catalog/litellm-format.ts'
import { createError } from '../errors.ts'
import { fillPattern, fixedLength, KNOWN_MS, matcherOf, rememberFor, tokenPriceOf } from '../router/index.ts'
import type { DeploymentStates } from '../router/index.ts'
import type { JsonObject } from '../types/json.ts'
import type { ModelInfo, Rates } from '../types/model.ts'
import type { ClientCore } from './core.ts'
import type { CallDeployment } from './deployment.ts'
import { infoFor, ONCE, ratesFor } from './falling-back.ts'
import { PRICE_FIELDS } from './options.ts'
import type { AliasOption, DeploymentOptions, RouterSettings } from './router-options.ts'

type Params = Readonly<Record<string, unknown>>

/** The deployments of a router, by what calls may name. */
export interface RouterDeployments {
  /** By group, alias, id or pattern. Empty when there are none. */
  find: (model: string) => readonly CallDeployment[]
  /** A model that is in no group, called as it is named, with the key of the environment. */
  single: (model: string) => CallDeployment
  /** The group that a name stands for: where it is an alias of one, that one, with its fallbacks and policies. */
  groupOf: (model: string) => string
  groups: () => readonly string[]
}

/** What routing reads of `litellm_params`; the rest is how the deployment is called. */
const ROUTING_PARAMS = new Set([
  'model',
  'rpm',
  'tpm',
  'weight',
  'order',
  'tags',
  'max_parallel_requests',
  'cooldown_time',
  'num_retries',
  'max_retries',
  'region_name',
  'silent_model',
])

interface Entry {
  readonly options: DeploymentOptions
  readonly id: string
}

/**
 * @param clock the router's, in milliseconds.
 * @throws `bad_request` for a list that cannot be.
 */
export function createRouterDeployments(
  core: ClientCore,
  settings: RouterSettings,
  states: DeploymentStates,
  clock: () => number,
): RouterDeployments {
  const create = (entry: Entry, model: string): CallDeployment =>
    createDeployment(core, states, clock, entry, model)
  const entries = readEntries(core, settings)
  const groups = new Map<string, CallDeployment[]>()
  const patterns: { entry: Entry; matcher: RegExp }[] = []
  for (const entry of entries) {
    const { model_name: group, litellm_params: params } = entry.options
    if (group.includes('*')) patterns.push({ entry, matcher: matcherOf(group) })
    else {
      const deployment = create(entry, params.model)
      groups.set(group, [...(groups.get(group) ?? []), deployment])
    }
  }
  patterns.sort((a, b) => fixedLength(b.entry.options.model_name) - fixedLength(a.entry.options.model_name))
  const byId = new Map([...groups.values()].flat().map((deployment) => [deployment.id, deployment]))
  const aliases = settings.model_group_alias ?? {}
  const singles = new Map<string, CallDeployment>()

  const findByPattern = (model: string): readonly CallDeployment[] => {
    const best = patterns.find(({ matcher }) => matcher.test(model))?.entry.options.model_name
    return patterns
      .filter(({ entry }) => entry.options.model_name === best)
      .map(({ entry, matcher }) =>
        create(entry, fillPattern(entry.options.litellm_params.model, matcher, model)),
      )
  }
  const find = (model: string): readonly CallDeployment[] => {
    const group = groups.get(model)
    const alias = Object.hasOwn(aliases, model) ? aliases[model] : undefined
    // An alias with the name of a group adds the others to it: `gpt-4: [gpt-4, claude-3]`.
    if (alias !== undefined)
      return targetsOf(alias).flatMap((name) => (name === model ? (group ?? []) : find(name)))
    const one = byId.get(model)
    return group ?? (one === undefined ? findByPattern(model) : [one])
  }
  return {
    find,
    single(model) {
      let known = singles.get(model)
      const options = { model_name: model, litellm_params: { model } }
      if (known === undefined) singles.set(model, (known = create({ options, id: model }, model)))
      return known
    },
    groupOf(model) {
      const alias = Object.hasOwn(aliases, model) ? aliases[model] : undefined
      const [only = model, ...others] = alias === undefined ? [] : targetsOf(alias)
      return others.length === 0 ? only : model
    },
    groups: () => [
      ...new Set([
        ...groups.keys(),
        ...Object.keys(aliases),
        ...patterns.map(({ entry }) => entry.options.model_name),
      ]),
    ],
  }
}

function targetsOf(alias: AliasOption): readonly string[] {
  if (typeof alias === 'string') return [alias]
  return 'model' in alias ? [alias.model] : alias
}

function readEntries({ world }: ClientCore, settings: RouterSettings): Entry[] {
  const { model_list: list, timeout, stream_timeout, default_litellm_params } = settings
  const defaults = { timeout, stream_timeout, ...default_litellm_params }
  if (!Array.isArray(list) || list.length === 0)
    throw wrong('model_list', 'at least one deployment: { model_name, litellm_params: { model } }')
  const counts = new Map<string, number>()
  const ids = new Set<string>()
  return list.map((options: DeploymentOptions, index) => {
    const at = `model_list[${index}]`
    const { model_name: group } = options
    if (typeof group !== 'string' || group === '') throw wrong(`${at}.model_name`, 'a name')
    const given = fromEnvironment({ ...defaults, ...options.litellm_params }, world.env)
    const { model } = given
    if (typeof model !== 'string' || model === '')
      throw wrong(`${at}.litellm_params.model`, 'a model, as provider/model')
    const count = (counts.get(group) ?? 0) + 1
    counts.set(group, count)
    const written = options.model_info?.['id']
    const id = typeof written === 'string' ? written : `${group}#${count}`
    if (ids.has(id))
      throw wrong(`${at}.model_info.id`, `another id than the one before: '${id}' is there twice`)
    ids.add(id)
    return { options: { ...options, litellm_params: { ...given, model } }, id }
  })
}

function fromEnvironment(params: Params, env: (name: string) => string | undefined): Record<string, unknown> {
  const read = (value: unknown): unknown =>
    typeof value === 'string' && value.startsWith(FROM_ENVIRONMENT)
      ? env(value.slice(FROM_ENVIRONMENT.length))
      : value
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, read(value)]))
}

const FROM_ENVIRONMENT = 'os.environ/'

function createDeployment(
  core: ClientCore,
  states: DeploymentStates,
  clock: () => number,
  { options, id }: Entry,
  model: string,
): CallDeployment {
  const { litellm_params: params, model_info: known = {}, model_name: group } = options
  const own = { ...ownParams(params, known), model }
  const rates = (): Rates | undefined => ratesFor(core, own)
  return {
    id,
    modelId: id,
    group,
    model,
    state: states.of(group.includes('*') ? `${id}/${model}` : id),
    weight: params.weight ?? options.weight,
    rpm: params.rpm ?? options.rpm,
    tpm: params.tpm ?? options.tpm,
    order: params.order,
    tags: params.tags,
    region: textOf(params.region_name ?? params.aws_region_name ?? params.vertex_location),
    maxParallelRequests: params.max_parallel_requests,
    silentModels: params.silent_model === undefined ? undefined : [params.silent_model].flat(),
    numRetries: params.num_retries ?? params.max_retries,
    cooldownMs: params.cooldown_time === undefined ? undefined : params.cooldown_time * 1000,
    info: rememberFor(KNOWN_MS, clock, () => describe(infoFor(core, own), known, model)),
    tokenPrice: rememberFor(KNOWN_MS, clock, () => tokenPriceOf(rates())),
    rates,
    // What the caller says wins, but for where the call goes and what it costs there.
    apply: (asked) => ({ ...own, ...given(asked), ...placeOf(own), ...ONCE, model }),
  }
}

function given(params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Prices and the base model may stand in either place. */
function ownParams(params: Params, known: Params): Record<string, unknown> {
  const priced = ['base_model', ...PRICE_FIELDS].flatMap((name) =>
    known[name] === undefined || params[name] !== undefined ? [] : [[name, known[name]] as const],
  )
  const called = Object.entries(params).filter(
    ([name, value]) => !ROUTING_PARAMS.has(name) && value !== undefined,
  )
  return Object.fromEntries([...priced, ...called])
}

/** A caller's key never goes to a deployment that has its own. */
function placeOf(own: Params): Params {
  const names = [
    'api_key',
    'api_base',
    'base_url',
    'api_version',
    'custom_llm_provider',
    'base_model',
    ...PRICE_FIELDS,
  ]
  return Object.fromEntries(names.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])))
}

/** The catalogue's knowledge, with what `model_info` says instead. */
function describe(info: ModelInfo | undefined, known: Params, model: string): ModelInfo | undefined {
  if (!Object.keys(known).some((name) => /^(max_|supports_)/.test(name))) return info
  const patch = parseLitellmModel(known as JsonObject, `model_info of ${model}`)
  const capabilities = new Set(info?.capabilities)
  for (const [capability, isSupported] of patch.capabilities ?? [])
    if (isSupported) capabilities.add(capability)
    else capabilities.delete(capability)
  return {
    provider: info?.provider ?? '',
    model: info?.model ?? model,
    mode: info?.mode ?? 'chat',
    ...info,
    capabilities,
    maxInputTokens: patch.maxInputTokens ?? info?.maxInputTokens,
    maxOutputTokens: patch.maxOutputTokens ?? info?.maxOutputTokens,
  }
}

function wrong(path: string, wanted: string): Error {
  return createError({
    code: 'bad_request',
    message: `Router: ${path} must be ${wanted}`,
    param: path,
  })
}
