import { dialects, FAILURES } from '@switchyard/llm/kit'
import type { DialectId, Failure } from '@switchyard/llm/kit'

/** A failure as the client gets it. */
export interface FailureAnswer {
  status: number
  /** As name, value, name, value … */
  headers: string[]
  body: string
}

/** Says what failed in the client's own format, with the headers that say whether to try again. */
export function renderFailureAnswer(failure: Failure, dialect: DialectId, requestId: string): FailureAnswer {
  const status = statusOn(failure, dialect)
  const body = JSON.stringify(dialects[dialect].renderFailure({ ...failure, status }, { requestId }))
  const headers = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))]
  const word = failure.reason ?? ownType(failure)
  if (word !== undefined) headers.push('x-gateway-error', word)
  if (failure.providerStatus !== undefined) headers.push('x-upstream-status', String(failure.providerStatus))
  const waitS = retryAfterS(failure, status)
  if (waitS !== undefined) headers.push('retry-after', String(waitS))
  if (!failure.retryable) headers.push('x-should-retry', 'false')
  if (closes(failure)) headers.push('connection', 'close')
  return { status, headers, body }
}

/** LiteLLM's own words for some failures are types; their code is the status. */
function ownType({ code, type }: Failure): string | undefined {
  return type === FAILURES[code].type ? undefined : type
}

/** Anthropic's clients know 529 as "overloaded"; others do not. */
function statusOn(failure: Failure, dialect: string): number {
  return failure.code === 'overloaded' && dialect === 'anthropic-messages' ? 529 : failure.status
}

function retryAfterS(failure: Failure, status: number): number | undefined {
  if (failure.retryAfterMs !== undefined) return Math.max(1, Math.ceil(failure.retryAfterMs / 1000))
  return failure.retryable && (status === 429 || status === 503 || status === 529) ? 1 : undefined
}

/** What is left of these requests will not be read. */
function closes(failure: Failure): boolean {
  return failure.reason === 'request_too_large' || failure.reason === 'request_timeout'
}
