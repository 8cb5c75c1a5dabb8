import type { Json, JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { compact, countOf, objectOf, objectsOf, textOf } from '../wire.ts'

/**
 * Reads `usageMetadata`. Gemini counts the prompt with its cached part, but what its own tools read
 * (`toolUsePromptTokenCount`) and what it thought (`thoughtsTokenCount`) beside prompt and answer.
 * `undefined` when it holds no counts: Vertex sends such objects with every frame but the last.
 */
export function parseUsage(value: Json | undefined): Usage | undefined {
  const raw = objectOf(value)
  if (raw === undefined || !hasCounts(raw)) return undefined
  const thoughts = countOf(raw.thoughtsTokenCount)
  return {
    inputTokens: (countOf(raw.promptTokenCount) ?? 0) + (countOf(raw.toolUsePromptTokenCount) ?? 0),
    outputTokens: (countOf(raw.candidatesTokenCount) ?? 0) + (thoughts ?? 0),
    totalTokens: countOf(raw.totalTokenCount),
    cacheReadTokens: countOf(raw.cachedContentTokenCount),
    reasoningTokens: thoughts,
    inputAudioTokens: tokensOf(raw.promptTokensDetails, 'AUDIO'),
    inputImageTokens: tokensOf(raw.promptTokensDetails ?? raw.promptTokenDetails, 'IMAGE'),
    cacheReadAudioTokens: tokensOf(raw.cacheTokensDetails, 'AUDIO'),
    outputAudioTokens: tokensOf(raw.candidatesTokensDetails, 'AUDIO'),
    outputImageTokens: tokensOf(raw.candidatesTokensDetails, 'IMAGE'),
    serviceTier: tierOf(raw),
    source: 'provider',
    raw,
  }
}

function hasCounts(raw: JsonObject): boolean {
  return [raw.promptTokenCount, raw.candidatesTokenCount, raw.totalTokenCount].some(
    (count) => countOf(count) !== undefined,
  )
}

function tokensOf(details: Json | undefined, modality: string): number | undefined {
  const rows = objectsOf(details).filter((row) => row.modality === modality)
  if (rows.length === 0) return undefined
  return rows.reduce((sum, row) => sum + (countOf(row.tokenCount) ?? 0), 0)
}

const TIERS_BY_TRAFFIC: Readonly<Record<string, string>> = {
  ON_DEMAND_FLEX: 'flex',
  ON_DEMAND_PRIORITY: 'priority',
}

function tierOf(raw: JsonObject): string | undefined {
  return textOf(raw.serviceTier)?.toLowerCase() ?? TIERS_BY_TRAFFIC[textOf(raw.trafficType) ?? '']
}

/** Writes `usageMetadata` for a client: thoughts beside the answer, as Gemini counts. */
export function renderUsage(usage: Usage): JsonObject {
  const thoughts = usage.reasoningTokens
  return compact({
    promptTokenCount: usage.inputTokens,
    candidatesTokenCount: Math.max(0, usage.outputTokens - (thoughts ?? 0)),
    totalTokenCount: usage.totalTokens ?? usage.inputTokens + usage.outputTokens,
    cachedContentTokenCount: usage.cacheReadTokens,
    thoughtsTokenCount: thoughts,
    promptTokensDetails: detailsOf(usage.inputTokens, usage.inputAudioTokens, usage.inputImageTokens),
    candidatesTokensDetails: detailsOf(
      usage.outputTokens - (thoughts ?? 0),
      usage.outputAudioTokens,
      usage.outputImageTokens,
    ),
    cacheTokensDetails:
      usage.cacheReadAudioTokens === undefined
        ? undefined
        : detailsOf(usage.cacheReadTokens ?? 0, usage.cacheReadAudioTokens, undefined),
  })
}

/** Splits a count by what it was made of; left out when it was all text. */
function detailsOf(
  total: number,
  audio: number | undefined,
  image: number | undefined,
): JsonObject[] | undefined {
  if (audio === undefined && image === undefined) return undefined
  const text = total - (audio ?? 0) - (image ?? 0)
  const rows: JsonObject[] = []
  if (text > 0) rows.push({ modality: 'TEXT', tokenCount: text })
  if (audio !== undefined) rows.push({ modality: 'AUDIO', tokenCount: audio })
  if (image !== undefined) rows.push({ modality: 'IMAGE', tokenCount: image })
  return rows
}
