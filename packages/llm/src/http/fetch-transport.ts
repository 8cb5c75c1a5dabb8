import type { HttpRequest, HttpResponse, Transport } from '../types/transport.ts'
import { connectionFault } from './connection-fault.ts'
import { encodingsOf, withIdentityEncoding, withoutEncoding } from './content-encoding.ts'
import { createDeadlines } from './deadlines.ts'
import type { Deadlines } from './deadlines.ts'
import { TransportError } from './transport-error.ts'

/**
 * The transport for anywhere with `fetch`. `fetch` does not say when it is connected, so connecting and waiting for
 * the head share one limit, the two together, and passing it is a `first_byte_timeout`.
 */
export function createFetchTransport(fetchFunction: typeof fetch = fetch): Transport {
  return (request) => exchange(fetchFunction, request)
}

async function exchange(fetchFunction: typeof fetch, request: HttpRequest): Promise<HttpResponse> {
  const { url, signal, timeouts } = request
  if (signal?.aborted) throw new TransportError('aborted', url, signal.reason)
  const controller = new AbortController()
  const prepared = prepare(request, controller.signal)
  const onAbort = (): void => controller.abort(new TransportError('aborted', url, signal?.reason))
  const deadlines = createDeadlines(
    { ...timeouts, firstByteMs: timeouts.connectMs + timeouts.firstByteMs },
    (kind) => controller.abort(new TransportError(kind, url)),
  )
  const finish = (): void => {
    deadlines.stop()
    signal?.removeEventListener('abort', onAbort)
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  deadlines.enter('first_byte_timeout')
  try {
    const response = await fetchFunction(prepared)
    deadlines.suspend()
    if (response.type === 'opaqueredirect') throw new TransportError('invalid_response', url)
    const headers = decodedHeaders(response, url)
    return {
      status: response.status,
      headers,
      body: readBody(response, url, { controller, deadlines, finish }),
    }
  } catch (error) {
    finish()
    const fault = faultOf(error, controller.signal, url, false)
    controller.abort(fault)
    throw fault
  }
}

interface Exchange {
  controller: AbortController
  deadlines: Deadlines
  finish(): void
}

function readBody(
  response: Response,
  url: string,
  { controller, deadlines, finish }: Exchange,
): AsyncIterable<Uint8Array> {
  const reader = response.body?.getReader()
  let isOver = false
  const leave = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    if (!isOver) controller.abort()
    isOver = true
    finish()
    return { done: true, value: undefined }
  }
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    if (isOver || reader === undefined) return leave()
    deadlines.enter('idle_timeout')
    try {
      const { done, value } = await reader.read()
      deadlines.suspend()
      if (!done) return { done, value }
      isOver = true
      return await leave()
    } catch (error) {
      await leave()
      throw faultOf(error, controller.signal, url, true)
    }
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: leave }) }
}

function faultOf(error: unknown, signal: AbortSignal, url: string, isInBody: boolean): TransportError {
  if (error instanceof TransportError) return error
  if (signal.reason instanceof TransportError) return signal.reason
  return connectionFault(error, url, isInBody)
}

/** Made before anything is sent, so that a bad address or header is told apart from a failed connection. */
function prepare(request: HttpRequest, signal: AbortSignal): Request {
  const { method, body } = request
  try {
    return new Request(request.url, {
      method,
      headers: withIdentityEncoding(request.headers),
      body: body instanceof Uint8Array ? new Uint8Array(body) : (body ?? null),
      redirect: 'manual',
      signal,
    })
  } catch {
    throw new TransportError('invalid_request', request.url)
  }
}

const decodedByFetch: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd'])

function decodedHeaders(response: Response, url: string): Record<string, string> {
  const headers = Object.fromEntries(response.headers)
  const encodings = encodingsOf(headers['content-encoding'])
  if (encodings.length === 0) return headers
  if (!encodings.every((encoding) => decodedByFetch.has(encoding))) throw new TransportError('encoding', url)
  return withoutEncoding(headers)
}
