import type { JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { compact, countOf } from '../wire.ts'

/** Older servers leave the prompt's count out when the whole prompt was cached. */
export function parseUsage(last: JsonObject): Usage | undefined {
  const inputTokens = countOf(last['prompt_eval_count'])
  const outputTokens = countOf(last['eval_count'])
  if (inputTokens === undefined && outputTokens === undefined) return undefined
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    totalTokens: (inputTokens ?? 0) + (outputTokens ?? 0),
    source: 'provider',
    raw: compact({ prompt_eval_count: inputTokens, eval_count: outputTokens }),
  }
}

/** Durations in nanoseconds, as Ollama reports them. */
export function parseTimings(last: JsonObject): JsonObject | undefined {
  const { total_duration, load_duration, prompt_eval_duration, eval_duration } = last
  const timings = compact({ total_duration, load_duration, prompt_eval_duration, eval_duration })
  return Object.keys(timings).length > 0 ? timings : undefined
}
