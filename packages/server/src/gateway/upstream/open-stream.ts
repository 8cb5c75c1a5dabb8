import {
  createError,
  failureOfCall,
  invalidResponse,
  isSwitchyardError,
  parseJson,
} from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { Upstream, UpstreamCall, UpstreamSink } from '../../deployments/upstream.ts'
import type { UpstreamPlan } from './plan.ts'
import { refusalOf } from './receive-whole.ts'
import type { CallWatch } from './receive-whole.ts'
import type { StreamConverter } from './stream-converter.ts'

/** Takes a stream's bytes for the client. */
export interface StreamOutlet {
  /** `false` asks to wait for `resume()`. */
  write: (bytes: Buffer | string) => boolean
  /** Nothing more will come. */
  end: () => void
}

export interface WholeStream {
  readonly bytes: Buffer
  /** The same as text, where that is at hand and each of its characters is one byte. */
  readonly text: string | undefined
}

/** A stream that has said something, so that it is the answer, come what may. */
export interface OpenStream {
  headers: IncomingHttpHeaders
  converter: StreamConverter
  /** All of it, where nothing has to be waited for. */
  whole?: WholeStream | undefined
  /** Hands over what has come so far and then everything as it comes. */
  pipe: (outlet: StreamOutlet) => void
  resume: () => void
  abort: () => void
}

/** How long a stream may hold back its first events while they say nothing. */
const OPENING_MS = 2_000
/** The most of a body that is no stream. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

/**
 * Sends a call and resolves when its stream has begun to say something. Before that, a failure is thrown
 * and another deployment can be asked; after it, failures are part of the stream.
 *
 * @param wholeAnswer turns a JSON answer into the client's stream, for servers that ignore `stream`.
 */
export function openStream(
  upstream: Upstream,
  plan: UpstreamPlan,
  converter: StreamConverter,
  wholeAnswer: (body: Buffer) => string,
  watch: CallWatch,
): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const opening = new Opening(plan, converter, wholeAnswer, watch, resolve, reject)
    opening.call = upstream.send(plan.request, opening)
    watch.running(opening.call)
  })
}

function flushArrived(opening: Opening): void {
  opening.flush()
}

