import type { JsonObject } from '../types/json.ts'
import type { Capability, ModelInfo, Rates } from '../types/model.ts'
import { providerByName } from './bare-model.ts'
import { capabilitiesByFamily, impliedCapabilities } from './capabilities.ts'
import { type ModelPatch, parseLitellmModel } from './litellm-format.ts'
import { isPricedByPiece } from './litellm-rates.ts'
import { modeByName } from './mode.ts'
import { nameForms } from './model-name.ts'
import { completeRates, currentModel, findOverride, type ModelOverride } from './overrides.ts'
import { findPackagePrice, packageName } from './package-prices.ts'
import { hasSources, sourcesOf } from './sources.ts'
import { findTableModel, isTableProvider, tableModelIds, type TableModel } from './table.ts'

export interface FindOptions {
  /** Our provider id. Without it, the model's prefix or name tells. */
  provider?: string | undefined
  /** The model that an opaque name (an Azure deployment) stands for; `azure/gpt-4o` or `gpt-4o`. */
  baseModel?: string | undefined
}

/**
 * Models and prices in layers, the first that knows a thing wins: registered entries, our overrides, the
 * price package, our table of limits and abilities.
 */
export interface Catalog {
  /** `undefined`: no layer knows the model. `rates: undefined`: known, but without a price. */
  findModel(model: string, options?: FindOptions): ModelInfo | undefined
  supports(capability: Capability, model: string, provider?: string): boolean
  /** The models of a provider that the table knows, without its prefix. */
  modelsOf(provider: string): readonly string[]
  /** The provider that a name without prefix means, by LiteLLM's rules; `undefined` when open to doubt. */
  providerOfBareModel(model: string): string | undefined
  /**
   * Adds entries in LiteLLM's format, by model name with or without provider prefix. Either all are taken or,
   * where one is wrong, none: throws `InvalidModelEntryError`.
   */
  register(entries: Readonly<Record<string, JsonObject>>): void
}

export interface CatalogOptions {
  /** Some prices depend on the date or the hour. */
  now?: (() => number) | undefined
}

/** Bounds the memory that unknown names can take; far above the models one process uses. */
const cachedModels = 5000

export function createCatalog({ now = Date.now }: CatalogOptions = {}): Catalog {
  const registered = new Map<string, ModelPatch>()
  const cache = new Map<string, ModelInfo | undefined>()

  function findModel(model: string, options: FindOptions = {}): ModelInfo | undefined {
    const key = `${options.provider ?? ''}\n${options.baseModel ?? ''}\n${model}`
    if (cache.has(key)) return cache.get(key)
    const { info, changesWithTime } = resolve(model, options)
    if (!changesWithTime) {
      if (cache.size >= cachedModels) cache.clear()
      cache.set(key, info)
    }
    return info
  }

  function resolve(model: string, options: FindOptions): Resolved {
    const name = locate(model, options.provider)
    const patch = findPatch(model, name)
    const baseModel = options.baseModel ?? patch?.baseModel
    const below =
      baseModel === undefined || baseModel === model
        ? describe(name.provider ?? patch?.provider, name.model, now())
        : resolveBase(baseModel, name)
    return patch === undefined ? below : { ...below, info: applyPatch(patch, name, below.info) }
  }

  /** What is known of the base model, under the name of the one that stands for it. */
  function resolveBase(baseModel: string, { provider, model }: Located): Resolved {
    const own = resolve(baseModel, { provider: prefixOf(baseModel) ?? provider })
    const base = own.info === undefined ? resolve(baseModel, {}) : own
    return { ...base, info: base.info && { ...base.info, provider: provider ?? base.info.provider, model } }
  }

  function locate(model: string, provider: string | undefined): Located {
    if (provider !== undefined) {
      return { provider, model: model.startsWith(`${provider}/`) ? model.slice(provider.length + 1) : model }
    }
    const prefix = prefixOf(model)
    if (prefix !== undefined) return { provider: prefix, model: model.slice(prefix.length + 1) }
    return { provider: providerOfBareModel(model), model }
  }

  function providerOfBareModel(model: string): string | undefined {
    return registered.get(model)?.provider ?? providerByName(model)
  }

  function findPatch(asWritten: string, { provider, model }: Located): ModelPatch | undefined {
    const own = registered.get(provider === undefined ? model : `${provider}/${model}`)
    if (own !== undefined) return own
    const bare = registered.get(model) ?? registered.get(asWritten)
    const isOthers = bare?.provider !== undefined && provider !== undefined && bare.provider !== provider
    return isOthers ? undefined : bare
  }

  return {
    findModel,
    supports: (capability, model, provider) =>
      findModel(model, { provider })?.capabilities.has(capability) ?? false,
    modelsOf: (provider) => tableModelIds(sourcesOf(provider).table[0] ?? provider),
    providerOfBareModel,
    register(entries) {
      const patches = Object.entries(entries).map(
        ([model, entry]) => [model, parseLitellmModel(entry, model)] as const,
      )
      for (const [model, patch] of patches) registered.set(model, patch)
      cache.clear()
    },
  }
}

interface Located {
  provider: string | undefined
  /** Without the provider's prefix. */
  model: string
}

