import { createError, MAX_CONTINUATIONS, withBeginning } from '@switchyard/llm/kit'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import type { GatewayAnswer, StreamGatewayAnswer } from './answer.ts'
import type { Ask } from './attempt.ts'
import type { LlmCall } from './call.ts'
import type { Exchange } from './exchange.ts'
import { breakOff } from './finish-route.ts'
import type { Lifetime } from './lifetime.ts'
import { meter, usageSoFar } from './meter.ts'
import { rulesOf } from './route-rules.ts'
import { dispatch } from './steps/dispatch.ts'
import type { OpenStream, StreamOutlet } from './upstream/open-stream.ts'
import type { Handover, StreamConverter } from './upstream/stream-converter.ts'

/** Formats whose requests can end with the beginning of an answer. */
const CONTINUABLE: ReadonlySet<string> = new Set(['chat', 'messages', 'responses'])

/**
 * Finds an answer. With `mid_stream_fallback: continue` a stream of text that breaks after its client has read some of it
 * is gone on with by another deployment, or by a fallback, which is given the text so far as the beginning of its
 * answer. The client reads one stream, with a comment where the other one begins. Both are charged.
 */
export async function dispatchOn(
  exchange: Exchange,
  call: LlmCall,
  candidates: readonly Deployment[],
  lifetime: Lifetime,
  services: Services,
  ask: Ask,
): Promise<GatewayAnswer> {
  if (!mayContinue(exchange, call, services))
    return dispatch(exchange, call, candidates, lifetime, services, ask)
  call.continuation = {}
  const answer = await dispatch(exchange, call, candidates, lifetime, services, ask)
  if (answer.type === 'whole') return answer
  const broken = new Set<string>()
  const goOn = async (before: Handover, stream: OpenStream): Promise<StreamGatewayAnswer> => {
    const { receipt } = exchange
    const { deployment: first } = receipt
    const { failure, usage, model, deliveredText } = stream.converter.facts
    if (first !== undefined) broken.add(first.id)
    if (failure !== undefined) breakOff(exchange, failure, services)
    const used = usageSoFar(usage, call, deliveredText)
    const spent = { ...receipt, costPicoUsd: undefined }
    meter(spent, used, model)
    // The next attempt is made only where budgets have room for both.
    const attempt = receipt.attempts.at(-1)
    if (attempt !== undefined) {
      attempt.code = failure?.reason ?? failure?.code
      attempt.estimatedPicoUsd = spent.costPicoUsd ?? 0n
    }
    const left = candidates.filter(({ id }) => !broken.has(id))
    try {
      const next = await dispatch(exchange, call, left, lifetime, services, askOn(before, ask, broken))
      if (next.type === 'whole') throw new TypeError('a stream was asked for')
      const { deployment } = receipt
      receipt.deployment = first
      meter(receipt, used, model)
      receipt.deployment = deployment
      receipt.continued = (receipt.continued ?? 0) + 1
      return next
    } catch (error) {
      receipt.deployment = first
      throw error
    }
  }
  const renderFailure = (stream: OpenStream): string => {
    const { failure } = stream.converter.facts
    return failure === undefined ? '' : call.dialect.renderStreamFailure(failure, { requestId: exchange.id })
  }
  return { ...answer, stream: new ContinuedStream(answer.stream, goOn, renderFailure, lifetime, services) }
}

function mayContinue(exchange: Exchange, call: LlmCall, services: Services): boolean {
  if (!call.stream || !CONTINUABLE.has(call.route.operation) || (call.scan.number('n') ?? 1) > 1) return false
  return rulesOf(exchange, call, services).continuesStreams
}

/** Asks for the rest of an answer. */
function askOn(before: Handover, ask: Ask, broken: ReadonlySet<string>): Ask {
  return (exchange, call, deployment, lifetime, services) => {
    if (deployment.place.type !== 'provider' || broken.has(deployment.id))
      throw createError({
        code: 'service_unavailable',
        message: `${deployment.id} cannot go on with a stream that another deployment began.`,
      })
    const request = call.chatRequest()
    const rest: LlmCall = {
      ...call,
      continuation: { before },
      chatRequest: () => withBeginning(request, before.text),
    }
    return ask(exchange, rest, deployment, lifetime, services)
  }
}

type GoOn = (before: Handover, stream: OpenStream) => Promise<StreamGatewayAnswer>

class ContinuedStream implements OpenStream {
  readonly converter: StreamConverter
  readonly headers: OpenStream['headers']
  readonly #goOn: GoOn
  readonly #renderFailure: (stream: OpenStream) => string
  readonly #lifetime: Lifetime
  readonly #services: Pick<Services, 'log'>
  #current: OpenStream
  #isLast = false
  #continuations = 0

  constructor(
    first: OpenStream,
    goOn: GoOn,
    renderFailure: (stream: OpenStream) => string,
    lifetime: Lifetime,
    services: Pick<Services, 'log'>,
  ) {
    this.#current = first
    this.#goOn = goOn
    this.#renderFailure = renderFailure
    this.#lifetime = lifetime
    this.#services = services
    this.headers = first.headers
    this.converter = viewOf(
      () => this.#current.converter,
      () => this.#isLast,
    )
  }

  pipe(outlet: StreamOutlet): void {
    this.#current.pipe({
      write: (bytes) => outlet.write(bytes),
      end: () => void this.#end(outlet),
    })
  }

  resume(): void {
    this.#current.resume()
  }

  abort(): void {
    this.#current.abort()
  }

  async #end(outlet: StreamOutlet): Promise<void> {
    const broken = this.#current
    const before = broken.converter.handover?.()
    if (before === undefined || this.#lifetime.over) {
      outlet.end()
      return
    }
    try {
      if (this.#continuations++ >= MAX_CONTINUATIONS) throw new Error('it broke too often')
      const next = await this.#goOn(before, broken)
      if (this.#lifetime.over) {
        next.stream.abort()
        return
      }
      this.#current = next.stream
      outlet.write(': continued by another deployment\n\n')
      this.pipe(outlet)
    } catch (error) {
      this.#services.log.debug({ error }, 'nobody goes on with a stream that broke')
      if (this.#lifetime.over) return
      this.#isLast = true
      outlet.write(this.#renderFailure(broken))
      outlet.end()
    }
  }
}

/** One stream to those who follow it: it is not over while another one may go on with it. */
function viewOf(current: () => StreamConverter, isLast: () => boolean): StreamConverter {
  const isOpen = (): boolean => !isLast() && current().handover?.() !== undefined
  return {
    push: (chunk) => current().push(chunk),
    end: () => current().end(),
    fail: (failure) => current().fail(failure),
    get opened() {
      return current().opened
    },
    get done() {
      return current().done && !isOpen()
    },
    get complete() {
      return current().complete && !isOpen()
    },
    get facts() {
      return current().facts
    },
  }
}
