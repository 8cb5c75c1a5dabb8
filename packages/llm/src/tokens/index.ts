export { boundTokens, estimateTokens } from './bound.ts'
export { countTokens, countTokensSync, type TokenCount } from './count.ts'
export type { CountableMessage, CountableTool } from './input.ts'
