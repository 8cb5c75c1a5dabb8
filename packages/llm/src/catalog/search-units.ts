/** A search unit is a query with up to so many documents: Cohere's rule, and that of those who sell its models. */
const DOCUMENTS_PER_UNIT = 100
/** Longer documents count as several, each of them together with the query. */
const TOKENS_PER_DOCUMENT = 500
/** A query takes at most half of that room; what is longer is cut. */
const MOST_QUERY_TOKENS = TOKENS_PER_DOCUMENT / 2

/** The units of a query and documents of these lengths. */
export function searchUnits(queryTokens: number, documentTokens: readonly number[]): number {
  const room = TOKENS_PER_DOCUMENT - Math.min(queryTokens, MOST_QUERY_TOKENS)
  const pieces = documentTokens.reduce((sum, tokens) => sum + Math.max(1, Math.ceil(tokens / room)), 0)
  return Math.ceil(pieces / DOCUMENTS_PER_UNIT)
}

/** The most units that so many documents have when they hold so many tokens together. */
export function mostSearchUnits(documents: number, tokens: number): number {
  return Math.ceil((documents + Math.floor(tokens / MOST_QUERY_TOKENS)) / DOCUMENTS_PER_UNIT)
}
