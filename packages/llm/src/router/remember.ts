/** What was read, for a while. Whoever has just read the clock hands the time over: a group may have a thousand. */
export type Remembered<Value> = (nowMs?: number) => Value

/**
 * Prices may change with the hour, so that what is known of a model is read anew; but not for each request, nor for each
 * deployment that a request may go to.
 */
export const KNOWN_MS = 1_000

/** Reads again when what it read is older than `ms`, by a clock that never jumps. */
export function rememberFor<Value>(ms: number, clock: () => number, read: () => Value): Remembered<Value> {
  let value: Value
  let untilMs = Number.NEGATIVE_INFINITY
  return (nowMs = clock()) => {
    if (nowMs >= untilMs) {
      value = read()
      untilMs = nowMs + ms
    }
    return value
  }
}
