import { formatUsd, parseJson } from '@switchyard/llm/kit'
import type { Failure } from '@switchyard/llm/kit'
import type { Services } from '../../services.ts'
import type { GatewayAnswer, StreamGatewayAnswer, WholeGatewayAnswer } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { answerHeaders, withoutQuery } from '../headers.ts'
import { keepAlive } from '../keep-alive.ts'
import type { Lifetime } from '../lifetime.ts'
import type { StreamConverter } from '../upstream/stream-converter.ts'
import { believableUsage, meter, usageSoFar } from '../meter.ts'
import { settle } from '../settle.ts'

/** Gives the answer to the client. Done when the last byte has been handed over, or the client has left. */
export function respond(
  exchange: Exchange,
  call: LlmCall,
  answer: GatewayAnswer,
  lifetime: Lifetime,
  services: Services,
): void | Promise<void> {
  return answer.type === 'whole'
    ? respondWhole(exchange, call, answer, services)
    : respondStream(exchange, call, answer, lifetime, services)
}

function respondWhole(
  exchange: Exchange,
  call: LlmCall,
  answer: WholeGatewayAnswer,
  services: Services,
): void {
  const { receipt, response } = exchange
  const usage = believableUsage(answer.usage, call, () => answer.body.toString())
  meter(receipt, usage, answer.model)
  receipt.status = 200
  receipt.responseId = answer.id
  if (services.accounts?.keepsContent === true) receipt.content = parseJson(answer.body.toString())
  receipt.apiBase = withoutQuery(answer.url)
  settle(exchange, services)
  const headers = answerHeaders(exchange, answer.url, answer.providerHeaders, services)
  headers.push('content-type', 'application/json', 'content-length', String(answer.body.length))
  response.writeHead(200, headers)
  // Head and body as one text are one write; as text and bytes they are gathered first, which costs more than it copies.
  if (answer.body.length <= MAX_TEXT_BYTES) response.end(answer.body.toString('latin1'), 'latin1')
  else response.end(answer.body)
}

/** With the head, it fits into the memory that Node has at hand for a text that is written. */
const MAX_TEXT_BYTES = 12 * 1024

/** A client that takes nothing for this long is taken for gone. */
const STALL_MS = 300_000

function respondStream(
  exchange: Exchange,
  call: LlmCall,
  answer: StreamGatewayAnswer,
  lifetime: Lifetime,
  services: Services,
): Promise<void> {
  const { receipt, response } = exchange
  const { stream } = answer
  // What the configuration allows is time until an answer begins, and silence within it; only a client bounds its length.
  if (call.options.timeoutMs === undefined) lifetime.lift()
  receipt.status = 200
  receipt.stream = true
  receipt.apiBase = withoutQuery(answer.url)
  receipt.firstByteMs = services.nowMs()
  const headers = answerHeaders(exchange, answer.url, answer.providerHeaders, services)
  headers.push(
    'content-type',
    call.dialect.streamType,
    'cache-control',
    'no-cache',
    'x-accel-buffering',
    'no',
  )
  // The cost is known at the end only. Clients that can read trailers say so; simple ones stumble over them.
  const trailers = /\btrailers\b/i.test(String(exchange.request.headers.te ?? ''))
  if (trailers) headers.push('trailer', 'x-litellm-response-cost')
  response.writeHead(200, headers)
  return new Promise((resolve) => {
    let over = false
    let stall: NodeJS.Timeout | undefined
    const alive = keepAlive(response, call.dialect.id)
    /** Before the client gets the last of it. */
    const account = (): void => {
      if (receipt.isSettled) return
      const { facts, complete, done } = stream.converter
      const isWhole = (complete || done) && facts.failure === undefined
      const usageOf = isWhole ? believableUsage : usageSoFar
      meter(receipt, usageOf(facts.usage, call, facts.deliveredText), facts.model)
      receipt.responseId = facts.id
      if (services.accounts?.keepsContent === true) receipt.content = facts.deliveredText()
      receipt.failure ??= facts.failure
      settle(exchange, services)
    }
    const finish = (): void => {
      if (over) return
      over = true
      alive.stop()
      clearTimeout(stall)
      account()
      resolve()
    }
    lifetime.onOver(() => {
      stream.abort()
      if (lifetime.cause === 'client_gone') receipt.status = 499
      else receipt.failure = failureOfLate(stream.converter)
      finish()
      if (lifetime.cause === 'deadline') endLate(exchange, call)
    })
    response.on('drain', () => {
      clearTimeout(stall)
      stall = undefined
      stream.resume()
    })
    stream.pipe({
      write: (bytes) => {
        alive.touch()
        if (stream.converter.complete || stream.converter.done) account()
        const room = response.write(bytes)
        if (!room) stall ??= setTimeout(() => response.destroy(), STALL_MS)
        return room
      },
      end: () => {
        finish()
        if (trailers && receipt.costPicoUsd !== undefined)
          response.addTrailers([['x-litellm-response-cost', formatUsd(receipt.costPicoUsd)]])
        response.end()
      },
    })
  })
}

/** The request's own time is up in the middle of an answer. */
function failureOfLate({ done, facts }: StreamConverter): Failure | undefined {
  if (done && facts.failure === undefined) return undefined
  return {
    code: 'timeout',
    status: 504,
    reason: 'upstream_timeout',
    message: 'The request took longer than its time limit; the answer is not complete.',
    retryable: true,
  }
}

/** The client is told inside the stream. */
function endLate({ id, response, receipt }: Exchange, call: LlmCall): void {
  const { failure } = receipt
  if (failure === undefined) response.end()
  else response.end(call.dialect.renderStreamFailure(failure, { requestId: id }))
}
