import { isSwitchyardError } from '../errors.ts'
import type { Answer } from '../types/answer.ts'
import { estimateTokens } from '../tokens/index.ts'

/** The answer that `mock_response` stands for; an error is thrown instead. */
export function mockAnswer(mock: string | Error, model: string, input: string, id: string): Answer {
  if (mock instanceof Error || isSwitchyardError(mock)) throw mock
  return {
    id: `chatcmpl-${id}`,
    model,
    choices: [{ parts: [{ type: 'text', text: mock }], finish: { reason: 'stop' } }],
    usage: {
      inputTokens: estimateTokens(input),
      outputTokens: estimateTokens(mock),
      source: 'estimated',
    },
  }
}
