import { dialects } from '@switchyard/llm/kit'
import type { Failure } from '@switchyard/llm/kit'
import type { Services } from '../../services.ts'
import type { Exchange } from '../exchange.ts'
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
  const status = statusOn(failure, route.dialect)
  receipt.status = status
  const body = JSON.stringify(dialects[route.dialect].renderFailure({ ...failure, status }, { requestId: id }))
  const headers = baseHeaders(exchange, services)
  headers.push('content-type', 'application/json', 'content-length', String(Buffer.byteLength(body)))
  if (failure.reason !== undefined) headers.push('x-gateway-error', failure.reason)
  if (failure.providerStatus !== undefined) headers.push('x-upstream-status', String(failure.providerStatus))
  const waitS = retryAfterS(failure, status)
  if (waitS !== undefined) headers.push('retry-after', String(waitS))
  if (!failure.retryable) headers.push('x-should-retry', 'false')
  if (closes(failure)) headers.push('connection', 'close')
  response.writeHead(status, headers)
  response.end(body)
}

/** Anthropic's clients know 529 as "overloaded"; others do not. */
function statusOn(failure: Failure, dialect: string): number {
  return failure.code === 'overloaded' && dialect === 'anthropic-messages' ? 529 : failure.status
}

function retryAfterS(failure: Failure, status: number): number | undefined {
  if (failure.retryAfterMs !== undefined) return Math.max(1, Math.ceil(failure.retryAfterMs / 1000))
  return failure.retryable && (status === 429 || status === 503) ? 1 : undefined
}

/** What is left of these requests will not be read. */
function closes(failure: Failure): boolean {
  return failure.reason === 'request_too_large' || failure.reason === 'request_timeout'
}
