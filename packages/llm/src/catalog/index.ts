export { type CostBreakdown, type CostOptions, cost, effectiveRates } from './cost.ts'
export { type EntryFinding, InvalidModelEntryError } from './entry-reader.ts'
export { type ModelPatch, parseLitellmModel, renderLitellmModel } from './litellm-format.ts'
export { type Catalog, type CatalogOptions, createCatalog, type FindOptions } from './lookup.ts'
export { formatUsd, picoUsdFromUsd, picoUsdPerUsd, usdFromPicoUsd } from './money.ts'
export { parseOpenaiUsage } from './openai-usage.ts'
export {
  type CompletionCostInput,
  completionCost,
  type CostPair,
  type CostPerTokenInput,
  costPerToken,
  defaultCatalog,
  getModelInfo,
  registerModel,
  supports,
} from './sdk.ts'
