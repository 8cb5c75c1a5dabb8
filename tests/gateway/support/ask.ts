import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { TestGateway } from '../../clients/support/gateway.ts'

/** A gateway's answer, read to its end. */
export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  trailers: NodeJS.Dict<string>
  text: string
  /** The body parsed; undefined when it is no JSON. */
  json: unknown
  /** The connection broke before the answer's end. */
  broken: boolean
}

export interface AskOptions {
  /** Sent as they are; the key and the content type are added unless given (`undefined` leaves one out). */
  headers?: Record<string, string | undefined>
  method?: string
}

/** Sends bytes, or a value as JSON, and reads the whole answer. */
export async function ask(
  gateway: Pick<TestGateway, 'url' | 'key'>,
  path: string,
  body: unknown,
  options: AskOptions = {},
): Promise<Reply> {
  return readReply(await open(gateway, path, body, options))
}

/** The same, but the answer is read by the caller. */
export async function open(
  gateway: Pick<TestGateway, 'url' | 'key'>,
  path: string,
  body: unknown,
  options: AskOptions = {},
): Promise<IncomingMessage> {
  return start(gateway, path, body, options).response
}

/** The same, before there is an answer: for clients that leave. */
export function start(
  gateway: Pick<TestGateway, 'url' | 'key'>,
  path: string,
  body: unknown,
  options: AskOptions = {},
): { request: ClientRequest; response: Promise<IncomingMessage> } {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const wanted = {
    authorization: `Bearer ${gateway.key}`,
    'content-type': 'application/json',
    ...options.headers,
  }
  const headers = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = httpRequest(`${gateway.url}${path}`, {
    method: options.method ?? 'POST',
    headers: { 'content-length': Buffer.byteLength(bytes), ...headers },
    agent: false,
  })
  request.on('response', resolve)
  // A server may refuse and close while the rest of the body is still on its way.
  request.on('error', reject)
  request.end(bytes)
  return { request, response: promise }
}

export async function readReply(response: IncomingMessage): Promise<Reply> {
  const pieces: Buffer[] = []
  let broken = false
  try {
    for await (const piece of response) pieces.push(Buffer.from(piece))
  } catch {
    broken = true
  }
  const text = Buffer.concat(pieces).toString()
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    trailers: response.trailers,
    text,
    json: parse(text),
    broken,
  }
}

/** The data of each event of a stream, parsed where it is JSON. */
export function eventsOf(text: string): unknown[] {
  return text
    .split(/\r\n\r\n|\n\n|\r\r/)
    .map((block) =>
      block
        .split(/\r\n|\n|\r/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).replace(/^ /, ''))
        .join('\n'),
    )
    .filter((data) => data !== '')
    .map((data) => parse(data) ?? data)
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const hello: { role: 'user'; content: string }[] = [{ role: 'user', content: 'hello there' }]

export function chatBody(model: string, fields: object = {}): object {
  return { model, messages: hello, ...fields }
}

export function messagesBody(model: string, fields: object = {}): object {
  return { model, max_tokens: 100, messages: hello, ...fields }
}

/** What a chat stream says: the concatenated text, ids, finish reasons, errors, and whether `[DONE]` came. */
export interface ChatStream {
  text: string
  ids: string[]
  roles: number
  finish: string[]
  errors: unknown[]
  done: boolean
}

export function readChatStream(text: string): ChatStream {
  const stream: ChatStream = { text: '', ids: [], roles: 0, finish: [], errors: [], done: false }
  for (const event of eventsOf(text)) {
    if (event === '[DONE]') stream.done = true
    if (!isObject(event)) continue
    if ('error' in event) stream.errors.push(event.error)
    if (typeof event.id === 'string' && !stream.ids.includes(event.id)) stream.ids.push(event.id)
    for (const choice of Array.isArray(event.choices) ? event.choices : []) {
      if (!isObject(choice)) continue
      const delta = isObject(choice.delta) ? choice.delta : {}
      if (typeof delta.content === 'string') stream.text += delta.content
      if (delta.role !== undefined) stream.roles += 1
      if (typeof choice.finish_reason === 'string') stream.finish.push(choice.finish_reason)
    }
  }
  return stream
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
