import type { Json, JsonObject } from '../../types/json.ts'
import { numberOf, objectOf, objectsOf, stringOf } from '../wire.ts'

/** Writes a candidate's `logprobsResult` as OpenAI's `{content: [...]}`; `undefined` where there is none. */
export function parseLogprobs(value: Json | undefined): JsonObject | undefined {
  const result = objectOf(value)
  const chosen = objectsOf(result?.chosenCandidates)
  if (chosen.length === 0) return undefined
  const top = objectsOf(result?.topCandidates)
  return {
    content: chosen.map((entry, index) => ({
      ...tokenOf(entry),
      top_logprobs: objectsOf(top[index]?.candidates).map(tokenOf),
    })),
  }
}

function tokenOf(entry: JsonObject): JsonObject {
  const token = stringOf(entry.token) ?? ''
  return { token, logprob: numberOf(entry.logProbability) ?? 0, bytes: [...new TextEncoder().encode(token)] }
}

/** Writes OpenAI's log probabilities as `logprobsResult`. */
export function renderLogprobs(value: Json | undefined): JsonObject | undefined {
  const content = objectsOf(objectOf(value)?.content)
  if (content.length === 0) return undefined
  const candidate = (entry: JsonObject): JsonObject => ({
    token: stringOf(entry.token) ?? '',
    logProbability: numberOf(entry.logprob) ?? 0,
  })
  const top = content.map((entry) => ({ candidates: objectsOf(entry.top_logprobs).map(candidate) }))
  return {
    chosenCandidates: content.map(candidate),
    ...(top.some((step) => step.candidates.length > 0) ? { topCandidates: top } : {}),
  }
}
