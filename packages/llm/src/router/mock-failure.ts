import { createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'

/** Failures that a request may ask for, to see what becomes of it: LiteLLM's `mock_testing_*` and `mock_timeout`. */
export type MockFailure =
  | 'fallbacks'
  | 'context_fallbacks'
  | 'content_policy_fallbacks'
  | 'rate_limit'
  | 'timeout'

/** The failure of the first group; others answer as they would. */
export function mockFailure(kind: MockFailure, model: string): SwitchyardError {
  const message = `This is a mock exception for model=${model}, as the request asked for one.`
  switch (kind) {
    case 'fallbacks':
      return createError({ code: 'internal', message, model })
    case 'context_fallbacks':
      return createError({ code: 'context_window_exceeded', message, model })
    case 'content_policy_fallbacks':
      return createError({ code: 'content_policy_violation', message, model })
    case 'rate_limit':
      return createError({ code: 'rate_limit', message, model })
    case 'timeout':
      return createError({ code: 'timeout', message, model })
  }
}

/** The kinds by the field that asks for them. */
export const MOCK_FIELDS: Readonly<Record<string, MockFailure>> = {
  mock_testing_fallbacks: 'fallbacks',
  mock_testing_context_fallbacks: 'context_fallbacks',
  mock_testing_content_policy_fallbacks: 'content_policy_fallbacks',
  mock_testing_rate_limit_error: 'rate_limit',
  mock_timeout: 'timeout',
}
