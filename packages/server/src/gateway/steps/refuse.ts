import type { Failure } from '@switchyard/llm/kit'
import type { Services } from '../../services.ts'
import type { Attempt, Exchange } from '../exchange.ts'
import { renderFailureAnswer } from '../failure-answer.ts'
import { baseHeaders } from '../headers.ts'
import { settle } from '../settle.ts'

/** Tells the client what failed, in its own format, with the headers that say whether to try again. */
export function refuse(exchange: Exchange, failure: Failure, services: Services): void {
  const { response, receipt, id, route } = exchange
  receipt.failure = failure
  if (response.destroyed || response.headersSent) {
    receipt.status ||= 499
    settle(exchange, services)
    response.destroy()
    return
  }
  const told = { ...failure, message: failure.message + triedBefore(receipt.attempts) }
  const { status, headers, body } = renderFailureAnswer(told, route.dialect, id)
  receipt.status = status
  settle(exchange, services)
  response.writeHead(status, [
    ...baseHeaders(exchange, services),
    ...headers,
    ...(exchange.refusalHeaders ?? []),
  ])
  response.end(body)
}

/** How each attempt failed, where there was more than one; who was asked is nobody's business. */
function triedBefore(attempts: readonly Attempt[]): string {
  if (attempts.length < 2) return ''
  return ` (tried ${attempts.length} times: ${attempts.map(({ code }) => code ?? 'answered').join(', ')})`
}
