import { failureOfCall, invalidResponse, parseJson } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { Upstream, UpstreamCall, UpstreamSink } from '../../deployments/upstream.ts'
import type { UpstreamPlan } from './plan.ts'

/** A provider's whole answer, with a success status. */
export interface WholeBody {
  headers: IncomingHttpHeaders
  body: Buffer
}

/** The most an answer may weigh. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024

/** Who wants to know about a running call. */
export interface CallWatch {
  /** Gives the call to whoever has to be able to end it. */
  running: (call: UpstreamCall) => void
  /** Nothing is waited for any more: the answer is there, or has begun, or will not come. */
  settled: () => void
}

export type Asking = Pick<UpstreamPlan, 'request' | 'parse'> & {
  protocol: Pick<UpstreamPlan['protocol'], 'parseFailure'>
}

/**
 * Sends a call, takes in its whole answer and reads it.
 *
 * @throws the provider's refusal or what broke the exchange, as one of our errors; and what `read` throws.
 */
export function receiveWhole<Result>(
  upstream: Upstream,
  plan: Asking,
  watch: CallWatch,
  read: (whole: WholeBody) => Result,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const receiving = new Receiving(plan, watch, (whole) => resolve(read(whole)), reject)
    receiving.call = upstream.send(plan.request, receiving)
    watch.running(receiving.call)
  })
}

class Receiving implements UpstreamSink {
  call: UpstreamCall | undefined
  readonly #plan: Asking
  readonly #watch: CallWatch
  readonly #take: (whole: WholeBody) => void
  readonly #reject: (error: unknown) => void
  readonly #chunks: Buffer[] = []
  #size = 0
  #status = 0
  #headers: IncomingHttpHeaders = {}

  constructor(
    plan: Asking,
    watch: CallWatch,
    take: (whole: WholeBody) => void,
    reject: (error: unknown) => void,
  ) {
    this.#plan = plan
    this.#watch = watch
    this.#take = take
    this.#reject = reject
  }

  head(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status
    this.#headers = headers
  }

  data(chunk: Buffer): boolean {
    this.#size += chunk.length
    if (this.#size > MAX_ANSWER_BYTES) {
      const { provider, model } = this.#plan.parse
      // First the reason: an aborted call reports its own end at once.
      this.#fail(
        invalidResponse(
          'upstream_response_too_large',
          `the answer is larger than ${MAX_ANSWER_BYTES} bytes`,
          { provider, model },
        ),
      )
      this.call?.abort()
    } else this.#chunks.push(chunk)
    return true
  }

  end(): void {
    const [only] = this.#chunks
    const body =
      only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, this.#size)
    if (this.#status < 200 || this.#status >= 300) {
      this.#fail(refusalOf(this.#plan, this.#status, this.#headers, body))
      return
    }
    this.#watch.settled()
    try {
      this.#take({ headers: this.#headers, body })
    } catch (error) {
      this.#reject(error)
    }
  }

  failure(error: unknown): void {
    const { provider, model } = this.#plan.parse
    this.#fail(failureOfCall(error, { provider, model }))
  }

  #fail(error: unknown): void {
    this.#watch.settled()
    this.#reject(error)
  }
}

/** An error status as the error it stands for. A redirect is one, too: calls never follow any. */
export function refusalOf(
  plan: Pick<Asking, 'parse' | 'protocol'>,
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
): unknown {
  const place = { provider: plan.parse.provider, model: plan.parse.model }
  if (status >= 300 && status < 400)
    return invalidResponse(
      'upstream_redirect_refused',
      `answered with a redirect (HTTP ${status}), which is not followed`,
      place,
    )
  const text = body.toString()
  const failure = plan.protocol.parseFailure(
    { status, headers: flatHeaders(headers), body: parseJson(text) ?? text },
    plan.parse,
  )
  return failureOfCall(failure, place)
}

function flatHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return flat
}
