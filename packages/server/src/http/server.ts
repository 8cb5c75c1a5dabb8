import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { refusalOf, refuse, renderRawRefusal, urlTooLong, type EdgeRefusal } from './client-error.ts'
import { Pipelines } from './pipelines.ts'

/** Everything is bounded before anybody is asked who they are. */
export interface HttpServerLimits {
  /** Of all headers together, the URL included. */
  headerBytes: number
  urlBytes: number
  /** A body announced to be larger is refused before a client that asks first (`expect`) sends it. */
  bodyBytes: number
  /** From the first byte of a connection or request to the last of its headers. */
  headersTimeoutMs: number
  /** From there to the last byte of its body, whoever reads it. */
  requestTimeoutMs: number
  /** How long a connection may be idle between two requests. */
  keepAliveTimeoutMs: number
  /** Further connections are closed as they come. */
  maxConnections: number
  /** Requests sent on one connection ahead of the answers; more close it. */
  maxPipelined: number
}

const DEFAULT_LIMITS: HttpServerLimits = {
  headerBytes: 16_384,
  urlBytes: 8_192,
  bodyBytes: 10_485_760,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  // Longer than load balancers keep theirs (60 s), so that it is they who close.
  keepAliveTimeoutMs: 75_000,
  maxConnections: 20_000,
  maxPipelined: 100,
}

export interface HttpServerOptions {
  /** Called for one request of a connection at a time. Must not throw. */
  onRequest: (request: IncomingMessage, response: ServerResponse) => void
  /** Takes over connections that want to speak WebSocket; without it they are refused (426). */
  onUpgrade?: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined
  limits?: Partial<HttpServerLimits> | undefined
}

export interface HttpServer {
  readonly server: Server
  /** Rejects when the address is taken. Port 0 picks a free one. */
  listen: (port: number, host: string) => Promise<AddressInfo>
  /**
   * Accepts nothing new, lets what is under way finish, and after `graceMs` ends what is left.
   * Answers once every connection is closed.
   */
  close: (graceMs: number) => Promise<void>
}

/** Silence after which the system asks a client whether it is still there; ten seconds without a reply close the connection. */
const PROBE_AFTER_MS = 15_000

/** How often, while closing, connections that have become idle are looked for. */
const CLOSING_CHECK_MS = 20

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const pipelines = new Pipelines(limits.maxPipelined)

  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    insecureHTTPParser: false,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, Math.max(10, limits.headersTimeoutMs / 4)),
    // Browsers and curl offer HTTP/2 this way, which is no reason to refuse them.
    shouldUpgradeCallback: (request) => /^websocket$/i.test(request.headers.upgrade ?? ''),
  })
  // All of them: the bytes are bounded, and headers dropped in silence are worse than many.
  server.maxHeadersCount = 0
  server.maxConnections = limits.maxConnections

  const connections = new Set<Socket>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.setKeepAlive(true, PROBE_AFTER_MS)
    socket.once('close', () => connections.delete(socket))
  })
  let closing = false

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (closing) response.shouldKeepAlive = false
    if ((request.url ?? '').length > limits.urlBytes) refuse(response, urlTooLong(limits.urlBytes))
    else options.onRequest(request, response)
  }

  server.on('request', (request, response) => {
    pipelines.inTurn(request, response, serve)
  })
  server.on('checkContinue', (request, response) => {
    pipelines.inTurn(request, response, () => {
      if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes) {
        const message = `The request body is larger than ${limits.bodyBytes} bytes.`
        refuse(response, { status: 413, code: 'request_too_large', message })
        return
      }
      response.writeContinue()
      serve(request, response)
    })
  })
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex) => {
    const refusal = refusalOf(error, limits.urlBytes)
    if (refusal === undefined) socket.destroy()
    else pipelines.afterAnswers(socket, () => endWith(socket, refusal))
  })
  server.on('upgrade', (request, socket, head) => {
    if (options.onUpgrade !== undefined) options.onUpgrade(request, socket, head)
    else endWith(socket, UPGRADE_REFUSED, { upgrade: 'HTTP/1.1' })
  })
  server.on('connect', (_request, socket) => {
    endWith(socket, CONNECT_REFUSED)
  })

  return {
    server,
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const address = server.address()
          if (address === null || typeof address === 'string') reject(new Error('The server has no port.'))
          else resolve(address)
        })
      }),
    close: (graceMs) =>
      new Promise((resolve) => {
        closing = true
        // Node's own notion of idle leaves out connections that have not said anything yet.
        const closeIdle = (): void => {
          for (const socket of connections) if (pipelines.isIdle(socket)) socket.destroy()
        }
        const checks = setInterval(closeIdle, CLOSING_CHECK_MS)
        const grace = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearInterval(checks)
          clearTimeout(grace)
          resolve()
        })
        closeIdle()
      }),
  }
}

const UPGRADE_REFUSED: EdgeRefusal = {
  status: 426,
  code: 'upgrade_refused',
  message: 'This server speaks HTTP/1.1 here, and nothing else.',
}

const CONNECT_REFUSED: EdgeRefusal = {
  status: 405,
  code: 'method_not_allowed',
  message: 'This server is no proxy: CONNECT is not allowed.',
}

function endWith(socket: Duplex, refusal: EdgeRefusal, headers?: Readonly<Record<string, string>>): void {
  // A client that leaves now takes the answer with it.
  socket.on('error', () => {})
  if (!socket.writable) {
    socket.destroy()
    return
  }
  socket.end(renderRawRefusal(refusal, headers), () => socket.destroy())
}
