import type { Finish, FinishReason } from '../../types/answer.ts'

const REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  MISSING_THOUGHT_SIGNATURE: 'error',
}

/** The end of a candidate. Gemini says STOP after tool calls too. */
export function parseFinish(word: string | undefined, calls: boolean): Finish {
  if (word === undefined) return { reason: calls ? 'tool-calls' : 'stop' }
  const reason = REASONS[word] ?? 'other'
  return { reason: reason === 'stop' && calls ? 'tool-calls' : reason, rawReason: word }
}

/** The end of an answer to a prompt that was refused. */
export function parseBlock(word: string): Finish {
  return { reason: 'content-filter', rawReason: word }
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  error: 'OTHER',
  other: 'OTHER',
}

/** Gemini's word for a reason: the provider's own where that was Gemini's. */
export function renderFinish(finish: Finish): string {
  const raw = finish.rawReason
  if (raw !== undefined && (REASONS[raw] !== undefined || finish.reason === 'other') && /^[A-Z_]+$/.test(raw))
    return raw
  return WORDS[finish.reason]
}
