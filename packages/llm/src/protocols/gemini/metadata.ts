import type { JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { arrayOf, objectOf } from '../wire.ts'

const OF_CANDIDATE = [
  'groundingMetadata',
  'citationMetadata',
  'urlContextMetadata',
  'safetyRatings',
  'avgLogprobs',
  'finishMessage',
] as const

/** What Gemini says beside the answer, under its own names: the first candidate's words, and the prompt's rating. */
export function parseMetadata(root: JsonObject, candidate: JsonObject | undefined): JsonObject {
  const metadata: JsonObject = {}
  for (const key of OF_CANDIDATE) if (saysSomething(candidate?.[key])) metadata[key] = candidate?.[key]
  if (saysSomething(root.promptFeedback)) metadata.promptFeedback = root.promptFeedback
  return metadata
}

function saysSomething(value: JsonObject[string]): boolean {
  if (value === undefined || value === null || value === '') return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

/** Puts metadata back where it stood, for clients that speak Gemini. */
export function renderMetadata(metadata: JsonObject | undefined): {
  candidate: JsonObject
  root: JsonObject
} {
  const candidate: JsonObject = {}
  for (const key of OF_CANDIDATE) if (metadata?.[key] !== undefined) candidate[key] = metadata[key]
  const feedback = metadata?.promptFeedback
  return { candidate, root: feedback === undefined ? {} : { promptFeedback: feedback } }
}

/** Usage with the searches Google bills: one for every query it ran. */
export function countSearches(usage: Usage | undefined, metadata: JsonObject): Usage | undefined {
  const queries = arrayOf(objectOf(metadata.groundingMetadata)?.webSearchQueries).filter(
    (query) => query !== '',
  )
  return usage === undefined || queries.length === 0 ? usage : { ...usage, webSearchRequests: queries.length }
}
