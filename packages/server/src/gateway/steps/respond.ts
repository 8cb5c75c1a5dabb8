import { formatUsd } from '@switchyard/llm/kit'
import type { ServerResponse } from 'node:http'
import type { Services } from '../../services.ts'
import { accountStream, accountWhole, failureOfLate, openAccount } from '../account-answer.ts'
import type { GatewayAnswer, StreamGatewayAnswer, WholeGatewayAnswer } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { answerHeaders } from '../headers.ts'
import { keepAlive } from '../keep-alive.ts'
import type { Lifetime } from '../lifetime.ts'

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
  const { response } = exchange
  accountWhole(exchange, call, answer, services)
  const headers = answerHeaders(exchange, answer.url, answer.providerHeaders, services)
  headers.push('content-type', call.contentType)
  endWith(response, headers, answer.body, answer.text)
}

/** @param text the body as text, where that is at hand and each of its characters is one byte. */
function endWith(response: ServerResponse, headers: string[], body: Buffer, text: string | undefined): void {
  headers.push('content-length', String(body.length))
  response.writeHead(200, headers)
  // Head and body as one text are one write; as text and bytes they are gathered first, which costs more than it copies.
  if (body.length <= MAX_TEXT_BYTES) response.end(text ?? body.toString('latin1'), 'latin1')
  else response.end(body)
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
): void | Promise<void> {
  const { receipt, response } = exchange
  const { stream } = answer
  // What the configuration allows is time until an answer begins, and silence within it; only a client bounds its length.
  if (call.options.timeoutMs === undefined) lifetime.lift()
  openAccount(exchange, answer, services)
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
  if (stream.whole !== undefined && !trailers) {
    accountStream(exchange, call, answer, services)
    return endWith(response, headers, stream.whole.bytes, stream.whole.text)
  }
  if (trailers) headers.push('trailer', 'x-litellm-response-cost')
  response.writeHead(200, headers)
  return new Promise((resolve) => {
    let over = false
    let stall: NodeJS.Timeout | undefined
    const alive = keepAlive(response, call.dialect.id)
    const account = (): void => accountStream(exchange, call, answer, services)
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

/** The client is told inside the stream. */
function endLate({ id, response, receipt }: Exchange, call: LlmCall): void {
  const { failure } = receipt
  if (failure === undefined) response.end()
  else response.end(call.dialect.renderStreamFailure(failure, { requestId: id }))
}
