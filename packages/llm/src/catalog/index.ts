export { type EntryFinding, InvalidModelEntryError } from './entry-reader.ts'
export {
  type CompletionCostInput,
  completionCost,
  type CostPair,
  type CostPerTokenInput,
  costPerToken,
  getModelInfo,
  registerModel,
  supports,
} from './sdk.ts'
