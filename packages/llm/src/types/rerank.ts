import type { Json, JsonObject } from './json.ts'
import type { Usage } from './usage.ts'

/** Documents to put in order by how well each answers a query. */
export interface RerankRequest {
  model: string
  query: string
  /** What the model reads of each document. */
  texts: readonly string[]
  /** The documents as the caller gave them, for an answer that holds them. */
  documents: readonly (string | JsonObject)[]
  /** How many of the best are wanted; left out: all. */
  topN?: number | undefined
  returnDocuments?: boolean | undefined
  /** Longer documents are cut. */
  maxTokensPerDoc?: number | undefined
  /** In how many pieces a document is looked at, at most (models of Cohere's first version). */
  maxChunksPerDoc?: number | undefined
  extra?: JsonObject | undefined
}

/** One document's place: how well it answers, by its place in the request. */
export interface Ranking {
  index: number
  score: number
}

export interface RerankAnswer {
  /** The provider's id; empty where it gives none. */
  id: string
  model: string
  rankings: Ranking[]
  usage?: Usage | undefined
}

/** Cohere's answer, which clients get whoever answers. */
export interface RerankResponse {
  id: string
  /** The best first. */
  results: RerankResult[]
  meta: {
    billed_units?: { search_units?: number; total_tokens?: number }
    tokens?: { input_tokens: number; output_tokens: number }
  }
}

export interface RerankResult {
  /** Place of the document in the request. */
  index: number
  relevance_score: number
  /** Only with `return_documents: true`: a text as `{ text }`, an object as it was given. */
  document?: { text?: string; [field: string]: Json | undefined }
}
