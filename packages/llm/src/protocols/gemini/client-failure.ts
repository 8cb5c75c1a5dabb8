import type { Failure } from '../../types/failure.ts'
import type { JsonObject } from '../../types/json.ts'
import { frame } from './client-stream.ts'

const NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  422: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
  529: 'UNAVAILABLE',
}

/** The body of an error as Google writes it. */
export function renderFailure(failure: Failure, context: { requestId: string }): JsonObject {
  const details: JsonObject[] = [
    { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: context.requestId },
  ]
  if (failure.retryAfterMs !== undefined)
    details.push({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: `${failure.retryAfterMs / 1000}s`,
    })
  const status = NAMES[failure.status] ?? (failure.status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')
  return { error: { code: failure.status, message: failure.message, status, details } }
}

/** An error as the last event of a stream. Google's clients raise on any event with an `error` field. */
export function renderStreamFailure(failure: Failure, context: { requestId: string }): string {
  return frame(renderFailure(failure, context))
}
