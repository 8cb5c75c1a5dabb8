import { createError } from '../errors.ts'
import { eventsOf } from '../protocols/collect.ts'
import type { AnswerContext } from '../protocols/protocol.ts'
import { renderAnswer } from '../protocols/openai-chat/client-answer.ts'
import { parseRequest } from '../protocols/openai-chat/client-request.ts'
import { ChunkRenderer } from '../protocols/openai-chat/client-stream.ts'
import { withBeginning } from '../router/index.ts'
import type { Answer } from '../types/answer.ts'
import type { StreamEvent } from '../types/event.ts'
import type { JsonObject } from '../types/json.ts'
import type {
  ChatCompletion,
  ChatCompletionChunk,
  MessageParam,
  ResponseFormatParam,
  ToolChoiceParam,
  ToolParam,
} from '../types/openai.ts'
import type { ChatRequest, ReasoningEffort } from '../types/request.ts'
import { cachedAnswer, cachedEvents } from './cached.ts'
import { answeredByMock, untilAnswered } from './attempts.ts'
import { sendChatStream, sendWhole } from './call.ts'
import { continued } from './continued.ts'
import type { ClientCore } from './core.ts'
import {
  authContextOf,
  placeOf,
  prepareContextOf,
  readCall,
  resolveCall,
  retriesOf,
  rulesOf,
  timeoutsOf,
} from './core.ts'
import type { BareCall } from './layers.ts'
import { mockAnswer } from './mock.ts'
import type { CallOptions } from './options.ts'
import type { ChatOperation } from './prepare.ts'
import { chatSurfaceOf, prepareChat } from './prepare.ts'
import { textOfRequest } from './request-text.ts'
import type { AnswerStream } from './stream.ts'
import { createAnswerStream } from './stream.ts'
import type { CallWatch, WatchedPlace } from './watch.ts'
import { estimateUsage, firstToken, usageOfAnswer, watchEvents } from './watch.ts'

/** The fields of OpenAI's chat completions, and the settings of the call. */
export interface ChatParams extends CallOptions {
  /** `provider/model`, or a bare name that the catalogue knows. */
  model: string
  messages: readonly MessageParam[]
  stream?: boolean | null | undefined
  stream_options?: { include_usage?: boolean | undefined } | null | undefined
  tools?: readonly ToolParam[] | undefined
  tool_choice?: ToolChoiceParam | undefined
  parallel_tool_calls?: boolean | undefined
  response_format?: ResponseFormatParam | undefined
  reasoning_effort?: ReasoningEffort | null | undefined
  thinking?: { type: 'enabled' | 'disabled' | 'adaptive'; budget_tokens?: number | undefined } | undefined
  max_tokens?: number | null | undefined
  max_completion_tokens?: number | null | undefined
  temperature?: number | null | undefined
  top_p?: number | null | undefined
  top_k?: number | null | undefined
  stop?: string | readonly string[] | null | undefined
  seed?: number | null | undefined
  n?: number | null | undefined
  presence_penalty?: number | null | undefined
  frequency_penalty?: number | null | undefined
  logit_bias?: Readonly<Record<string, number>> | null | undefined
  logprobs?: boolean | null | undefined
  top_logprobs?: number | null | undefined
  user?: string | null | undefined
  verbosity?: 'low' | 'medium' | 'high' | null | undefined
  service_tier?: string | null | undefined
  modalities?: readonly string[] | null | undefined
  audio?: object | null | undefined
  prediction?: object | null | undefined
  web_search_options?: object | undefined
  store?: boolean | null | undefined
  safety_identifier?: string | null | undefined
  prompt_cache_key?: string | null | undefined
}

/** What `completion()` takes: OpenAI's chat fields, any provider's own fields, and the settings of the call. */
export interface CompletionParams extends ChatParams {
  /** Anything else goes to the provider as it is. */
  [field: string]: unknown
}

/** With or without fields of the provider's own; a value of the `openai` package's type is one without. */
type Params = CompletionParams | ChatParams

export type CompletionStream = AnswerStream<ChatCompletionChunk>

export interface CompletionFunction {
  (params: Params & { stream: true }): Promise<CompletionStream>
  (params: Params & { stream?: false | null | undefined }): Promise<ChatCompletion>
  (params: Params): Promise<ChatCompletion | CompletionStream>
}

/** Makes `completion()` for a client. */
export function createCompletion(core: ClientCore): BareCall<Params> {
  return async (params, watch) => {
    const { call, cloud, rest } = readCall(core, params)
    const request = parseRequest(rest as JsonObject)
    if (request.store !== true) delete request.metadata
    const run = { core, request, call, cloud, operation: 'chat' as const, watch }
    const render = (answer: Answer): object => renderAnswer(answer, contextOf(core, request, answer))
    if (!request.stream) return render(await answerChat(run))
    return createAnswerStream(await streamChat(run, render), createChunks(core, request))
  }
}

