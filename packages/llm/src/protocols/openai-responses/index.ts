import type { Answer } from '../../types/answer.ts'
import type { JsonObject } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'
import { optionalBoolean, requiredString } from '../check.ts'
import { renderFailure, renderStreamFailure } from '../openai-chat/client-failure.ts'
import { parseFailure } from '../openai-chat/failure.ts'
import type { AnswerContext, ChatDialect, ChatProtocol, StreamRenderer } from '../protocol.ts'
import { compact } from '../wire.ts'
import { parseAnswer } from './answer.ts'
import { PARAMS, renderRequest } from './request.ts'
import { createStreamParser } from './stream.ts'
import { renderUsage } from './usage.ts'

function parseRequest(body: JsonObject): ChatRequest {
  return {
    model: requiredString(body, 'model'),
    messages: [{ role: 'user', content: [{ type: 'text', text: requiredString(body, 'input') }] }],
    stream: optionalBoolean(body, 'stream') ?? false,
  }
}

function renderAnswer(answer: Answer, context: AnswerContext): JsonObject {
  const text = (answer.choices[0]?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
  return compact({
    id: context.id,
    object: 'response',
    created_at: context.createdS,
    status: 'completed',
    model: context.model,
    output: [
      { type: 'message', id: 'msg_0', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] },
    ],
    usage: answer.usage === undefined ? undefined : renderUsage(answer.usage),
  })
}

function createStreamRenderer(_context: AnswerContext): StreamRenderer {
  return { push: () => '' }
}

export const openaiResponsesProtocol: ChatProtocol = {
  id: 'openai-responses',
  params: PARAMS,
  framing: 'sse',
  renderRequest,
  parseAnswer,
  createStreamParser,
  parseFailure,
}

export const openaiResponsesDialect: ChatDialect = {
  id: 'openai-responses',
  streamType: 'text/event-stream; charset=utf-8',
  parseRequest,
  renderAnswer,
  createStreamRenderer,
  renderFailure,
  renderStreamFailure,
}

export { openaiResponsesRelay } from './relay.ts'
