import { createFrameReader, parseJson } from '@switchyard/llm/kit'
import type { Json, JsonObject } from '@switchyard/llm/kit'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { CommandError, messageOf, systemCodeOf } from '../world.ts'

/** A running gateway and the key for it. */
export interface GatewayAddress {
  url: string
  key: string | undefined
}

export interface ChatMessage {
  role: 'user' | 'assistant'
  content: string
}

/** What one answer came to. */
export interface Turn {
  text: string
  inputTokens?: number | undefined
  outputTokens?: number | undefined
  /** A decimal number of US dollars; left out where the gateway does not know it. */
  costUsd?: string | undefined
}

/** Tells the cost of a stream when it is over, as a trailer. */
const COST_HEADER = 'x-litellm-response-cost'

/** Asks a model and hands over its text as it comes. Throws `CommandError` for whatever goes wrong. */
export async function streamChat(
  gateway: GatewayAddress,
  model: string,
  messages: readonly ChatMessage[],
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<Turn> {
  const body = JSON.stringify({ model, messages, stream: true, stream_options: { include_usage: true } })
  const response = await send(gateway, '/v1/chat/completions', body, signal)
  const turn: Turn = { text: '' }
  const reader = createFrameReader('sse')
  let isWhole = false
  for await (const chunk of response)
    for (const { data } of reader.push(chunk as Buffer)) {
      if (data === '[DONE]') isWhole = true
      else readChunk(objectOf(parseJson(data)), turn, onText)
    }
  if (!isWhole) throw new CommandError('The answer was cut.')
  const cost = response.trailers[COST_HEADER] ?? response.headers[COST_HEADER]
  if (typeof cost === 'string') turn.costUsd = cost
  return turn
}

/** The models that the key may ask for. */
export async function listModels(gateway: GatewayAddress): Promise<string[]> {
  const response = await send(gateway, '/v1/models', undefined, undefined)
  const list = objectOf(parseJson(await textOf(response)))['data']
  return (Array.isArray(list) ? list : []).flatMap((entry) => {
    const { id } = objectOf(entry)
    return typeof id === 'string' ? [id] : []
  })
}

function readChunk(chunk: JsonObject, turn: Turn, onText: (text: string) => void): void {
  const { message } = objectOf(chunk['error'])
  if (message !== undefined) throw new CommandError(String(message))
  const choices = chunk['choices']
  const { content } = objectOf(objectOf(Array.isArray(choices) ? choices[0] : undefined)['delta'])
  if (typeof content === 'string' && content !== '') {
    turn.text += content
    onText(content)
  }
  const { prompt_tokens: input, completion_tokens: output } = objectOf(chunk['usage'])
  if (typeof input === 'number') turn.inputTokens = input
  if (typeof output === 'number') turn.outputTokens = output
}

/** Sends a request; gives the response when its status is a success. */
async function send(
  { url, key }: GatewayAddress,
  path: string,
  body: string | undefined,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  const address = URL.parse(`${url.replace(/\/(v1\/?)?$/, '')}${path}`)
  if (address === null)
    throw new CommandError(`--url ${url} is no address; one looks like http://127.0.0.1:4000`)
  const headers = {
    te: 'trailers',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  }
  const open = address.protocol === 'https:' ? httpsRequest : httpRequest
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = open(address, { method: body === undefined ? 'GET' : 'POST', headers, signal }, resolve)
    request.on('error', (error) => reject(unreachable(url, error)))
    request.end(body)
  })
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return response
  const text = await textOf(response)
  const { message } = objectOf(objectOf(parseJson(text))['error'])
  const advice = status === 401 ? ' Pass the key with --key or SWITCHYARD_API_KEY.' : ''
  throw new CommandError(`${status}: ${typeof message === 'string' ? message : text.slice(0, 500)}${advice}`)
}

function unreachable(url: string, error: Error): Error {
  if (error.name === 'AbortError') return error
  return systemCodeOf(error) === 'ECONNREFUSED'
    ? new CommandError(
        `No gateway answers at ${url}. Start one with \`switchyard start\`, or name it with --url.`,
      )
    : new CommandError(`${url}: ${messageOf(error)}`)
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
