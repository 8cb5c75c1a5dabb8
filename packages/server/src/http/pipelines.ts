import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** What a connection has been asked last. */
interface Last {
  request: IncomingMessage
  response: ServerResponse
}

/**
 * Keeps requests sent ahead of the answers (HTTP pipelining) one after another, so that whoever handles
 * a request has the connection to itself: a client that leaves is noticed, and work is not started a
 * hundred times over by a single packet.
 */
export class Pipelines {
  readonly #maxWaiting: number
  readonly #last = new WeakMap<Duplex, Last>()
  readonly #waiting = new WeakMap<Duplex, number>()
  /** Connections that sent something unreadable; what comes after it has no meaning. */
  readonly #broken = new WeakSet<Duplex>()

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting
  }

  /** Serves the request now, or when the answers before it are written. */
  inTurn(
    request: IncomingMessage,
    response: ServerResponse,
    serve: (request: IncomingMessage, response: ServerResponse) => void,
  ): void {
    const { socket } = request
    this.#last.set(socket, { request, response })
    // A response gets its connection when it is its turn.
    if (response.socket !== null) {
      serve(request, response)
      return
    }
    const waiting = (this.#waiting.get(socket) ?? 0) + 1
    if (waiting > this.#maxWaiting) {
      socket.destroy()
      return
    }
    this.#waiting.set(socket, waiting)
    response.once('socket', () => {
      this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1)
      if (request.complete || !this.#broken.has(socket)) serve(request, response)
    })
  }

  /** Nothing was asked for, or all of it has been answered. */
  isIdle(socket: Duplex): boolean {
    return this.#last.get(socket)?.response.writableFinished !== false
  }

  /**
   * The connection sent something unreadable: `refuse` is called once, when everything asked for before
   * has been answered. Not at all when part of an answer to the broken request is out: that one is cut.
   */
  afterAnswers(socket: Duplex, refuse: () => void): void {
    if (this.#broken.has(socket)) return
    this.#broken.add(socket)
    const last = this.#last.get(socket)
    if (last === undefined || last.response.writableFinished) refuse()
    else if (last.request.complete) last.response.once('finish', refuse)
    else if (last.response.socket === null) last.response.once('socket', refuse)
    else if (last.response.headersSent) socket.destroy()
    else refuse()
  }
}
