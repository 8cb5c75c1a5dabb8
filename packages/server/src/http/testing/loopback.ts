import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'

/** A server on a free port of the loopback, for `await using`. */
export class Loopback implements AsyncDisposable {
  readonly server: Server
  readonly port: number

  private constructor(server: Server, port: number) {
    this.server = server
    this.port = port
  }

  static async listen(server: Server | RequestListener): Promise<Loopback> {
    const listening = typeof server === 'function' ? createServer(server) : server
    listening.listen(0, '127.0.0.1')
    await once(listening, 'listening')
    const address = listening.address()
    if (address === null || typeof address === 'string') throw new Error('The server has no port.')
    return new Loopback(listening, address.port)
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  async connect(): Promise<RawClient> {
    const socket = connect(this.port, '127.0.0.1')
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  /** Sends these bytes and answers all that comes back until the server closes. */
  async exchange(...parts: (string | Buffer)[]): Promise<string> {
    const client = await this.connect()
    for (const part of parts) client.send(part)
    return client.untilClosed()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections()
    if (this.server.listening) {
      this.server.close()
      await once(this.server, 'close')
    }
  }
}

/** A client that says exactly what it is told, well-formed or not. */
export class RawClient {
  readonly socket: Socket
  /** Everything received so far. */
  received = ''
  readonly #closed: Promise<void>

  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.received += text
    })
    // A reset is one of the ways in which a server may close.
    socket.on('error', () => {})
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => resolve())
    })
  }

  send(bytes: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }

  async untilClosed(): Promise<string> {
    await this.#closed
    return this.received
  }

  /** Waits until the pattern has been received. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.received)) {
      if (this.socket.destroyed) throw new Error(`closed without ${String(pattern)}: ${this.received}`)
      await Promise.race([once(this.socket, 'data'), this.#closed])
    }
    return this.received
  }
}
