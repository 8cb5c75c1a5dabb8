import type { FinishReason } from '../../types/answer.ts'

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
}

/** `onlyJson`: the one tool that was called is the answer itself (see `json-answer.ts`). */
export function finishReason(stopReason: string, onlyJson: boolean): FinishReason {
  if (onlyJson && stopReason === 'tool_use') return 'stop'
  return REASONS[stopReason] ?? 'other'
}
