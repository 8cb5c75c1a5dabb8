import { isSwitchyardError } from '../errors.ts'
import type { Answer } from '../types/answer.ts'
import type { EmbeddingAnswer, EmbeddingRequest } from '../types/embedding.ts'
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

/** The vectors that `mock_response` stands for: the same one for each input; an error is thrown instead. */
export function mockEmbeddings(mock: readonly number[] | Error, request: EmbeddingRequest): EmbeddingAnswer {
  if (mock instanceof Error || isSwitchyardError(mock)) throw mock
  const texts = request.inputs.map((input) => (input.type === 'text' ? input.text : ''))
  const inputTokens = estimateTokens(texts.join('\n'))
  return {
    model: request.model,
    embeddings: request.inputs.map(() => [...mock]),
    usage: { inputTokens, outputTokens: 0, totalTokens: inputTokens, source: 'estimated' },
  }
}
