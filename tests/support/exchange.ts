import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { parseJson } from './loopback.ts'
import { isRecord } from './synthesize.ts'

export interface Abort {
  /** When the connection was seen closed, on the clock of `performance.now()`. */
  atMs: number
  /** Body bytes handed to the socket until then. */
  bytesWritten: number
}

/** One request to the scripted provider and what became of its answer. */
export class Exchange {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body parsed: JSON, or a form's fields; empty when it is neither. */
  readonly json: Record<string, unknown>
  readonly model: string
  /** Body bytes handed to the socket; stands still while the client does not read. */
  bytesWritten = 0
  /** True while the client's slow reading holds the provider back. */
  waitingForDrain = false
  /** Resolves when a hanging fault has sent what it sends and waits for `release()`. */
  readonly atGate: Promise<void>
  /** Resolves only if the client closed the connection before the answer was complete. */
  readonly whenAborted: Promise<Abort>
  /** How it ended: answered in full, left by the client, or broken off by the fault. */
  readonly whenDone: Promise<'complete' | 'aborted' | 'faulted'>
  /** Resolves when the connection is gone or the answer complete. */
  readonly closed: Promise<void>
  /** Lets a hanging fault go on. */
  readonly release: () => void
  readonly #response: ServerResponse
  readonly #reachGate: () => void
  readonly #released: Promise<void>
  #lastWrite: Promise<void> = Promise.resolve()
  #faulted = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    form?: Record<string, unknown>,
  ) {
    const json = form ?? parseJson(body)
    this.method = request.method ?? 'GET'
    this.path = request.url ?? '/'
    this.headers = request.headers
    this.body = body
    this.json = isRecord(json) ? json : {}
    const deployment = /\/(?:deployments|engines)\/([^/]+)\//.exec(this.path)?.[1]
    this.model = String(this.json['model'] ?? deployment ?? '')
    this.#response = response

    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<Abort>()
    const done = Promise.withResolvers<'complete' | 'aborted' | 'faulted'>()
    const closed = Promise.withResolvers<void>()
    this.atGate = reached.promise
    this.whenAborted = aborted.promise
    this.whenDone = done.promise
    this.closed = closed.promise
    this.release = gate.resolve
    this.#reachGate = reached.resolve
    this.#released = gate.promise
    response.once('close', () => {
      const complete = response.writableFinished
      if (!complete && !this.#faulted) {
        aborted.resolve({ atMs: performance.now(), bytesWritten: this.bytesWritten })
      }
      done.resolve(this.#faulted ? 'faulted' : complete ? 'complete' : 'aborted')
      closed.resolve()
    })
  }

  /** Hands bytes to the socket and waits while the client does not read. */
  async write(bytes: Buffer): Promise<void> {
    if (this.#response.destroyed) return
    this.bytesWritten += bytes.length
    const written = Promise.withResolvers<void>()
    this.#lastWrite = written.promise
    if (this.#response.write(bytes, () => written.resolve())) return
    this.waitingForDrain = true
    await Promise.race([written.promise, this.closed])
    this.waitingForDrain = false
  }

  end(bytes?: Buffer): void {
    this.bytesWritten += bytes?.length ?? 0
    this.#response.end(bytes)
  }

  /** Waits until the client left, the test called `release()`, or the time is over where one is given. */
  async waitAtGate(atMostMs?: number): Promise<void> {
    await this.#flushed()
    this.#reachGate()
    const timer = atMostMs === undefined ? undefined : setTimeout(this.release, atMostMs)
    await Promise.race([this.#released, this.closed])
    clearTimeout(timer)
  }

  /** Breaks the connection off after everything written has left. */
  async cut(how: 'close' | 'reset'): Promise<void> {
    await this.#flushed()
    this.#faulted = true
    if (how === 'reset') this.#response.socket?.resetAndDestroy()
    else this.#response.socket?.destroy()
  }

  #flushed(): Promise<void> {
    return Promise.race([this.#lastWrite, this.closed])
  }
}
