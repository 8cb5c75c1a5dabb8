import { FAILURES } from '../../errors.ts'
import type { Failure } from '../../types/failure.ts'
import type { JsonObject } from '../../types/json.ts'

/** OpenAI's error body, as LiteLLM fills it: a provider's failure names its class, and `code` is our finer word where there is one, else the status as text. */
export function renderFailure(failure: Failure): JsonObject {
  const kind = FAILURES[failure.code]
  return {
    error: {
      message:
        failure.provider === undefined ? failure.message : `litellm.${kind.className}: ${failure.message}`,
      type: failure.type ?? kind.type,
      param: failure.param ?? null,
      code: failure.reason ?? String(failure.status),
    },
  }
}

/** An error as the last event of a stream. OpenAI's clients throw on any data with an `error` field. */
export function renderStreamFailure(failure: Failure): string {
  return `data: ${JSON.stringify(renderFailure(failure))}\n\n`
}
