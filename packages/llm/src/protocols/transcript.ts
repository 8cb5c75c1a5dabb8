import { createError } from '../errors.ts'
import type { Json, JsonObject } from '../types/json.ts'
import type { Usage } from '../types/usage.ts'
import type { ParseContext } from './protocol.ts'
import { objectsOf, stringOf } from './wire.ts'

/** Shared by the formats in which recordings are listened to. */

export function noTranscript({ provider, model }: ParseContext): Error {
  return createError({
    code: 'invalid_response',
    message: `${provider}: the answer holds no transcript.`,
    provider,
    model,
  })
}

/** The usage of a recording that is billed by its length. */
export function usageOfLength(audioMs: number, raw?: JsonObject, leastMs: number = 0): Usage {
  return {
    inputTokens: 0,
    outputTokens: 0,
    audioMs: Math.max(audioMs, leastMs),
    source: 'provider',
    raw,
  }
}

/** Words as those tell them who call a word `text`; spaces and sounds between them are left out. */
export function wordsWithText(rows: Json | undefined): JsonObject[] {
  return objectsOf(rows)
    .filter(({ type }) => type === 'word' || type === undefined)
    .map(({ text, ...rest }): JsonObject => ({ ...rest, word: stringOf(text) ?? '' }))
}
