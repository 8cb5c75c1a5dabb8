import { isGraphBubbleUp } from '../errors.ts'

/** When and how often a failed attempt is repeated. Times in milliseconds. */
export interface RetryPolicy {
  /** Before the first repetition; 500. */
  readonly initialInterval?: number
  /** The wait grows by it each time; 2. */
  readonly backoffFactor?: number
  /** The longest wait; 128,000. */
  readonly maxInterval?: number
  /** The first attempt included; 3. */
  readonly maxAttempts?: number
  /** Adds up to a second to each wait, so that many do not come back at once; true. */
  readonly jitter?: boolean
  /** Whether an error is worth another attempt. */
  readonly retryOn?: (error: never) => boolean
  /** Whether a repetition is said on the console; false. */
  readonly logWarning?: boolean
}

/** Keeps the result of a node for the same input. */
export interface CachePolicy {
  /** Seconds that a result counts; for ever when left out. */
  readonly ttl?: number | undefined
  /** The text that inputs are told apart by, made of the list of arguments; their JSON when left out. */
  readonly keyFunc?: ((args: unknown[]) => string) | undefined
}

const FINAL_STATUSES: ReadonlySet<unknown> = new Set([400, 401, 402, 403, 404, 405, 406, 407, 409])

/** The rule when a policy has none: aborts, refusals and exhausted quotas are final, everything else may pass. */
function isWorthRetrying(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true
  const failure = error as {
    name?: unknown
    message?: unknown
    code?: unknown
    status?: unknown
    response?: { status?: unknown }
    error?: { code?: unknown }
  }
  const { message } = failure
  if (typeof message === 'string' && (message.startsWith('Cancel') || message.startsWith('AbortError'))) {
    return false
  }
  if (failure.name === 'AbortError' || failure.name === 'GraphValueError') return false
  if (failure.code === 'ECONNABORTED') return false
  if (FINAL_STATUSES.has(failure.response?.status ?? failure.status)) return false
  return failure.error?.code !== 'insufficient_quota'
}

/**
 * How long to wait before the next attempt; `undefined` when there is none.
 *
 * @param attempts how many there were
 * @param random at least 0 and below 1
 */
export function retryDelayMs(
  policy: RetryPolicy,
  error: unknown,
  attempts: number,
  random: () => number,
): number | undefined {
  if (isGraphBubbleUp(error)) return undefined
  if (attempts >= (policy.maxAttempts ?? 3)) return undefined
  const worth = policy.retryOn ?? isWorthRetrying
  if (!worth(error as never)) return undefined
  const grown = (policy.initialInterval ?? 500) * (policy.backoffFactor ?? 2) ** (attempts - 1)
  const wait = Math.min(policy.maxInterval ?? 128_000, grown)
  return (policy.jitter ?? true) ? Math.floor(wait + random() * 1000) : wait
}
