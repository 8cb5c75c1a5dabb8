/** LiteLLM's figures. */
const INITIAL_DELAY_MS = 500
const MAX_DELAY_MS = 8_000
const JITTER_MS = 750
/** A longer wait than this is not worth making a caller wait for. */
const MAX_RETRY_AFTER_MS = 60_000

/** How long to wait before the attempt after `attempt` (counted from 0), in ms. */
export function retryDelayMs(attempt: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs !== undefined && retryAfterMs > 0 && retryAfterMs <= MAX_RETRY_AFTER_MS)
    return retryAfterMs
  return Math.min(INITIAL_DELAY_MS * 2 ** attempt, MAX_DELAY_MS) + random * JITTER_MS
}
