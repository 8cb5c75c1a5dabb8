import type { ChatDialect, ChatProtocol } from '../protocol.ts'
import { parseAnswer } from './answer.ts'
import { renderAnswer } from './client-answer.ts'
import { renderFailure, renderStreamFailure } from './client-failure.ts'
import { parseRequest } from './client-request.ts'
import { createStreamRenderer } from './client-stream.ts'
import { parseFailure } from './failure.ts'
import { PARAMS, renderRequest } from './request.ts'
import { createStreamParser } from './stream.ts'

/** OpenAI's `chat/completions`: the wire that most services speak. */
export const openaiChatProtocol: ChatProtocol = {
  id: 'openai-chat',
  params: PARAMS,
  framing: 'sse',
  renderRequest,
  parseAnswer,
  createStreamParser,
  parseFailure,
}

/** The same format as clients speak it to us. */
export const openaiChatDialect: ChatDialect = {
  id: 'openai-chat',
  streamType: 'text/event-stream; charset=utf-8',
  parseRequest,
  renderAnswer,
  createStreamRenderer,
  renderFailure,
  renderStreamFailure,
}

export { openaiChatRelay } from './relay.ts'
