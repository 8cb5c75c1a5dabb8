import { FAILURES } from '../errors.ts'
import type { FailureCode } from '../types/failure.ts'

/** Numbers by class of failure: `retry_policy`, `allowed_fails_policy`. The names are in their plain form. */
export type ClassCounts = ReadonlyMap<string, number>

/** Classes that stand for more than the failures which bear their name. */
const FAMILIES: Readonly<Partial<Record<FailureCode, string>>> = {
  context_window_exceeded: 'badrequest',
  unsupported_params: 'badrequest',
  unprocessable: 'badrequest',
  unknown_provider: 'badrequest',
  permission_denied: 'authentication',
  connection: 'internalserver',
  bad_gateway: 'internalserver',
  service_unavailable: 'internalserver',
  overloaded: 'internalserver',
  invalid_response: 'internalserver',
  stream_interrupted: 'internalserver',
}

const PLAIN_NAMES: ReadonlyMap<FailureCode, string> = new Map(
  Object.entries(FAILURES).map(([code, { className }]) => [code as FailureCode, plainName(className)]),
)

/** The number for a failure: that of its own class, else of the family it belongs to. */
export function countFor(counts: ClassCounts | undefined, code: FailureCode): number | undefined {
  if (counts === undefined) return undefined
  const own = counts.get(PLAIN_NAMES.get(code) ?? '')
  const family = FAMILIES[code]
  return own ?? (family === undefined ? undefined : counts.get(family))
}

/**
 * A policy as it is written: `RateLimitErrorRetries`, `RateLimitErrorAllowedFails` and the bare `RateLimitError` are
 * the same. What is set to null is not set.
 */
export function readClassCounts(written: Readonly<Record<string, number | null | undefined>>): ClassCounts {
  const counts = new Map<string, number>()
  for (const [name, count] of Object.entries(written))
    if (typeof count === 'number') counts.set(plainName(name), count)
  return counts
}

/** Whether a name of a policy is that of a class. */
export function isFailureClass(name: string): boolean {
  const plain = plainName(name)
  return [...PLAIN_NAMES.values()].includes(plain)
}

function plainName(name: string): string {
  return name
    .replace(/(Retries|AllowedFails)$/, '')
    .replace(/Error$/, '')
    .toLowerCase()
}
