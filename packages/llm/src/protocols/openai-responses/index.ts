import { renderFailure } from '../openai-chat/client-failure.ts'
import type { ChatDialect, ChatProtocol } from '../protocol.ts'
import { parseAnswer } from './answer.ts'
import { renderAnswer, responseId } from './client-answer.ts'
import { renderStreamFailure } from './client-failure.ts'
import { parseRequest } from './client-request.ts'
import { createStreamRenderer } from './client-stream.ts'
import { parseFailure } from './failure.ts'
import { PARAMS, renderRequest } from './request.ts'
import { createStreamParser } from './stream.ts'

/** OpenAI's Responses API, as a provider's dialect. */
export const openaiResponsesProtocol: ChatProtocol = {
  id: 'openai-responses',
  params: PARAMS,
  framing: 'sse',
  renderRequest,
  parseAnswer,
  createStreamParser,
  parseFailure,
}

/** OpenAI's Responses API, as a client's dialect. */
export const openaiResponsesDialect: ChatDialect = {
  id: 'openai-responses',
  streamType: 'text/event-stream; charset=utf-8',
  parseRequest,
  answerId: responseId,
  renderAnswer,
  createStreamRenderer,
  renderFailure,
  renderStreamFailure,
}

export { openaiResponsesRelay } from './relay.ts'
