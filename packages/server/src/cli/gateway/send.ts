import { parseJson } from '@switchyard/llm/kit'
import type { Json, JsonObject } from '@switchyard/llm/kit'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { CommandError, messageOf, systemCodeOf } from '../world.ts'
import type { GatewayAddress } from './address.ts'
import { refusalOf } from './refusal.ts'

/** One question to a gateway. */
export interface GatewayCall {
  /** POST when there is a body, else GET. */
  method?: 'GET' | 'POST'
  path: string
  /** What is undefined is left out. */
  query?: Readonly<Record<string, string | number | boolean | undefined>>
  body?: JsonObject
  signal?: AbortSignal
}

/** Asks a gateway and gives its answer. Throws `CommandError` with what to do when there is none or it refuses. */
export type Ask = (call: GatewayCall) => Promise<Json>

export function createAsk(gateway: GatewayAddress): Ask {
  return async (call) => {
    const text = await textOf(await send(gateway, call))
    const answer = parseJson(text)
    if (answer === undefined)
      throw new CommandError(`${gateway.url}${call.path} does not answer with JSON. Is a gateway there?`)
    return answer
  }
}

/** Sends a request; gives the response when its status is a success. Throws `CommandError` otherwise. */
export async function send(gateway: GatewayAddress, call: GatewayCall): Promise<IncomingMessage> {
  const { url, key } = gateway
  const address = addressOf(url, call)
  const body = call.body === undefined ? undefined : JSON.stringify(call.body)
  const headers = {
    te: 'trailers',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  }
  const method = call.method ?? (body === undefined ? 'GET' : 'POST')
  const open = address.protocol === 'https:' ? httpsRequest : httpRequest
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = open(address, { method, headers, signal: call.signal }, resolve)
    request.on('error', (error) => reject(unreachable(url, error)))
    request.end(body)
  })
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return response
  throw new CommandError(refusalOf(status, await textOf(response)))
}

function addressOf(url: string, { path, query = {} }: GatewayCall): URL {
  const address = URL.parse(`${url.replace(/\/(v1\/?)?$/, '')}${path}`)
  if (address === null)
    throw new CommandError(`--url ${url} is no address; one looks like http://127.0.0.1:4000`)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) address.searchParams.set(name, String(value))
  return address
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
