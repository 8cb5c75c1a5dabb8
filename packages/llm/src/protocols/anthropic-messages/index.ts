import type { ChatDialect, ChatProtocol, CountProtocol } from '../protocol.ts'
import { parseAnswer } from './answer.ts'
import { messageId, renderAnswer } from './client-answer.ts'
import { renderFailure, renderStreamFailure } from './client-failure.ts'
import { parseRequest } from './client-request.ts'
import { createStreamRenderer } from './client-stream.ts'
import { parseCountTokens, renderCountTokens } from './count-tokens.ts'
import { parseFailure } from './failure.ts'
import { PARAMS, renderRequest } from './request.ts'
import { createStreamParser } from './stream.ts'

export { parseCountTokensRequest } from './client-request.ts'
export { renderCountTokens, renderCountTokensAnswer } from './count-tokens.ts'
export { anthropicRelay } from './relay.ts'

/** Anthropic's Messages API, as a provider's dialect. */
export const anthropicProtocol: ChatProtocol = {
  id: 'anthropic-messages',
  params: PARAMS,
  framing: 'sse',
  headers: { 'anthropic-version': '2023-06-01' },
  renderRequest,
  parseAnswer,
  createStreamParser,
  parseFailure,
}

/** Its `count_tokens`, which not every cloud with Claude has. */
export const anthropicCounting: CountProtocol = {
  id: 'anthropic-messages',
  headers: anthropicProtocol.headers,
  renderRequest: renderCountTokens,
  parseAnswer: parseCountTokens,
  parseFailure,
}

/** Anthropic's Messages API, as a client's dialect. */
export const anthropicDialect: ChatDialect = {
  id: 'anthropic-messages',
  streamType: 'text/event-stream',
  parseRequest,
  answerId: messageId,
  renderAnswer,
  createStreamRenderer,
  renderFailure,
  renderStreamFailure,
}
