/** What an outage may cost in extra requests. */
export interface RetryBudget {
  /** A request is made that is no retry. */
  earn: (group: string, nowMs: number) => void
  /** Takes a retry out of the budget of a group; `false` when there is none left. */
  take: (group: string, nowMs: number) => boolean
}

/** The part of all requests that may be made once more. */
const PART = 0.2
/** A quiet group may retry so often at once, and gets one more each second. */
const RESERVE = 10
const PER_MS = 1 / 1_000
/** Groups that are remembered. */
const MAX_GROUPS = 10_000

interface Bucket {
  tokens: number
  atMs: number
}

/**
 * A bucket of retries for each group, filled by its requests, so that an outage is not made worse by everybody
 * asking several times: at most a fifth more than without retries, and in quiet times one a second.
 */
export function createRetryBudget(): RetryBudget {
  const buckets = new Map<string, Bucket>()
  return {
    earn: (group, nowMs) => {
      const bucket = buckets.get(group)
      // A full bucket needs no keeping: most groups never take anything.
      if (bucket === undefined) return
      fill(bucket, nowMs, PART)
      if (bucket.tokens >= RESERVE) buckets.delete(group)
    },
    take: (group, nowMs) => {
      let bucket = buckets.get(group)
      if (bucket === undefined) {
        const [oldest] = buckets.keys()
        if (buckets.size >= MAX_GROUPS && oldest !== undefined) buckets.delete(oldest)
        buckets.set(group, (bucket = { tokens: RESERVE, atMs: nowMs }))
      }
      fill(bucket, nowMs, 0)
      if (bucket.tokens < 1) return false
      bucket.tokens--
      return true
    },
  }
}

function fill(bucket: Bucket, nowMs: number, more: number): void {
  const gained = Math.max(0, nowMs - bucket.atMs) * PER_MS
  bucket.tokens = Math.min(RESERVE, bucket.tokens + gained + more)
  bucket.atMs = nowMs
}
