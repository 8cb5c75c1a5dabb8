import { createError } from '../errors.ts'
import type { Json, JsonObject } from '../types/json.ts'
import type { Ranking, RerankAnswer } from '../types/rerank.ts'
import type { Usage } from '../types/usage.ts'
import type { ParseContext } from './protocol.ts'
import { arrayOf, countOf, numberOf, objectOf, textOf } from './wire.ts'

/**
 * Reads an answer in Cohere's shape, which others have made their own: the rows are `results` or `data`, the bill is
 * Cohere's `meta` or OpenAI's `usage`.
 */
export function parseRerankAnswer(body: Json, context: ParseContext): RerankAnswer {
  const root = objectOf(body)
  return {
    id: textOf(root?.['id']) ?? '',
    model: textOf(root?.['model']) ?? '',
    rankings: rankingsOf(root?.['results'] ?? root?.['data'], context),
    usage: usageInMeta(objectOf(root?.['meta'])) ?? usageInTokens(objectOf(root?.['usage'])),
  }
}

/** The rows of an answer. No rows at all are an answer only where nothing was wanted, which nobody asks. */
export function rankingsOf(
  rows: Json | undefined,
  context: ParseContext,
  { score = 'relevance_score' }: { score?: string } = {},
): Ranking[] {
  const rankings = arrayOf(rows).flatMap((row) => {
    const members = objectOf(row)
    const index = countOf(members?.['index'])
    const value = numberOf(members?.[score])
    return index === undefined || value === undefined ? [] : [{ index, score: value }]
  })
  if (rankings.length === 0) throw noRankings(context)
  return rankings
}

export function noRankings({ provider, model }: ParseContext): Error {
  return createError({
    code: 'invalid_response',
    message: `${provider}: the answer holds no ranked documents.`,
    provider,
    model,
  })
}

function usageInMeta(meta: JsonObject | undefined): Usage | undefined {
  const billed = objectOf(meta?.['billed_units'])
  const tokens = objectOf(meta?.['tokens'])
  const searchUnits = countOf(billed?.['search_units'])
  const inputTokens =
    countOf(tokens?.['input_tokens']) ??
    countOf(billed?.['input_tokens']) ??
    countOf(billed?.['total_tokens'])
  if (meta === undefined || (searchUnits === undefined && inputTokens === undefined)) return undefined
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: countOf(tokens?.['output_tokens']) ?? 0,
    searchUnits,
    source: 'provider',
    raw: meta,
  }
}

function usageInTokens(usage: JsonObject | undefined): Usage | undefined {
  const totalTokens = countOf(usage?.['total_tokens'])
  const inputTokens = countOf(usage?.['prompt_tokens']) ?? totalTokens
  const searchUnits = countOf(usage?.['search_units'])
  if (usage === undefined || (inputTokens === undefined && searchUnits === undefined)) return undefined
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: countOf(usage['completion_tokens']) ?? 0,
    totalTokens,
    searchUnits,
    reportedCostUsd: numberOf(usage['cost']),
    source: 'provider',
    raw: usage,
  }
}
