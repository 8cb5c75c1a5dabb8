import type { JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { countOf, objectsOf, stringOf } from '../wire.ts'

/** Bedrock counts cached input beside `inputTokens`, not inside it. */
export function parseUsage(raw: JsonObject | undefined): Usage | undefined {
  if (raw === undefined) return undefined
  const cacheReadTokens = countOf(raw['cacheReadInputTokens']) ?? countOf(raw['cacheReadInputTokenCount'])
  const cacheWriteTokens = countOf(raw['cacheWriteInputTokens']) ?? countOf(raw['cacheWriteInputTokenCount'])
  const fresh = countOf(raw['inputTokens'])
  const outputTokens = countOf(raw['outputTokens'])
  if (fresh === undefined && outputTokens === undefined) return undefined
  return {
    inputTokens: (fresh ?? 0) + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0),
    outputTokens: outputTokens ?? 0,
    totalTokens: countOf(raw['totalTokens']),
    cacheReadTokens,
    cacheWriteTokens,
    cacheWrite1hTokens: hourlyWrites(raw),
    source: 'provider',
    raw,
  }
}

function hourlyWrites(raw: JsonObject): number | undefined {
  const hourly = objectsOf(raw['cacheDetails']).filter((detail) => stringOf(detail['ttl']) === '1h')
  if (hourly.length === 0) return undefined
  return hourly.reduce((sum, detail) => sum + (countOf(detail['inputTokens']) ?? 0), 0)
}
