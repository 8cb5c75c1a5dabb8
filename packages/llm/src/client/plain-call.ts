import type { JsonObject } from '../types/json.ts'
import { readCall } from './core.ts'
import type { ClientCore } from './core.ts'
import type { SplitOptions } from './options.ts'

/** What is given to an operation that answers in one piece. */
export interface PlainCall<Mock> extends Omit<SplitOptions, 'rest'> {
  /** Answered with in place of a provider's answer. */
  mock: Mock | undefined
  /** For the provider. */
  body: JsonObject
}

/** Sorts what a caller gives; see `readCall`. */
export function readPlainCall<Mock>(
  core: ClientCore,
  { mock_response: mock, ...given }: { mock_response?: Mock | undefined },
): PlainCall<Mock> {
  const { rest, ...split } = readCall(core, given)
  // The wire has no field for it: it is for logs.
  const { metadata: _metadata, ...body } = rest
  return { ...split, mock, body: body as JsonObject }
}
