import type { ChatProtocol } from '../protocol.ts'
import { parseAnswer } from './answer.ts'
import { parseFailure } from './failure.ts'
import { renderRequest } from './request.ts'
import { createStreamParser } from './stream.ts'

/** Cohere's chat API, version 2. */
export const cohereProtocol: ChatProtocol = {
  id: 'cohere',
  params: new Set([
    'tools',
    'tool_choice',
    'response_format',
    'reasoning_effort',
    'thinking',
    'max_tokens',
    'temperature',
    'top_p',
    'top_k',
    'stop',
    'seed',
    'presence_penalty',
    'frequency_penalty',
    'logprobs',
  ]),
  framing: 'sse',
  renderRequest,
  parseAnswer,
  createStreamParser,
  parseFailure,
}
