import { searchUnits } from '../catalog/search-units.ts'
import { estimateTokens } from '../tokens/index.ts'
import type { RerankRequest } from '../types/rerank.ts'
import type { Usage } from '../types/usage.ts'

/** What a rerank has used, where its provider does not tell. */
export function estimateRerankUsage({ query, texts }: RerankRequest): Usage {
  const queryTokens = estimateTokens(query)
  const lengths = texts.map(estimateTokens)
  return {
    inputTokens: lengths.reduce((sum, tokens) => sum + queryTokens + tokens, 0),
    outputTokens: 0,
    searchUnits: searchUnits(queryTokens, lengths),
    source: 'estimated',
  }
}
