import type { ChatRequest, RequestParam } from '../../types/request.ts'
import { parseFailure } from '../openai-chat/failure.ts'
import type { ChatProtocol, RenderContext, WireRequest } from '../protocol.ts'
import { compact } from '../wire.ts'
import { parseAnswer } from './answer.ts'
import { createStreamParser } from './stream.ts'

/** OpenAI's legacy `/completions`. A prompt is carried as one user message. */
export const openaiCompletionsProtocol: ChatProtocol = {
  id: 'openai-completions',
  params: new Set<RequestParam>([
    'max_tokens',
    'temperature',
    'top_p',
    'top_k',
    'stop',
    'seed',
    'n',
    'presence_penalty',
    'frequency_penalty',
    'logit_bias',
    'logprobs',
    'top_logprobs',
    'user',
  ]),
  framing: 'sse',
  renderRequest,
  parseAnswer,
  createStreamParser,
  parseFailure,
}

function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const body = compact({
    model: context.model,
    prompt: promptOf(request),
    stream: request.stream ? true : undefined,
    stream_options:
      request.stream && context.quirks.streamUsage !== 'unasked' ? { include_usage: true } : undefined,
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    stop: request.stop,
    seed: request.seed,
    n: request.n,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    logit_bias: request.logitBias,
    logprobs: request.logprobs === true ? (request.topLogprobs ?? 0) : undefined,
    user: request.user,
  })
  const dialect = request.dialect?.protocol === 'openai-completions' ? request.dialect.fields : undefined
  return {
    path: '/completions',
    body: { ...context.quirks.extraBody, ...request.extra, ...body, ...dialect },
  }
}

function promptOf(request: ChatRequest): string {
  return request.messages
    .flatMap((message) => message.content)
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
}
