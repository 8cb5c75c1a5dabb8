import { renderAnswer } from '../protocols/openai-responses/client-answer.ts'
import { parseRequest } from '../protocols/openai-responses/client-request.ts'
import { ResponseRenderer } from '../protocols/openai-responses/client-stream.ts'
import type { AnswerContext } from '../protocols/protocol.ts'
import type { Answer } from '../types/answer.ts'
import type { StreamEvent } from '../types/event.ts'
import type { JsonObject } from '../types/json.ts'
import type { ResponseEvent, ResponseObject } from '../types/openai-responses.ts'
import type { ChatRequest, ReasoningEffort } from '../types/request.ts'
import { answerChat, contextOf, streamChat } from './completion.ts'
import type { ClientCore } from './core.ts'
import { readCall } from './core.ts'
import type { BareCall } from './layers.ts'
import type { CallOptions } from './options.ts'
import type { AnswerStream } from './stream.ts'
import { createAnswerStream } from './stream.ts'

/** What `responses()` takes: the fields of OpenAI's `/responses`, and the settings of the call. */
export interface ResponsesParams extends CallOptions {
  /** `provider/model`, or a bare name that the catalogue knows. */
  model: string
  /** A text, or the items of the conversation so far: messages, calls and their results, thinking. */
  input?: string | object[]
  instructions?: string
  stream?: boolean
  tools?: object[]
  tool_choice?: 'auto' | 'none' | 'required' | object
  parallel_tool_calls?: boolean
  text?: { format?: object; verbosity?: 'low' | 'medium' | 'high' }
  reasoning?: { effort?: ReasoningEffort | null; summary?: 'auto' | 'concise' | 'detailed' | null }
  max_output_tokens?: number
  temperature?: number
  top_p?: number
  top_logprobs?: number
  include?: string[]
  store?: boolean
  /** Refers to what the provider keeps: served only by providers with a Responses API of their own. */
  previous_response_id?: string
  service_tier?: string
  user?: string
  safety_identifier?: string
  prompt_cache_key?: string
  truncation?: 'auto' | 'disabled'
  /** Anything else goes to providers with a Responses API of their own, and to no others. */
  [field: string]: unknown
}

export type ResponsesStream = AnswerStream<ResponseEvent>

export interface ResponsesFunction {
  (params: ResponsesParams & { stream: true }): Promise<ResponsesStream>
  (params: ResponsesParams & { stream?: false }): Promise<ResponseObject>
  (params: ResponsesParams): Promise<ResponseObject | ResponsesStream>
}

/** Makes `responses()` for a client: the provider's own Responses API, or its chat. */
export function createResponses(core: ClientCore): BareCall<ResponsesParams> {
  return async (params, watch) => {
    const { call, cloud, rest } = readCall(core, params)
    const request = parseRequest(rest as JsonObject)
    const run = { core, request, call, cloud, operation: 'responses' as const, watch }
    const render = (answer: Answer): object => ({
      ...renderAnswer(answer, responseContextOf(core, request, answer)),
      output_text: outputText(answer),
    })
    if (!request.stream) return render(await answerChat(run))
    return createAnswerStream(await streamChat(run, render), createEvents(core, request))
  }
}

/** Renders events once the `start` event has told the answer's id and model. */
function createEvents(core: ClientCore, request: ChatRequest): (event: StreamEvent) => ResponseEvent[] {
  let renderer: ResponseRenderer | undefined
  return (event) => {
    renderer ??= new ResponseRenderer(
      responseContextOf(core, request, event.type === 'start' ? event : { id: '', model: '' }),
    )
    return renderer.push(event) as ResponseEvent[]
  }
}

function responseContextOf(
  core: ClientCore,
  request: ChatRequest,
  answer: Pick<Answer, 'id' | 'model'>,
): AnswerContext {
  const context = contextOf(core, request, answer)
  return answer.id === '' ? { ...context, id: `resp_${core.world.newId()}` } : context
}

function outputText(answer: Answer): string {
  return (answer.choices[0]?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
}