/** Renders chunks once the `start` event has told the answer's id and model. */
function createChunks(core: ClientCore, request: ChatRequest): (event: StreamEvent) => ChatCompletionChunk[] {
  let renderer: ChunkRenderer | undefined
  return (event) => {
    renderer ??= new ChunkRenderer(
      contextOf(core, request, event.type === 'start' ? event : { id: '', model: '' }),
    )
    return renderer.push(event) as unknown as ChatCompletionChunk[]
  }
}

/** What an answer is written with: the provider's id and model where it gave them. */
export function contextOf(
  core: ClientCore,
  request: ChatRequest,
  answer: Pick<Answer, 'id' | 'model'>,
): AnswerContext {
  return {
    id: answer.id === '' ? `chatcmpl-${core.world.newId()}` : answer.id,
    model: answer.model === '' ? request.model : answer.model,
    createdS: Math.floor(core.world.nowMs() / 1000),
    request,
  }
}

export interface ChatRun {
  core: ClientCore
  request: ChatRequest
  call: CallOptions
  cloud: Record<string, string | undefined>
  operation: ChatOperation
  watch: CallWatch
}

/** One whole answer, with retries. */
export async function answerChat(run: ChatRun): Promise<Answer> {
  const answer = await cachedAnswer(run, answerOnce)
  run.watch.record.usage = usageOfAnswer(answer, () => textOfRequest(run.request))
  return answer
}

async function answerOnce(run: ChatRun): Promise<Answer> {
  const { core, call } = run
  if (call.mock_response !== undefined) return mocked(run, call.mock_response)
  const { prepared, place } = prepare(run)
  const options = { timeouts: timeoutsOf(core, call), signal: call.signal }
  return untilAnswered(run, place, () => sendWhole(prepared, options, authContextOf(core)))
}

/**
 * The events of one answer. Retries end where the provider has accepted the call, or, where another attempt may
 * follow, with the first token.
 */
export async function streamChat(
  run: ChatRun,
  render: (answer: Answer) => object,
): Promise<AsyncGenerator<StreamEvent, void, undefined>> {
  const { core, request, watch } = run
  const text = (): string => textOfRequest(request)
  const events = await cachedEvents(goingOn(run), streamOnce)
  return watchEvents(watch, mayBreak(run, events, text), core.world, text, render)
}

/** With the beginning that another model has made. */
function goingOn(run: ChatRun): ChatRun {
  const { beginning } = run.watch
  return beginning === undefined ? run : { ...run, request: withBeginning(run.request, beginning) }
}

/** Formats whose requests can end with the beginning of an answer, and answers that are one. */
function mayBreak(
  { request, operation, watch }: ChatRun,
  events: AsyncIterable<StreamEvent>,
  input: () => string,
): AsyncIterable<StreamEvent> {
  const { goOn } = watch
  if (goOn === undefined || operation === 'completions' || (request.n ?? 1) > 1) return events
  return continued(events, ({ failure, usage }, beginning, text) =>
    goOn({ failure, beginning, usage: usage ?? estimateUsage(input(), text) }),
  )
}

async function streamOnce(run: ChatRun): Promise<AsyncGenerator<StreamEvent, void, undefined>> {
  const { core, call, watch } = run
  if (call.mock_response !== undefined) {
    const answer = await mocked(run, call.mock_response)
    return (async function* () {
      yield* eventsOf(answer)
    })()
  }
  const { prepared, place } = prepare(run)
  const options = { timeouts: timeoutsOf(core, call, true), signal: call.signal }
  const send = async (): Promise<AsyncGenerator<StreamEvent, void, undefined>> => {
    const events = await sendChatStream(prepared, options, authContextOf(core))
    return watch.patient || retriesOf(call) > 0
      ? firstToken(events, ({ failure }) => createError(failure).at(place))
      : events
  }
  return untilAnswered(run, place, send)
}

function prepare({ core, request, call, cloud, operation }: ChatRun): {
  prepared: ReturnType<typeof prepareChat>
  place: WatchedPlace
} {
  const resolved = resolveCall(core, request.model, call, cloud)
  const surface = chatSurfaceOf(resolved, operation)
  const context = prepareContextOf(core, resolved)
  return {
    prepared: prepareChat(resolved, surface, request, rulesOf(core, call), context),
    place: placeOf(core, resolved, call),
  }
}

function mocked(run: ChatRun, mock: string | Error): Promise<Answer> {
  const { core, request } = run
  return answeredByMock(run, request.model, () =>
    mockAnswer(mock, request.model, textOfRequest(request), core.world.newId()),
  )
}
