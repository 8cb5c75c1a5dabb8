import type { Json } from './dialect.ts'

/** Scores by the share of the query's words that a document has; a search unit for a hundred documents. */
export function renderRerank(body: Json, id: string): Json {
  const documents = Array.isArray(body['documents']) ? body['documents'].map(String) : []
  const wanted = words(String(body['query']))
  const results = documents.map((document, index) => ({
    index,
    relevance_score: wanted.filter((word) => words(document).includes(word)).length / wanted.length,
  }))
  const topN = typeof body['top_n'] === 'number' ? body['top_n'] : results.length
  return {
    id,
    results: results.toSorted((left, right) => right.relevance_score - left.relevance_score).slice(0, topN),
    meta: {
      api_version: { version: '2' },
      billed_units: { search_units: Math.ceil(documents.length / 100) },
    },
  }
}

function words(text: string): string[] {
  return text.toLowerCase().match(/\w+/g) ?? []
}
