import type { FinishReason } from '../../types/answer.ts'
import type { Quirks } from '../../types/quirks.ts'

/** OpenAI's words, and those of other services that mean one of them (Together, TGI, Mistral, Z.AI, DeepSeek). */
const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  max_tokens: 'length',
  max_output_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool-calls',
  tool_call: 'tool-calls',
  tool_use: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  sensitive: 'content-filter',
  refusal: 'content-filter',
  error: 'error',
  network_error: 'error',
  insufficient_system_resource: 'error',
}

/** The word of `finish_reason` in our form; a word nobody knows is `other`. */
export function parseFinishReason(word: string, quirks: Quirks): FinishReason {
  return quirks.finishReasons?.[word] ?? REASONS[word.toLowerCase()] ?? 'other'
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  error: 'stop',
  other: 'stop',
}

/** OpenAI's word for a reason. Its clients know only four, so `error` and `other` are a plain stop. */
export function renderFinishReason(reason: FinishReason): string {
  return WORDS[reason]
}
