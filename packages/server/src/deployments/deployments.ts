import {
  fillPattern,
  fixedLength,
  KNOWN_MS,
  matcherOf,
  parseCachePoints,
  quirksOf,
  readClassCounts,
  rememberFor,
  resolveTarget,
  tokenPriceOf,
} from '@switchyard/llm/kit'
import type {
  CachePoint,
  Catalog,
  ClassCounts,
  DeploymentState,
  DeploymentStates,
  JsonObject,
  ModelInfo,
  ProviderRegistry,
  Quirks,
  Rates,
  Remembered,
  ResolvedTarget,
} from '@switchyard/llm/kit'
import type { DeploymentConfig, GatewayConfig } from '../config/index.ts'
import type { LocalModel } from './local-model.ts'

/** One way to reach a model, ready to be called. */
export interface Deployment {
  id: string
  /** The model group it serves, as the configuration names it. */
  group: string
  config: DeploymentConfig
  /** What has become of the requests to it; outlives a change of the configuration. */
  state: DeploymentState
  /** The one team that may use it. */
  teamId?: string | undefined
  weight?: number | undefined
  rpm?: number | undefined
  tpm?: number | undefined
  order?: number | undefined
  tags: readonly string[]
  tagPatterns?: readonly RegExp[] | undefined
  region?: string | undefined
  numRetries?: number | undefined
  maxParallelRequests?: number | undefined
  cooldownMs?: number | undefined
  allowedFails?: number | undefined
  allowedFailsPolicy?: ClassCounts | undefined
  tokenPrice: Remembered<bigint | undefined>
  place: DeploymentPlace
  /** What the catalogue and the configuration know of the model; read anew where prices depend on the time. */
  info: Remembered<ModelInfo | undefined>
  /**
   * The prices of an answer: the configuration's own, else those of the model that the provider says it served,
   * else those of the model that was asked for.
   */
  ratesFor: (servedModel: string | undefined) => Rates | undefined
  dropParams: boolean
  /** Models that get a copy of what it has answered. */
  silentModels: readonly string[]
  /** Where marks for the provider's own prompt cache go. */
  cachePoints: readonly CachePoint[]
  timeoutMs: number
  streamTimeoutMs: number
  /** Until the first piece of a stream, where that is less than `streamTimeoutMs`. */
  firstTokenMs?: number | undefined
  /** Between two pieces of a stream. */
  streamIdleMs?: number | undefined
}

/** Where a deployment answers: at a provider, or in this process. */
export type DeploymentPlace =
  | { type: 'provider'; resolved: ResolvedTarget; quirks: Quirks }
  | { type: 'local'; model: LocalModel; name: string }
  | { type: 'mock'; text: string }

export interface Deployments {
  /** The deployments that serve a model name: by group, alias or pattern. Empty when there are none. */
  find: (model: string) => readonly Deployment[]
  byId: (id: string) => Deployment | undefined
  /** The groups that clients may see, patterns left out. */
  groups: () => readonly string[]
  /** The same, and what patterns lead to as far as the catalogue knows the provider's models. */
  names: () => readonly string[]
  all: () => readonly Deployment[]
  /** What they were made from, patterns among them. */
  configs: () => readonly DeploymentConfig[]
}

export interface DeploymentsInput {
  config: GatewayConfig
  catalog: Catalog
  env: (name: string) => string | undefined
  registry: ProviderRegistry
  localModels: readonly LocalModel[]
  states: DeploymentStates
  /** For durations: never jumps. */
  monotonicMs: () => number
}

/** Names asked for through a pattern are remembered up to this many. */
const MAX_PATTERN_NAMES = 1_000

