import { openaiResponsesDialect } from '../protocols/openai-responses/index.ts'
import type { JsonObject } from '../types/json.ts'
import { answerChat, contextOf, streamChat } from './completion.ts'
import type { ClientCore } from './core.ts'
import type { CallOptions } from './options.ts'
import { splitOptions } from './options.ts'
import type { AnswerStream } from './stream.ts'
import { createAnswerStream } from './stream.ts'

/** What `responses()` takes: the fields of OpenAI's `/responses` and the settings of the call. */
export interface ResponsesParams extends CallOptions {
  model: string
  input: string | Record<string, unknown>[]
  stream?: boolean
  [field: string]: unknown
}

export interface ResponsesFunction {
  (params: ResponsesParams & { stream: true }): Promise<AnswerStream<JsonObject>>
  (params: ResponsesParams & { stream?: false }): Promise<JsonObject>
}

/** Makes `responses()` for a client: the provider's own `/responses`, or its chat. */
export function createResponses(core: ClientCore): ResponsesFunction {
  async function responses(params: ResponsesParams & { stream: true }): Promise<AnswerStream<JsonObject>>
  async function responses(params: ResponsesParams & { stream?: false }): Promise<JsonObject>
  async function responses(params: ResponsesParams): Promise<JsonObject | AnswerStream<JsonObject>> {
    const { call, cloud, rest } = splitOptions(params)
    const request = openaiResponsesDialect.parseRequest(rest as JsonObject)
    const run = { core, request, call, cloud, operation: 'responses' as const }
    if (!request.stream) {
      const answer = await answerChat(run)
      return openaiResponsesDialect.renderAnswer(answer, contextOf(core, request, answer))
    }
    const events = await streamChat(run)
    return createAnswerStream(events, () => [])
  }
  return responses
}
