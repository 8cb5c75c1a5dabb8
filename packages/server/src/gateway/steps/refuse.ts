import type { Failure } from '@switchyard/llm/kit'
import type { Services } from '../../services.ts'
import type { Exchange } from '../exchange.ts'
import { renderFailureAnswer } from '../failure-answer.ts'
import { baseHeaders } from '../headers.ts'

/** Tells the client what failed, in its own format, with the headers that say whether to try again. */
export function refuse(exchange: Exchange, failure: Failure, services: Services): void {
  const { response, receipt, id, route } = exchange
  receipt.failure = failure
  if (response.destroyed || response.headersSent) {
    receipt.status ||= 499
    response.destroy()
    return
  }
  const { status, headers, body } = renderFailureAnswer(failure, route.dialect, id)
  receipt.status = status
  response.writeHead(status, [...baseHeaders(exchange, services), ...headers])
  response.end(body)
}