export function createDeployments(input: DeploymentsInput): Deployments {
  const { config } = input
  registerPrices(input)
  const groups = new Map<string, Deployment[]>()
  const patterns: { pattern: string; matcher: RegExp; config: DeploymentConfig }[] = []
  const byId = new Map<string, Deployment>()
  for (const entry of config.deployments) {
    if (entry.modelGroup.includes('*')) {
      patterns.push({ pattern: entry.modelGroup, matcher: matcherOf(entry.modelGroup), config: entry })
      continue
    }
    const deployment = createDeployment(entry, entry.model, input)
    byId.set(deployment.id, deployment)
    const group = groups.get(entry.modelGroup)
    if (group === undefined) groups.set(entry.modelGroup, [deployment])
    else group.push(deployment)
  }
  // The most specific pattern wins: the one with the longest fixed text.
  patterns.sort((left, right) => fixedLength(right.pattern) - fixedLength(left.pattern))
  const byPattern = new Map<string, readonly Deployment[]>()
  const byAlias = new Map<string, readonly Deployment[]>()

  const findByPattern = (model: string): readonly Deployment[] => {
    const known = byPattern.get(model)
    if (known !== undefined) return known
    const best = patterns.find(({ matcher }) => matcher.test(model))
    if (best === undefined) return []
    const found = patterns
      .filter(({ pattern }) => pattern === best.pattern)
      .map(({ matcher, config: entry }) =>
        createDeployment(entry, fillPattern(entry.model, matcher, model), input),
      )
    if (byPattern.size >= MAX_PATTERN_NAMES) byPattern.clear()
    byPattern.set(model, found)
    return found
  }

  /**
   * All deployments behind an alias. Of several groups the first is used first, the others where it fails; an alias
   * may bear the name of one of its groups.
   */
  const pool = (name: string, names: readonly string[]): readonly Deployment[] => {
    const known = byAlias.get(name)
    if (known !== undefined) return known
    const found = names.map((group) => (group === name ? (groups.get(group) ?? []) : find(group)))
    const pooled = found.length === 1 ? (found[0] ?? []) : onceEach(found.flatMap(inOrder))
    // What a pattern leads to is remembered for a while only.
    if (pooled.length > 0 && !names.some((group) => !groups.has(group))) byAlias.set(name, pooled)
    return pooled
  }

  const find = (model: string): readonly Deployment[] => {
    const alias = Object.hasOwn(config.aliases, model) ? config.aliases[model] : undefined
    if (alias !== undefined) return pool(model, alias.groups)
    const exact = groups.get(model)
    if (exact !== undefined) return exact
    const single = byId.get(model)
    return single === undefined ? findByPattern(model) : [single]
  }

  const seen = (): readonly string[] => [
    ...groups.keys(),
    ...Object.entries(config.aliases).flatMap(([name, { hidden }]) =>
      hidden || groups.has(name) ? [] : [name],
    ),
    ...Object.keys(config.routing.options.auto_groups ?? {}).filter((name) => !groups.has(name)),
  ]
  let names: readonly string[] | undefined

  return {
    find,
    byId: (id) => byId.get(id),
    groups: seen,
    names: () =>
      (names ??= [
        ...new Set([...seen(), ...patterns.flatMap((pattern) => namesBehind(pattern.config, input.catalog))]),
      ]),
    all: () => [...byId.values()],
    configs: () => config.deployments,
  }
}

/** A group that several of an alias's names lead to counts where it is first. */
function onceEach(pooled: readonly Deployment[]): readonly Deployment[] {
  const seen = new Set<string>()
  return pooled.filter(({ id }) => !seen.has(id) && seen.add(id))
}

/** More than anybody writes as `order`. */
const ORDERS = 1_000_000

/** The deployments of one of several groups, so that all of the group before come first. */
function inOrder(group: readonly Deployment[], index: number): Deployment[] {
  return group.map((deployment) => ({
    ...deployment,
    order: index * ORDERS + Math.min(deployment.order ?? ORDERS - 1, ORDERS - 1),
  }))
}

/** The names of a pattern's models: `anthropic/*` for `anthropic/*`, bare ones for `*` that leads to `openai/*`. */
function namesBehind({ modelGroup, model, target }: DeploymentConfig, catalog: Catalog): readonly string[] {
  if (!model.endsWith('/*') || model.indexOf('*') < model.length - 1) return []
  const prefix = model.slice(0, -1)
  return catalog
    .modelsOf(target.customProvider ?? prefix.slice(0, -1))
    .map((id) => fillPattern(modelGroup, matcherOf(model), `${prefix}${id}`))
}

/** Prices of the configuration become entries of the catalogue, under the deployment's own id. */
function registerPrices({ config, catalog }: DeploymentsInput): void {
  for (const { id, model, rates, modelInfo } of config.deployments)
    if (rates !== undefined || Object.keys(modelInfo).length > 0)
      catalog.register({
        [priceKeyOf(id)]: { ...pickInfo(modelInfo), ...rates, base_model: model } as JsonObject,
      })
}

/** The fields of `model_info` that describe a model as LiteLLM's model map does. */
function pickInfo(modelInfo: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(modelInfo).filter(([key]) => /^(max_|mode$|supports_|output_vector_size$)/.test(key)),
  )
}

function priceKeyOf(id: string): string {
  return `deployment:${id}`
}

