import type { ChatDialect, ChatProtocol } from '../protocol.ts'
import { parseAnswer } from './answer.ts'
import { renderAnswer } from './client-answer.ts'
import { renderFailure, renderStreamFailure } from './client-failure.ts'
import { parseRequest } from './client-request.ts'
import { createStreamRenderer } from './client-stream.ts'
import { parseFailure } from './failure.ts'
import { PARAMS, renderRequest } from './request.ts'
import { createStreamParser } from './stream.ts'

/** Google's `generateContent`, as AI Studio and Vertex speak it. */
export const geminiProtocol: ChatProtocol = {
  id: 'gemini',
  params: PARAMS,
  framing: 'sse',
  renderRequest,
  parseAnswer,
  createStreamParser,
  parseFailure,
}

/** The same format as clients speak it to us. */
export const geminiDialect: ChatDialect = {
  id: 'gemini',
  streamType: 'text/event-stream',
  parseRequest,
  renderAnswer,
  createStreamRenderer,
  renderFailure,
  renderStreamFailure,
}

export { geminiRelay } from './relay.ts'
export { parseCountTokens, renderCountTokens } from './count-tokens.ts'
