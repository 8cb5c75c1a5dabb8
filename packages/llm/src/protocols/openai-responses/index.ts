import { createFailure } from '../../errors.ts'
import type { Frame } from '../../http/frame.ts'
import type { Answer } from '../../types/answer.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest, RequestParam } from '../../types/request.ts'
import { optionalBoolean, requiredString } from '../check.ts'
import { EventWriter } from '../event-writer.ts'
import { renderFailure, renderStreamFailure } from '../openai-chat/client-failure.ts'
import { parseFailure } from '../openai-chat/failure.ts'
import type {
  AnswerContext,
  ChatDialect,
  ChatProtocol,
  ParseContext,
  RelayReader,
  RenderContext,
  StreamParser,
  StreamRenderer,
  WireRequest,
} from '../protocol.ts'
import { compact, objectOf, objectsOf, parseJson, stringOf } from '../wire.ts'
import { parseUsage, renderUsage } from './usage.ts'

const PARAMS: ReadonlySet<RequestParam> = new Set<RequestParam>(['max_tokens', 'temperature', 'top_p', 'user', 'store', 'metadata'])

function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const input = request.messages.map((message): JsonObject => ({
    role: message.role === 'tool' ? 'user' : message.role,
    content: message.content.map((part) => ('text' in part ? part.text : '')).join(''),
  }))
  return {
    path: '/responses',
    body: compact({
      ...request.extra,
      model: context.model,
      input,
      stream: request.stream ? true : undefined,
      max_output_tokens: request.maxTokens,
      temperature: request.temperature,
      top_p: request.topP,
    }),
  }
}

function parseAnswer(body: Json, _context: ParseContext): Answer {
  const root = objectOf(body) ?? {}
  const text = objectsOf(root.output)
    .flatMap((item) => objectsOf(item.content))
    .map((part) => stringOf(part.text) ?? '')
    .join('')
  return {
    id: stringOf(root.id) ?? '',
    model: stringOf(root.model) ?? '',
    choices: [{ parts: [{ type: 'text', text }], finish: { reason: 'stop' } }],
    usage: parseUsage(root.usage),
  }
}

function createStreamParser(context: ParseContext): StreamParser {
  const writer = new EventWriter()
  return {
    push: (frame: Frame): StreamEvent[] => {
      const event = objectOf(parseJson(frame.data))
      const response = objectOf(event?.response)
      if (event?.type === 'response.created')
        writer.start({ id: stringOf(response?.id) ?? '', model: stringOf(response?.model) ?? '' })
      if (event?.type === 'response.output_text.delta') writer.text(stringOf(event.delta) ?? '')
      if (event?.type === 'response.completed') writer.finish({ reason: 'stop', usage: parseUsage(response?.usage) })
      return writer.take()
    },
    end: () => {
      const { provider, model } = context
      const message = `${provider}: the stream ended before the answer was complete`
      writer.error(createFailure({ code: 'stream_interrupted', message, provider, model }))
      return writer.take()
    },
  }
}

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

export const openaiResponsesRelay: RelayReader = { markers: ['response.completed'], read: () => ({}) }
