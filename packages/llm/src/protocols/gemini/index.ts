import { createError } from '../../errors.ts'
import type { ChatDialect, ChatProtocol, CountProtocol } from '../protocol.ts'
import { parseAnswer } from './answer.ts'
import { renderAnswer } from './client-answer.ts'
import { renderFailure, renderStreamFailure } from './client-failure.ts'
import { parseRequest } from './client-request.ts'
import { createStreamRenderer } from './client-stream.ts'
import { parseCountTokens, renderCountTokens } from './count-tokens.ts'
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

/** `:countTokens`, as AI Studio wants it asked. */
export const geminiCounting: CountProtocol = {
  id: 'gemini',
  renderRequest: renderCountTokens,
  parseAnswer: (body, { provider, model }) => {
    const tokens = parseCountTokens(body)
    if (tokens !== undefined) return tokens
    const message = `${provider}: the answer holds no token count.`
    throw createError({ code: 'invalid_response', message, provider, model })
  },
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