function createDeployment(config: DeploymentConfig, model: string, input: DeploymentsInput): Deployment {
  const place = placeOf(config, model, input)
  const { settings } = input.config
  const timeoutMs = config.timeouts.timeoutMs ?? settings.requestTimeoutMs
  const info = rememberFor(KNOWN_MS, input.monotonicMs, () => modelInfoOf(config, place, input.catalog))
  return {
    id: config.id,
    group: config.modelGroup,
    config,
    state: input.states.of(config.modelGroup.includes('*') ? `${config.id}/${model}` : config.id),
    teamId: textOf(config.modelInfo['team_id']),
    weight: config.weight,
    rpm: config.rpm,
    tpm: config.tpm,
    order: config.order,
    tags: config.tags,
    tagPatterns:
      config.tagPatterns.length === 0 ? undefined : config.tagPatterns.map((pattern) => new RegExp(pattern)),
    region: regionOf(config),
    numRetries: config.numRetries,
    maxParallelRequests: config.maxParallelRequests,
    cooldownMs: config.cooldownMs,
    allowedFails: config.allowedFails,
    allowedFailsPolicy:
      config.allowedFailsPolicy === undefined ? undefined : readClassCounts(config.allowedFailsPolicy),
    tokenPrice: rememberFor(KNOWN_MS, input.monotonicMs, () => tokenPriceOf(info()?.rates)),
    place,
    info,
    ratesFor: (servedModel) => servedRates(servedModel, config, place, input.catalog) ?? info()?.rates,
    dropParams: config.dropParams ?? settings.dropParams,
    silentModels: config.silentModels,
    cachePoints: parseCachePoints(config.cachePoints),
    timeoutMs,
    streamTimeoutMs: config.timeouts.streamTimeoutMs ?? settings.streamTimeoutMs ?? timeoutMs,
    firstTokenMs: config.timeouts.firstTokenMs ?? settings.firstTokenMs,
    streamIdleMs: config.timeouts.streamIdleMs ?? settings.streamIdleMs,
  }
}

/** Where it answers, as far as its configuration says so. */
function regionOf({ target: { options } }: DeploymentConfig): string | undefined {
  return options['region_name'] ?? options['aws_region_name'] ?? options['vertex_location']
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function placeOf(config: DeploymentConfig, model: string, input: DeploymentsInput): DeploymentPlace {
  if (config.mockResponse !== undefined) {
    const { mockResponse } = config
    return {
      type: 'mock',
      text: typeof mockResponse === 'string' ? mockResponse : JSON.stringify(mockResponse),
    }
  }
  const slash = model.indexOf('/')
  const local = input.localModels.find(({ id }) => id === model.slice(0, Math.max(slash, 0)))
  if (local !== undefined) return { type: 'local', model: local, name: model.slice(slash + 1) }
  const { target } = config
  const resolved = resolveTarget(
    {
      model,
      customProvider: target.customProvider,
      apiKey: target.apiKey?.reveal(),
      apiBase: target.apiBase,
      apiVersion: target.apiVersion,
      organization: target.organization,
      headers: { ...target.headers },
      options: { ...target.options },
    },
    {
      registry: input.registry,
      env: input.env,
      providerOfModel: (name) => input.catalog.providerOfBareModel(name),
    },
  )
  return { type: 'provider', resolved, quirks: quirksOf(resolved.provider, resolved.target.model) }
}

/** Prices of a model that is not the one asked for; `undefined` where the configuration says what holds. */
function servedRates(
  servedModel: string | undefined,
  config: DeploymentConfig,
  place: DeploymentPlace,
  catalog: Catalog,
): Rates | undefined {
  if (servedModel === undefined || place.type !== 'provider') return undefined
  if (config.rates !== undefined || config.baseModel !== undefined) return undefined
  const { provider, target } = place.resolved
  if (servedModel === target.model) return undefined
  return catalog.findModel(servedModel, { provider: provider.id })?.rates
}

function modelInfoOf(
  config: DeploymentConfig,
  place: DeploymentPlace,
  catalog: Catalog,
): ModelInfo | undefined {
  const own = catalog.findModel(priceKeyOf(config.id))
  if (place.type === 'mock') return own
  if (place.type === 'local') {
    const { model, name } = place
    return {
      provider: model.id,
      model: name,
      mode: 'chat',
      capabilities: new Set(),
      ...own,
      rates: own?.rates ?? model.rates,
    }
  }
  const { provider, target } = place.resolved
  const described = catalog.findModel(target.model, { provider: provider.id, baseModel: config.baseModel })
  if (own === undefined) return described
  return { ...described, ...own, rates: own.rates ?? described?.rates }
}
