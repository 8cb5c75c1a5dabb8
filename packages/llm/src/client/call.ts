import { createFrameReader } from '../http/framing.ts'
import { isSwitchyardError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import { eventsOf } from '../protocols/collect.ts'
import type { ChatProtocol, ParseContext, StreamParser } from '../protocols/protocol.ts'
import { parseJson } from '../protocols/wire.ts'
import type { AuthContext } from '../types/auth.ts'
import type { StreamEvent } from '../types/event.ts'
import type { Json } from '../types/json.ts'
import type { TranscriptionAnswer } from '../types/transcription.ts'
import type { HttpResponse, Timeouts } from '../types/transport.ts'
import { failureOfCall, failureOfCredentials, invalidResponse } from './failures.ts'
import type { PreparedCall, PreparedUpload } from './prepare.ts'
import { signCall } from './prepare.ts'

export interface SendOptions {
  timeouts: Timeouts
  signal?: AbortSignal | undefined
}

/** Sends a call; an error status or a broken exchange is thrown as one of our errors. */
function send(
  call: PreparedCall<FailureReader>,
  options: SendOptions,
  context: AuthContext,
): Promise<HttpResponse> {
  return sendBytes(call, JSON.stringify(call.body), options, context)
}

type FailureReader = Pick<ChatProtocol, 'parseFailure'>

/** How a protocol reads an answer that comes as one. */
interface WholeProtocol<Result> extends FailureReader {
  parseAnswer: (body: Json, context: ParseContext) => Result
}

async function sendBytes(
  call: Omit<PreparedCall<FailureReader>, 'body'>,
  body: string | Uint8Array,
  options: SendOptions,
  context: AuthContext,
): Promise<HttpResponse> {
  const place = placeOf(call)
  let headers: Record<string, string>
  try {
    headers = await signCall(call, body, context)
  } catch (error) {
    throw failureOfCredentials(error, call.resolved.provider, place)
  }
  const { timeouts, signal } = options
  try {
    const response = await context.transport({
      method: 'POST',
      url: call.url,
      headers,
      body,
      timeouts,
      signal,
    })
    if (response.status >= 200 && response.status < 300) return response
    const text = await readText(response)
    throw call.protocol.parseFailure(
      { status: response.status, headers: response.headers, body: parseJson(text) ?? text },
      call.parse,
    )
  } catch (error) {
    throw failureOfCall(error, place)
  }
}

/** Sends a call and reads its whole answer. */
export async function sendWhole<Result>(
  call: PreparedCall<WholeProtocol<Result>>,
  options: SendOptions,
  context: AuthContext,
): Promise<Result> {
  const response = await send(call, options, context)
  return readWhole(call, response, (body) => call.protocol.parseAnswer(body, call.parse))
}

/** Sends a recording and reads what was heard. */
export async function sendTranscription(
  call: PreparedUpload,
  options: SendOptions,
  context: AuthContext,
): Promise<TranscriptionAnswer> {
  const response = await sendBytes(call, call.body, options, context)
  try {
    return call.protocol.parseAnswer(await readText(response), call.parse)
  } catch (error) {
    throw failureOfCall(error, placeOf(call))
  }
}

/**
 * Sends a call and returns its events as they come. Resolves when the provider has accepted the call;
 * what fails after that is an `error` event.
 */
export async function sendChatStream(
  call: PreparedCall<ChatProtocol>,
  options: SendOptions,
  context: AuthContext,
): Promise<AsyncGenerator<StreamEvent, void, undefined>> {
  const response = await send(call, options, context)
  if (isStream(response)) return readEvents(call, response)
  const answer = await readWhole(call, response, (body) => call.protocol.parseAnswer(body, call.parse))
  return (async function* () {
    yield* eventsOf(answer)
  })()
}

/** Some servers ignore `stream` and answer with plain JSON; a JSON array is Gemini's other way to stream. */
function isStream(response: HttpResponse): boolean {
  const type = response.headers['content-type'] ?? ''
  return !/^application\/json/i.test(type)
}

async function* readEvents(
  call: PreparedCall<ChatProtocol>,
  response: HttpResponse,
): AsyncGenerator<StreamEvent, void, undefined> {
  const place = placeOf(call)
  const parser = call.protocol.createStreamParser(call.parse)
  const reader = createFrameReader(call.protocol.framing)
  const type = response.headers['content-type'] ?? ''
  if (/^text\/html/i.test(type)) {
    yield* endEarly(
      parser,
      invalidResponse('upstream_invalid_content_type', `answered with '${type}' instead of a stream`, place),
    )
    return
  }
  try {
    for await (const chunk of response.body) {
      for (const frame of reader.push(chunk)) for (const event of parser.push(frame)) yield event
    }
    for (const frame of reader.end()) for (const event of parser.push(frame)) yield event
    yield* parser.end()
  } catch (error) {
    const failure = failureOfCall(error, place)
    if (!isSwitchyardError(failure)) throw failure
    yield* endEarly(parser, failure)
  }
}

/** Closes what is open. An answer whose end was seen is whole, even when the connection broke after it. */
function endEarly(parser: StreamParser, error: SwitchyardError): StreamEvent[] {
  return parser
    .end()
    .map((event) => (event.type === 'error' ? { ...event, failure: error.toFailure() } : event))
}

async function readWhole<Result>(
  call: PreparedCall<unknown>,
  response: HttpResponse,
  read: (body: Json) => Result,
): Promise<Result> {
  const place = placeOf(call)
  let text: string
  try {
    text = await readText(response)
  } catch (error) {
    throw failureOfCall(error, place)
  }
  const body = parseJson(text)
  if (body === undefined) {
    const type = response.headers['content-type'] ?? ''
    throw /json/i.test(type) || type === ''
      ? invalidResponse('upstream_invalid_response', 'the answer is not valid JSON', place)
      : invalidResponse('upstream_invalid_content_type', `answered with '${type}' instead of JSON`, place)
  }
  try {
    return read(body)
  } catch (error) {
    throw failureOfCall(error, place)
  }
}

async function readText(response: HttpResponse): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

function placeOf(call: Pick<PreparedCall<unknown>, 'parse'>): { provider: string; model: string } {
  return { provider: call.parse.provider, model: call.parse.model }
}