interface Resolved {
  info: ModelInfo | undefined
  changesWithTime: boolean
}

const unknown: Resolved = { info: undefined, changesWithTime: false }

/** The provider before the first `/`, when the catalogue knows it as one. */
function prefixOf(model: string): string | undefined {
  const prefix = model.slice(0, Math.max(model.indexOf('/'), 0))
  return prefix !== '' && (hasSources(prefix) || isTableProvider(prefix)) ? prefix : undefined
}

/** What the layers below the registered one know. */
function describe(provider: string | undefined, model: string, atMs: number): Resolved {
  if (provider === undefined) return unknown
  const sources = sourcesOf(provider)
  const forms = nameForms(model, sources.idPrefix)
  const override = firstOf(forms.priced, (form) => findOverride(provider, form))
  const table = firstOf(forms.described, (form) => firstOf(sources.table, (id) => findTableModel(id, form)))
  const price = findPrice(
    provider,
    forms.priced.map((form) => currentModel(provider, form)),
    atMs,
  )
  if (override === undefined && table === undefined && price === undefined) return unknown

  const rates = price?.rates && completeRates(provider, model, price.rates)
  return {
    info: {
      provider,
      model,
      mode: override?.mode ?? table?.mode ?? modeByName(provider, model),
      maxInputTokens: override?.maxInputTokens ?? table?.maxInputTokens ?? price?.contextWindow,
      maxOutputTokens: table?.maxOutputTokens,
      rates,
      capabilities: capabilitiesOf(model, table, rates),
      outputVectorSize: override?.outputVectorSize,
      priceSource: rates && price?.source,
    },
    changesWithTime: price?.changesWithTime ?? false,
  }
}

interface FoundPrice {
  rates: Rates | undefined
  source: string
  contextWindow?: number | undefined
  changesWithTime: boolean
}

/** All layers are asked for the exact name before any is asked for a simpler form of it. */
function findPrice(provider: string, forms: readonly string[], atMs: number): FoundPrice | undefined {
  const sources = sourcesOf(provider)
  let withoutRates: FoundPrice | undefined
  for (const form of forms) {
    const rates: ModelOverride['rates'] = findOverride(provider, form)?.rates
    if (rates !== undefined) return { rates, source: 'override', changesWithTime: false }

    const listed = firstOf(sources.prices, (id) => findPackagePrice(id, form))
    const listedRates = listed?.ratesAt(atMs)
    if (listed !== undefined) {
      const found = {
        rates: listedRates,
        source: packageName,
        contextWindow: listed.contextWindow,
        changesWithTime: listed.changesWithTime,
      }
      if (listedRates !== undefined) return found
      withoutRates ??= found
    }

    const tabled = firstOf(sources.table.slice(0, 1), (id) => findTableModel(id, form))?.rates
    if (tabled !== undefined) return { rates: tabled, source: 'models.dev', changesWithTime: false }
  }
  return withoutRates
}

function capabilitiesOf(
  model: string,
  table: TableModel | undefined,
  rates: Rates | undefined,
): ReadonlySet<Capability> {
  const known = new Set(table?.capabilities ?? capabilitiesByFamily(model))
  return new Set([...known, ...impliedCapabilities(model, known, rates)])
}

function applyPatch(patch: ModelPatch, name: Located, below: ModelInfo | undefined): ModelInfo {
  const provider = name.provider ?? patch.provider ?? below?.provider ?? 'custom'
  const rates = mergeRates(patch.rates, below?.rates)
  const capabilities = new Set(below?.capabilities ?? capabilitiesByFamily(name.model))
  for (const [capability, isSupported] of patch.capabilities ?? []) {
    if (isSupported) capabilities.add(capability)
    else capabilities.delete(capability)
  }
  return {
    provider,
    model: name.model,
    mode: patch.mode ?? below?.mode ?? modeByName(provider, name.model),
    maxInputTokens: patch.maxInputTokens ?? below?.maxInputTokens,
    maxOutputTokens: patch.maxOutputTokens ?? below?.maxOutputTokens,
    rates,
    capabilities,
    outputVectorSize: patch.outputVectorSize ?? below?.outputVectorSize,
    deprecationDate: patch.deprecationDate ?? below?.deprecationDate,
    priceSource: patch.rates === undefined ? below?.priceSource : 'registered',
  }
}

/**
 * An entry that states the price of a token starts a price list of its own: cache, audio and tier prices of
 * the list below belong to another one. An entry that states only such parts is laid over the list below.
 */
function mergeRates(stated: Partial<Rates> | undefined, below: Rates | undefined): Rates | undefined {
  if (stated === undefined) return below
  const isOwnList = stated.inputPicoUsd !== undefined || stated.outputPicoUsd !== undefined
  if (!isOwnList && below === undefined && !isPricedByPiece(stated)) return undefined
  const inputPicoUsd = stated.inputPicoUsd ?? below?.inputPicoUsd ?? 0n
  const outputPicoUsd = stated.outputPicoUsd ?? below?.outputPicoUsd ?? 0n
  return isOwnList
    ? { ...stated, inputPicoUsd, outputPicoUsd }
    : { ...below, ...stated, inputPicoUsd, outputPicoUsd }
}

function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
