import { connectionFault, TransportError } from '@switchyard/llm/kit'
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import type { IncomingHttpHeaders } from 'node:http'
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  constants,
} from 'node:zlib'
import type { Transform } from 'node:stream'
import { createDialer } from './dial.ts'
import type { Dialer } from './dial.ts'

/** One call to a provider, ready to go out. */
export interface UpstreamRequest {
  origin: string
  /** With its query. */
  path: string
  headers: Readonly<Record<string, string>>
  body: Buffer | string
  /** Until there is a connection, and from then until the head of the answer; 0 for no limit but the caller's own. */
  firstByteMs: number
  /** Between two pieces of the body; 0 for no limit. */
  idleMs: number
}

/** Takes an answer as it comes. Called in this order: `head`, any number of `data`, then `end` or `failure` once. */
export interface UpstreamSink {
  head: (status: number, headers: IncomingHttpHeaders) => void
  /** `false` asks to pause until `resume()`. */
  data: (chunk: Buffer) => boolean
  end: () => void
  failure: (error: TransportError) => void
}

export interface UpstreamCall {
  /** There was a connection, and the request was written to it. */
  readonly sent: boolean
  /** Of the head of the answer, once it is there. */
  readonly status: number | undefined
  abort: () => void
  pause: () => void
  resume: () => void
}

export interface Upstream {
  send: (request: UpstreamRequest, sink: UpstreamSink) => UpstreamCall
  close: () => Promise<void>
}

/** Below the five seconds after which many servers close an idle connection. */
const KEEP_ALIVE_MS = 4_000
const MAX_HEADER_BYTES = 64 * 1024

/** Calls providers over kept-alive connections, one pool an origin. Redirects are never followed. */
export function createUpstream(connect: Dialer = createDialer()): Upstream {
  const pools = new Map<string, Pool>()
  const poolOf = (origin: string): Pool => pools.get(origin) ?? open(origin)
  const open = (origin: string): Pool => {
    const pool = createPool(origin, connect)
    pools.set(origin, pool)
    // What a crowd has left behind goes with its last connection.
    const closeUnused = (): void => {
      const { connected, size } = pool.stats
      if (connected > 0 || size > 0 || pools.get(origin) !== pool) return
      pools.delete(origin)
      void pool.close()
    }
    pool.on('disconnect', closeUnused).on('connectionError', closeUnused)
    return pool
  }
  return {
    send: (request, sink) => new Exchange(poolOf, request, sink),
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()))
    },
  }
}

function createPool(origin: string, connect: Dialer): Pool {
  return new Pool(origin, {
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect,
  })
}

class Exchange implements UpstreamCall, Dispatcher.DispatchHandler {
  readonly #sink: UpstreamSink
  readonly #url: string
  status: number | undefined
  #controller: Dispatcher.DispatchController | undefined
  #decoder: Transform | undefined
  #over = false
  /** Runs while there is no connection: of what waits for one, undici knows no end but its own. */
  #connecting: NodeJS.Timeout | undefined

  constructor(poolOf: (origin: string) => Pool, request: UpstreamRequest, sink: UpstreamSink) {
    this.#sink = sink
    this.#url = request.origin
    try {
      poolOf(request.origin).dispatch(
        {
          path: request.path,
          method: 'POST',
          headers: request.headers as Record<string, string>,
          body: request.body,
          headersTimeout: request.firstByteMs,
          bodyTimeout: request.idleMs,
        },
        this,
      )
    } catch (error) {
      this.onResponseError(undefined, error)
    }
    if (this.#controller !== undefined || this.#over || request.firstByteMs === 0) return
    this.#connecting = setTimeout(() => {
      this.onResponseError(undefined, new TransportError('connect_timeout', this.#url))
    }, request.firstByteMs)
  }

  get sent(): boolean {
    return this.#controller !== undefined
  }

  abort(): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#connecting)
    this.#decoder?.destroy()
    const reason = new TransportError('aborted', this.#url)
    this.#controller?.abort(reason)
    this.#sink.failure(reason)
  }

  pause(): void {
    this.#decoder?.pause()
    this.#controller?.pause()
  }

  resume(): void {
    this.#decoder?.resume()
    this.#controller?.resume()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    clearTimeout(this.#connecting)
    if (this.#over) controller.abort(new TransportError('aborted', this.#url))
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || this.#over) return
    this.status = status
    const encoding = headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') this.#decode(encoding)
    if (!this.#over) this.#sink.head(status, headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return
    if (this.#decoder === undefined) {
      if (!this.#sink.data(chunk)) controller.pause()
    } else this.#decoder.write(chunk)
  }

  onResponseEnd(): void {
    if (this.#over) return
    if (this.#decoder === undefined) this.#finish()
    else this.#decoder.end()
  }

  onResponseError(_controller: unknown, error: unknown): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#connecting)
    this.#sink.failure(faultOf(error, this.#url, this.status !== undefined))
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#sink.end()
  }

  /** We ask for no compression; some upstreams compress all the same. */
  #decode(encoding: string): void {
    const decoder = createDecoder(encoding)
    if (decoder === undefined) {
      this.#controller?.abort(new TransportError('encoding', this.#url))
      this.onResponseError(undefined, new TransportError('encoding', this.#url))
      return
    }
    this.#decoder = decoder
    decoder.on('data', (chunk: Buffer) => {
      if (!this.#over && !this.#sink.data(chunk)) this.pause()
    })
    decoder.on('end', () => this.#finish())
    decoder.on('error', () => {
      this.#controller?.abort(new TransportError('encoding', this.#url))
      this.onResponseError(undefined, new TransportError('encoding', this.#url))
    })
  }
}

/** Undici names its two waits; the rest is told by the codes of the socket. */
function faultOf(error: unknown, url: string, inBody: boolean): TransportError {
  if (error instanceof TransportError) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return new TransportError('first_byte_timeout', url, error)
  if (code === 'UND_ERR_BODY_TIMEOUT') return new TransportError('idle_timeout', url, error)
  return connectionFault(error, url, inBody)
}

/** Decoders that hand on what they have at every flush of the sender. */
function createDecoder(encoding: string): Transform | undefined {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ flush: constants.Z_SYNC_FLUSH })
    case 'deflate':
      return createInflate({ flush: constants.Z_SYNC_FLUSH })
    case 'br':
      return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH })
    case 'zstd':
      return createZstdDecompress({ flush: constants.ZSTD_e_flush })
    default:
      return undefined
  }
}
