import type { Json, JsonObject } from '../../types/json.ts'
import { arrayOf, numberOf, objectsOf, stringOf } from '../wire.ts'

/** Cohere groups the tokens of a piece of text; OpenAI lists them one by one. */
export function parseLogprobs(raw: Json | undefined): Json | undefined {
  const groups = Array.isArray(raw) ? objectsOf(raw) : objectsOf([raw ?? null])
  const content = groups.flatMap(parseGroup)
  return content.length > 0 ? { content } : undefined
}

function parseGroup(group: JsonObject): JsonObject[] {
  const text = stringOf(group['text']) ?? ''
  return arrayOf(group['logprobs']).flatMap((value, position) => {
    const logprob = numberOf(value)
    // The text of a group cannot be divided among its tokens: the first carries it.
    const token = position === 0 ? text : ''
    return logprob === undefined ? [] : [{ token, logprob, bytes: null, top_logprobs: [] }]
  })
}