class Opening implements UpstreamSink, OpenStream {
  readonly converter: StreamConverter
  headers: IncomingHttpHeaders = {}
  call: UpstreamCall | undefined
  readonly #plan: UpstreamPlan
  readonly #wholeAnswer: (body: Buffer) => string
  readonly #watch: CallWatch
  readonly #resolve: (stream: OpenStream) => void
  readonly #reject: (error: unknown) => void
  #status = 0
  #isStream = true
  #settled = false
  #ended = false
  #body: Buffer[] = []
  #bodyBytes = 0
  #held: (Buffer | string)[] = []
  #arrived: Buffer[] = []
  #outlet: StreamOutlet | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(
    plan: UpstreamPlan,
    converter: StreamConverter,
    wholeAnswer: (body: Buffer) => string,
    watch: CallWatch,
    resolve: (stream: OpenStream) => void,
    reject: (error: unknown) => void,
  ) {
    this.#plan = plan
    this.converter = converter
    this.#wholeAnswer = wholeAnswer
    this.#watch = watch
    this.#resolve = resolve
    this.#reject = reject
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status
    this.headers = headers
    const type = headers['content-type'] ?? ''
    const ok = status >= 200 && status < 300
    this.#isStream = ok && !/^(application\/json|text\/html)/i.test(type)
  }

  /** Events that arrive together are taken together: one pass over them, one write to the client. */
  data(chunk: Buffer): boolean {
    if (!this.#isStream) return this.#collect(chunk)
    if (this.#arrived.push(chunk) === 1) process.nextTick(flushArrived, this)
    return true
  }

  /** Converts and hands on what has arrived since the last time. */
  flush(): void {
    const arrived = this.#arrived
    const [first] = arrived
    if (first === undefined || this.#ended) return
    this.#arrived = []
    const bytes = this.converter.push(arrived.length === 1 ? first : Buffer.concat(arrived))
    const room = this.#hand(bytes)
    if (!this.#settled) this.#checkOpening()
    if (this.converter.done) this.#finish()
    else if (!room) this.call?.pause()
  }

  end(): void {
    if (!this.#isStream) {
      this.#endBody()
      return
    }
    this.flush()
    if (this.converter.done) {
      this.#finish()
      return
    }
    this.#hand(this.converter.end())
    this.#settle()
    this.#finish()
  }

  failure(error: unknown): void {
    this.flush()
    const { provider, model } = this.#plan.parse
    const failure = failureOfCall(error, { provider, model })
    if (!this.#settled || !isSwitchyardError(failure)) {
      this.#fail(failure)
      return
    }
    const last = this.converter.fail(failure.toFailure())
    // Whoever ended the call in the middle of an answer knows better what to tell the client.
    if (failure.code === 'aborted' && this.converter.facts.failure !== undefined) return
    this.#hand(last)
    this.#finish()
  }

  pipe(outlet: StreamOutlet): void {
    this.#outlet = outlet
    const held = this.#held
    this.#held = []
    for (const bytes of held) outlet.write(bytes)
    if (this.#ended) outlet.end()
  }

  resume(): void {
    this.call?.resume()
  }

  abort(): void {
    clearTimeout(this.#timer)
    this.call?.abort()
  }

  #hand(bytes: Buffer | string): boolean {
    if (bytes.length === 0) return true
    if (this.#outlet !== undefined) return this.#outlet.write(bytes)
    this.#held.push(bytes)
    return true
  }

  #checkOpening(): void {
    const { converter } = this
    if (converter.opened || converter.done) this.#settle()
    else this.#timer ??= setTimeout(() => this.#settle(), OPENING_MS)
  }

  /** Decides once: the answer is this stream, or its failure is thrown. */
  #settle(): void {
    if (this.#settled) return
    this.#settled = true
    this.#watch.settled()
    clearTimeout(this.#timer)
    const { failure } = this.converter.facts
    if (failure !== undefined && !this.converter.opened) {
      this.call?.abort()
      this.#reject(this.#isOfStreams() ? createError(failure) : this.#foreignType())
      return
    }
    this.#resolve(this)
  }

  #fail(error: unknown): void {
    if (this.#settled) return
    this.#settled = true
    this.#watch.settled()
    clearTimeout(this.#timer)
    this.#reject(error)
  }

  #finish(): void {
    if (this.#ended) return
    this.#ended = true
    this.#settle()
    this.call?.abort()
    this.#outlet?.end()
  }

  #collect(chunk: Buffer): boolean {
    this.#bodyBytes += chunk.length
    if (this.#bodyBytes > MAX_BODY_BYTES) {
      this.#fail(this.#invalid('upstream_response_too_large', 'the answer is too large'))
      this.call?.abort()
    } else this.#body.push(chunk)
    return true
  }

  #endBody(): void {
    const body = Buffer.concat(this.#body)
    if (this.#status < 200 || this.#status >= 300) {
      this.#fail(refusalOf(this.#plan, this.#status, this.headers, body))
      return
    }
    const type = this.headers['content-type'] ?? ''
    if (parseJson(body.toString()) === undefined) {
      this.#fail(
        /^text\/html/i.test(type)
          ? this.#foreignType()
          : this.#invalid('upstream_invalid_response', 'the answer is not valid JSON'),
      )
      return
    }
    try {
      this.#hand(this.#wholeAnswer(body))
    } catch (error) {
      const { provider, model } = this.#plan.parse
      this.#fail(failureOfCall(error, { provider, model }))
      return
    }
    this.#settle()
    this.#finish()
  }

  /** Whether the content type is one of streams. Nothing is asked of it while the body says something. */
  #isOfStreams(): boolean {
    const type = this.headers['content-type']
    return type === undefined || /event-?stream|json|octet-stream/i.test(type)
  }

  #foreignType(): SwitchyardError {
    const type = this.headers['content-type'] ?? ''
    return this.#invalid('upstream_invalid_content_type', `answered with '${type}' instead of a stream`)
  }

  #invalid(reason: string, what: string): SwitchyardError {
    const { provider, model } = this.#plan.parse
    return invalidResponse(reason, what, { provider, model })
  }
}
