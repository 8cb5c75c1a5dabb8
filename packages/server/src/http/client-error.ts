import type { ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'

/** A request that is refused before it has a handler. */
export interface EdgeRefusal {
  status: number
  code: string
  message: string
}

const MALFORMED: EdgeRefusal = {
  status: 400,
  code: 'invalid_request',
  message: 'The request is not well-formed HTTP/1.1.',
}

/** What a failure of node's HTTP parser is answered with; undefined when nobody is there to read it. */
export function refusalOf(
  error: NodeJS.ErrnoException & { rawPacket?: Buffer },
  urlBytes: number,
): EdgeRefusal | undefined {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, code: 'request_timeout', message: 'The request did not arrive in time.' }
    case 'HPE_HEADER_OVERFLOW':
      return startsWithLongUrl(error.rawPacket, urlBytes) ? urlTooLong(urlBytes) : headersTooLarge()
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, code: 'request_too_large', message: 'The chunk extensions are too large.' }
    default:
      return MALFORMED
  }
}

export function urlTooLong(urlBytes: number): EdgeRefusal {
  return { status: 414, code: 'url_too_long', message: `The URL is longer than ${urlBytes} bytes.` }
}

/** The refusal as the body every client of OpenAI's API can read. */
function renderRefusal({ message, code, status }: EdgeRefusal): string {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error'
  return JSON.stringify({ error: { message, type, param: null, code } })
}

/** Refuses through a response, and lets the connection go: what else was sent is not read. */
export function refuse(
  response: ServerResponse,
  refusal: EdgeRefusal,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = renderRefusal(refusal)
  response.writeHead(refusal.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...headers,
  })
  response.end(body)
}

/** The refusal as bytes, for a connection that has no response. */
export function renderRawRefusal(
  refusal: EdgeRefusal,
  headers: Readonly<Record<string, string>> = {},
): string {
  const body = renderRefusal(refusal)
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function headersTooLarge(): EdgeRefusal {
  return { status: 431, code: 'header_too_large', message: 'The headers of the request are too large.' }
}

/** The parser counts the URL among the headers; its first line tells which of them was too long. */
function startsWithLongUrl(packet: Buffer | undefined, urlBytes: number): boolean {
  if (packet === undefined) return false
  const line = packet.subarray(0, urlBytes)
  return line.length === urlBytes && !line.includes(0x0a)
}
