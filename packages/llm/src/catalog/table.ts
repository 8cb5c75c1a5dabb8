import type { Capability, ModelMode, Rates } from '../types/model.ts'
import { modelsJson } from './data/models.ts'
import { picoUsdPerTokenFromUsdPerMillion } from './money.ts'
import { closeTiers, tierAt, type TierDraft } from './tiers.ts'

/** One model of the generated table. */
export interface TableModel {
  mode: ModelMode
  maxInputTokens: number | undefined
  maxOutputTokens: number | undefined
  capabilities: readonly Capability[]
  /** Only where the price package lacks the model. */
  rates: Rates | undefined
}

/** USD per million tokens; `null` where there is no such price. Trailing `null`s are left out. */
type PriceRow = readonly (number | null)[]

/**
 * id, mode, input window, longest output (0 = not known), capability bits, then prices, then length tiers as
 * `[above input tokens, prices]`.
 */
export type TableRow = readonly [
  id: string,
  mode: number,
  maxInputTokens: number,
  maxOutputTokens: number,
  capabilities: number,
  prices?: PriceRow,
  tiers?: readonly (readonly [aboveInputTokens: number, prices: PriceRow])[],
]

/** The order is the table's format: append only, and generate the table anew. */
export const tableModes: readonly ModelMode[] = [
  'chat',
  'completion',
  'responses',
  'embedding',
  'image',
  'transcription',
  'speech',
  'rerank',
  'moderation',
]

/** The order is the table's format: append only, and generate the table anew. */
export const tableCapabilities: readonly Capability[] = [
  'function_calling',
  'tool_choice',
  'vision',
  'pdf_input',
  'audio_input',
  'audio_output',
  'prompt_caching',
  'reasoning',
  'response_schema',
  'system_messages',
]

/** The order is the table's format: append only, and generate the table anew. */
const tablePrices = [
  'inputPicoUsd',
  'outputPicoUsd',
  'cacheReadPicoUsd',
  'cacheWritePicoUsd',
  'inputAudioPicoUsd',
  'outputAudioPicoUsd',
  'reasoningPicoUsd',
] as const

/** Names are compared without regard to case. */
export function findTableModel(provider: string, model: string): TableModel | undefined {
  return tableOf(provider)?.get(model.toLowerCase())
}

/** The ids of a provider's models, as it writes them. */
export function tableModelIds(provider: string): readonly string[] {
  return (rowsByProvider()[provider] ?? []).map(([id]) => id)
}

export function isTableProvider(provider: string): boolean {
  return Object.hasOwn(rowsByProvider(), provider)
}

let parsedRows: Readonly<Record<string, readonly TableRow[]>> | undefined

/** Parsed on first use, a provider's models when that provider is first asked for. */
function rowsByProvider(): Readonly<Record<string, readonly TableRow[]>> {
  parsedRows ??= JSON.parse(modelsJson) as Readonly<Record<string, readonly TableRow[]>>
  return parsedRows
}

const tables = new Map<string, ReadonlyMap<string, TableModel>>()

function tableOf(provider: string): ReadonlyMap<string, TableModel> | undefined {
  let table = tables.get(provider)
  if (table === undefined && isTableProvider(provider)) {
    const rows = rowsByProvider()[provider] ?? []
    table = new Map(rows.map((row) => [row[0].toLowerCase(), readRow(row)]))
    tables.set(provider, table)
  }
  return table
}

function readRow([, mode, maxInputTokens, maxOutputTokens, bits, prices, tiers]: TableRow): TableModel {
  return {
    mode: tableModes[mode] ?? 'chat',
    maxInputTokens: maxInputTokens === 0 ? undefined : maxInputTokens,
    maxOutputTokens: maxOutputTokens === 0 ? undefined : maxOutputTokens,
    capabilities: tableCapabilities.filter((_capability, index) => (bits & (1 << index)) !== 0),
    rates: prices === undefined ? undefined : readRates(prices, tiers ?? []),
  }
}

function readRates(prices: PriceRow, tiers: NonNullable<TableRow[6]>): Rates {
  const draft: TierDraft = new Map()
  for (const [aboveInputTokens, tierPrices] of tiers) {
    Object.assign(tierAt(draft, aboveInputTokens), readPrices(tierPrices))
  }
  return { inputPicoUsd: 0n, outputPicoUsd: 0n, ...readPrices(prices), tiers: closeTiers(draft) }
}

function readPrices(prices: PriceRow): Partial<Rates> {
  const rates: Partial<Rates> = {}
  for (const [index, price] of prices.entries()) {
    const name = tablePrices[index]
    if (price !== null && name !== undefined) rates[name] = picoUsdPerTokenFromUsdPerMillion(price)
  }
  return rates
}
