import type { Finish, FinishReason } from '../../types/answer.ts'
import type { Json } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import { stringOf, textOf } from '../wire.ts'

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  // The model paused a long turn of tools that the provider runs; what was said so far is whole.
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  error: 'end_turn',
  other: 'end_turn',
}

/** Words of this wire that stand for no reason of ours, and that a client of this wire still knows. */
const OTHER_WORDS: ReadonlySet<string> = new Set(['compaction'])

export interface StopFacts {
  stopReason: Json | undefined
  stopSequence: Json | undefined
  /** The only tool that was called was the one that carries a JSON answer. */
  jsonAnswer: boolean
}

export function parseFinish(facts: StopFacts, quirks: Quirks): Finish {
  const rawReason = textOf(facts.stopReason)
  const stopSequence = stringOf(facts.stopSequence)
  const reason =
    rawReason === undefined ? 'other' : (REASONS[rawReason] ?? quirks.finishReasons?.[rawReason] ?? 'other')
  return {
    reason: reason === 'tool-calls' && facts.jsonAnswer ? 'stop' : reason,
    ...(rawReason === undefined ? {} : { rawReason }),
    ...(stopSequence === undefined ? {} : { stopSequence }),
  }
}

export function renderStopReason(finish: Finish): string {
  const { reason, rawReason, stopSequence } = finish
  if (rawReason !== undefined && (REASONS[rawReason] === reason || OTHER_WORDS.has(rawReason)))
    return rawReason
  return reason === 'stop' && stopSequence !== undefined ? 'stop_sequence' : WORDS[reason]
}
