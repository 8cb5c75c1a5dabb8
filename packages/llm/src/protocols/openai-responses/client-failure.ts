import type { Failure } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { renderFailure } from '../openai-chat/client-failure.ts'
import { objectOf } from '../wire.ts'

/** The error body of a failure, as OpenAI's clients throw it. */
function renderError(failure: Failure): JsonObject {
  return objectOf(renderFailure(failure).error) ?? {}
}

/** The `error` of a failed response, which knows few words. */
export function renderResponseError(failure: Failure): JsonObject {
  const code =
    failure.code === 'rate_limit'
      ? 'rate_limit_exceeded'
      : failure.code === 'quota_exceeded'
        ? 'insufficient_quota'
        : (failure.reason ?? (failure.status < 500 ? 'invalid_prompt' : 'server_error'))
  return { code, message: failure.message }
}

/** The event that OpenAI's clients throw on; its words stand where older and newer ones look for them. */
export function renderErrorEvent(failure: Failure, sequence: number): JsonObject {
  const error = renderError(failure)
  const word = (value: Json | undefined): Json => value ?? null
  return {
    type: 'error',
    sequence_number: sequence,
    code: word(error.code),
    message: failure.message,
    param: word(error.param),
    error,
  }
}

/**
 * An error as the end of a stream: the event on which OpenAI's clients throw, then the failed response for
 * those that wait for a response's end (Codex).
 */
export function renderStreamFailure(failure: Failure): string {
  const failed: JsonObject = {
    type: 'response.failed',
    sequence_number: 1,
    response: {
      id: 'resp_failed',
      object: 'response',
      status: 'failed',
      error: renderResponseError(failure),
      incomplete_details: null,
      output: [],
      usage: null,
    },
  }
  return frameEvent(renderErrorEvent(failure, 0)) + frameEvent(failed)
}

/** An event as server-sent text. */
export function frameEvent(event: JsonObject): string {
  return `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`
}
