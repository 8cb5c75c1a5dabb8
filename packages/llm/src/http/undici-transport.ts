import { Agent } from 'undici'
import type { buildConnector, Dispatcher } from 'undici'
import type { HttpRequest, HttpResponse, Transport } from '../types/transport.ts'
import { createBodyQueue } from './body-queue.ts'
import { connectionFault } from './connection-fault.ts'
import { encodingsOf, withIdentityEncoding, withoutEncoding } from './content-encoding.ts'
import { createDeadlines } from './deadlines.ts'
import { decodeBody } from './decode-body.ts'
import { TransportError } from './transport-error.ts'

export interface UndiciTransportOptions {
  /** How long an idle connection is kept when the upstream does not say. Default: 4 s, below what servers use. */
  keepAliveMs?: number | undefined
  /** The longest head of a response. Default: 64 KiB. */
  maxHeaderBytes?: number | undefined
  /** Opens the sockets in place of undici's own connector. */
  connect?: buildConnector.connector | undefined
}

export interface UndiciTransport extends Transport {
  /** Waits for what is under way, then closes all connections. */
  close(): Promise<void>
}

/** A request gives up by its own `connectMs`; this only ends the attempt that it left behind. */
const abandonedConnectMs = 60_000

/** The transport for Node: HTTP/1.1 with a pool of kept-alive connections for each origin, one request at a time each. */
export function createUndiciTransport(options: UndiciTransportOptions = {}): UndiciTransport {
  const agent = new Agent({
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: options.keepAliveMs ?? 4_000,
    maxHeaderSize: options.maxHeaderBytes ?? 64 * 1024,
    connect: options.connect ?? { timeout: abandonedConnectMs },
    // Phases are timed here, to the millisecond; undici's own timers are coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const transport: Transport = async (request) => decoded(await exchange(agent, request), request)
  return Object.assign(transport, { close: () => agent.close() })
}

async function decoded(response: HttpResponse, { method, url }: HttpRequest): Promise<HttpResponse> {
  const { status, headers, body } = response
  const encoding = headers['content-encoding']
  if (encoding === undefined || method === 'HEAD' || encodingsOf(encoding).length === 0) return response
  try {
    return { status, headers: withoutEncoding(headers), body: decodeBody(body, encoding, url) }
  } catch (error) {
    await body[Symbol.asyncIterator]().return?.()
    throw error
  }
}

function exchange(agent: Agent, request: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { url, signal } = request
    const target = URL.parse(url)
    if (target === null || target.username !== '' || target.password !== '') {
      return reject(new TransportError('invalid_request', url))
    }
    if (signal?.aborted) return reject(new TransportError('aborted', url, signal.reason))

    let controller: Dispatcher.DispatchController | undefined
    let isInBody = false
    let isOver = false

    const finish = (): void => {
      isOver = true
      deadlines.stop()
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (error: TransportError): void => {
      if (isOver) return
      finish()
      controller?.abort(error)
      if (isInBody) queue.fail(error)
      else reject(error)
    }
    const onAbort = (): void => fail(new TransportError('aborted', url, signal?.reason))
    const deadlines = createDeadlines(request.timeouts, (kind) => fail(new TransportError(kind, url)))
    const queue = createBodyQueue({
      pause() {
        controller?.pause()
        deadlines.suspend()
      },
      resume() {
        if (isOver) return
        deadlines.enter('idle_timeout')
        controller?.resume()
      },
      cancel: () => fail(new TransportError('aborted', url)),
    })

    signal?.addEventListener('abort', onAbort, { once: true })
    deadlines.enter('connect_timeout')
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (isOver) return started.abort(new TransportError('aborted', url))
        controller = started
        deadlines.enter('first_byte_timeout')
      },
      onResponseStart(_, status, headers) {
        if (status < 200 || isOver) return
        isInBody = true
        deadlines.enter('idle_timeout')
        resolve({ status, headers: joinValues(headers), body: queue.body })
      },
      onResponseData(_, chunk) {
        deadlines.touch()
        queue.push(chunk)
      },
      onResponseEnd() {
        if (isOver) return
        finish()
        queue.end()
      },
      onResponseError: (_, error) => fail(connectionFault(error, url, isInBody)),
    }
    try {
      agent.dispatch(
        {
          origin: target.origin,
          path: target.pathname + target.search,
          method: request.method,
          headers: withIdentityEncoding(request.headers),
          body: request.body ?? null,
        },
        handler,
      )
    } catch (error) {
      fail(connectionFault(error, url, false))
    }
  })
}

function joinValues(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) joined[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return joined
}
