import type { Answer, AnswerContext, EmbeddingAnswer, Usage } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { Services } from '../services.ts'
import type { LlmCall } from './call.ts'
import type { Exchange } from './exchange.ts'
import type { OpenStream } from './upstream/open-stream.ts'

/** What a deployment answered, ready for the client. */
export type GatewayAnswer = WholeGatewayAnswer | StreamGatewayAnswer

export interface WholeGatewayAnswer {
  type: 'whole'
  /** The address that answered; empty for models in this process. */
  url: string
  providerHeaders: IncomingHttpHeaders
  body: Buffer
  /** The body as text, where that is at hand and each of its characters is one byte. */
  text?: string | undefined
  usage: Usage | undefined
  model: string | undefined
  /** The answer's own id. */
  id: string | undefined
  /** The answer in our own form, where it had to be read. */
  answer?: Answer | undefined
  /** The same of vectors. */
  vectors?: EmbeddingAnswer | undefined
}

export interface StreamGatewayAnswer {
  type: 'stream'
  url: string
  providerHeaders: IncomingHttpHeaders
  stream: OpenStream
}

const ID_PREFIX: Readonly<Record<string, string>> = {
  'openai-chat': 'chatcmpl-',
  'openai-completions': 'cmpl-',
  'openai-responses': 'resp_',
  'anthropic-messages': 'msg_',
  gemini: '',
}

/** What an answer is written with: the provider's id and model where it gave them. */
export function answerContext(
  exchange: Exchange,
  call: LlmCall,
  answer: Pick<Answer, 'id' | 'model'>,
  services: Services,
): AnswerContext {
  const { dialect } = call
  const id = answer.id === '' ? `${ID_PREFIX[dialect.id] ?? ''}${exchange.id.replaceAll('-', '')}` : answer.id
  return {
    id: dialect.answerId?.(id) ?? id,
    model: answer.model === '' ? call.model : answer.model,
    createdS: Math.floor(services.nowMs() / 1000),
    request: call.chatRequest(),
  }
}
