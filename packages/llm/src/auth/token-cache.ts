/** Something that was fetched and is good for a while. */
export interface Expiring<Value> {
  value: Value
  expiresAtMs: number
}

/** Keeps what was fetched until shortly before it expires; callers that ask at the same time share one fetch. */
export interface TokenCache<Value> {
  /** The value itself when it is there, else a promise. A failed fetch is not kept. */
  get(key: string, nowMs: () => number, fetchValue: () => Promise<Expiring<Value>>): Value | Promise<Value>
}

/** A token is not used in its last minute, or the second half of a life shorter than two minutes. */
const marginMs = 60_000
const mostEntries = 1000

export function createTokenCache<Value>(): TokenCache<Value> {
  const fresh = new Map<string, { value: Value; untilMs: number }>()
  const underWay = new Map<string, Promise<Value>>()

  const keep = (key: string, { value, expiresAtMs }: Expiring<Value>, nowMs: number): Value => {
    const lifeMs = expiresAtMs - nowMs
    fresh.delete(key)
    fresh.set(key, { value, untilMs: nowMs + lifeMs - Math.min(marginMs, lifeMs / 2) })
    const [oldest] = fresh.keys()
    if (fresh.size > mostEntries && oldest !== undefined) fresh.delete(oldest)
    return value
  }

  return {
    get(key, nowMs, fetchValue) {
      const kept = fresh.get(key)
      if (kept !== undefined && nowMs() < kept.untilMs) return kept.value
      const shared = underWay.get(key)
      if (shared !== undefined) return shared
      const fetching = fetchValue()
        .then((fetched) => keep(key, fetched, nowMs()))
        .finally(() => underWay.delete(key))
      underWay.set(key, fetching)
      return fetching
    },
  }
}
