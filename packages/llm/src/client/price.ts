import type { CallCost, CallRecord } from '../callbacks/record.ts'
import { cost } from '../catalog/cost.ts'
import { parseLitellmModel } from '../catalog/litellm-format.ts'
import { isPricedByPiece } from '../catalog/litellm-rates.ts'
import type { Catalog } from '../catalog/lookup.ts'
import { createError } from '../errors.ts'
import type { JsonObject } from '../types/json.ts'
import type { ModelInfo, Rates } from '../types/model.ts'
import type { Usage } from '../types/usage.ts'
import type { CallOptions } from './options.ts'
import { PRICE_FIELDS } from './options.ts'
import type { ResolvedTarget } from './resolve.ts'

/** What the catalogue knows of a target's model. */
export function modelInfoOf(
  { catalog }: { readonly catalog: Catalog },
  { provider, target }: ResolvedTarget,
  call: CallOptions,
): ModelInfo | undefined {
  return catalog.findModel(target.model, { provider: provider.id, baseModel: call.base_model })
}

/**
 * The prices of a call: its own, else the catalogue's; `undefined` when neither is known.
 *
 * @throws `bad_request` for a stated price that is no amount.
 */
export function ratesOf(known: Rates | undefined, call: CallOptions): Rates | undefined {
  const given = PRICE_FIELDS.filter((name) => call[name] !== undefined)
  if (given.length === 0) return known
  const entry = Object.fromEntries(given.map((name) => [name, call[name]])) as JsonObject
  let stated: Partial<Rates>
  try {
    stated = parseLitellmModel(entry).rates ?? {}
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    throw createError({ code: 'bad_request', message: what, param: given[0], cause: error })
  }
  const isOwnList = stated.inputPicoUsd !== undefined || stated.outputPicoUsd !== undefined
  if (!isOwnList && known === undefined && !isPricedByPiece(stated)) return undefined
  return {
    ...(isOwnList ? {} : known),
    ...stated,
    inputPicoUsd: stated.inputPicoUsd ?? known?.inputPicoUsd ?? 0n,
    outputPicoUsd: stated.outputPicoUsd ?? known?.outputPicoUsd ?? 0n,
  }
}

/** What a usage costs, by what payloads tell apart. */
export function callCost(usage: Usage, rates: Rates, serviceTier: string | undefined): CallCost {
  const parts = cost(usage, rates, { serviceTier })
  const outputPicoUsd =
    parts.outputPicoUsd + parts.reasoningPicoUsd + parts.outputAudioPicoUsd + parts.outputImagePicoUsd
  return {
    inputPicoUsd: parts.totalPicoUsd - outputPicoUsd - parts.toolPicoUsd,
    outputPicoUsd,
    toolPicoUsd: parts.toolPicoUsd,
    totalPicoUsd: parts.totalPicoUsd,
  }
}

/** What the parts of an answer cost together. */
export function sumOfCosts(costs: readonly CallCost[]): CallCost {
  const sum = { inputPicoUsd: 0n, outputPicoUsd: 0n, toolPicoUsd: 0n, totalPicoUsd: 0n }
  for (const part of costs) {
    sum.inputPicoUsd += part.inputPicoUsd
    sum.outputPicoUsd += part.outputPicoUsd
    sum.toolPicoUsd += part.toolPicoUsd
    sum.totalPicoUsd += part.totalPicoUsd
  }
  return sum
}

/** The tier that a call asks for, where prices differ by it. */
export function tierOf({ request }: Pick<CallRecord, 'request'>): string | undefined {
  const tier = request['service_tier']
  return typeof tier === 'string' ? tier : undefined
}
