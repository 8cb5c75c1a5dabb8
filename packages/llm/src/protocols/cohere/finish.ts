import type { FinishReason } from '../../types/answer.ts'

const REASONS: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  ERROR_LIMIT: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR_TOXIC: 'content-filter',
  ERROR: 'error',
  TIMEOUT: 'error',
}

export function finishReason(raw: string): FinishReason {
  return REASONS[raw.toUpperCase()] ?? 'other'
}
