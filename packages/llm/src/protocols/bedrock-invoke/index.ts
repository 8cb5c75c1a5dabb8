import type { Frame } from '../../http/frame.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { ChatRequest, RequestParam } from '../../types/request.ts'
import { anthropicProtocol } from '../anthropic-messages/index.ts'
import { parseFailure, parseStreamFailure } from '../bedrock-converse/failure.ts'
import type { ChatProtocol, ParseContext, RenderContext, StreamParser, WireRequest } from '../protocol.ts'
import { objectOf, parseJson, stringOf, textOf } from '../wire.ts'

const ANTHROPIC_VERSION = 'bedrock-2023-05-31'

/** What Anthropic itself takes and Bedrock does not. */
const NOT_HERE: ReadonlySet<RequestParam> = new Set(['service_tier', 'web_search_options'])

/** Claude through Bedrock's `invoke`: Anthropic's own bodies and events, in Amazon's envelope. */
export const bedrockInvokeProtocol: ChatProtocol = {
  id: 'bedrock-invoke',
  params: new Set([...anthropicProtocol.params].filter((param) => !NOT_HERE.has(param))),
  framing: 'aws-event-stream',
  renderRequest,
  parseAnswer: anthropicProtocol.parseAnswer,
  createStreamParser,
  parseFailure,
}

/** The model and the wish for a stream stand in the path, the beta features in the body. */
function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const { body, headers } = anthropicProtocol.renderRequest(request, context)
  const { model: _model, stream: _stream, ...fields } = body
  const betas = headers?.['anthropic-beta']?.split(',').map((beta) => beta.trim())
  const operation = request.stream ? 'invoke-with-response-stream' : 'invoke'
  return {
    path: `/model/${encodeURIComponent(context.model)}/${operation}`,
    body: {
      anthropic_version: ANTHROPIC_VERSION,
      ...fields,
      ...(betas === undefined ? {} : { anthropic_beta: betas }),
    },
  }
}

function createStreamParser(context: ParseContext): StreamParser {
  const inner = anthropicProtocol.createStreamParser(context)
  return {
    push: (frame) => {
      if (frame.kind === 'exception' || frame.kind === 'error') return failed(frame, inner, context)
      const bytes = textOf(objectOf(parseJson(frame.data))?.['bytes'])
      if (bytes === undefined) return []
      const data = Buffer.from(bytes, 'base64').toString('utf8')
      return inner.push({ event: stringOf(objectOf(parseJson(data))?.['type']), data })
    },
    end: () => inner.end(),
  }
}

/** Lets Anthropic's parser close what is open, then says what Bedrock said. */
function failed(frame: Frame, inner: StreamParser, context: ParseContext): StreamEvent[] {
  const failure = parseStreamFailure(frame, context)
  const error = { type: 'error', error: { type: 'api_error', message: failure.message } }
  const events = inner.push({ event: 'error', data: JSON.stringify(error) })
  return events.map((event) => (event.type === 'error' ? { ...event, failure } : event))
}
