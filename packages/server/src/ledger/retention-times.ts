import { addDuration, parseDuration } from '../policy/duration.ts'
import type { Duration } from '../policy/duration.ts'

/** How long logs of requests are kept, and how often old ones are looked for. */
export interface RetentionTimes {
  readonly keep: Duration
  readonly everyMs: number
}

const DAILY_MS = 86_400_000

/**
 * Reads `maximum_spend_logs_retention_period` and `…_interval`: `30d`, or a count of seconds. `undefined`: logs are kept
 * for ever.
 *
 * @throws `RangeError` for a time that is none; the configuration has checked it.
 */
export function readRetentionTimes(period?: string, interval?: string): RetentionTimes | undefined {
  if (period === undefined) return undefined
  return {
    keep: durationOf(period, 'maximum_spend_logs_retention_period'),
    everyMs:
      interval === undefined
        ? DAILY_MS
        : addDuration(0, durationOf(interval, 'maximum_spend_logs_retention_interval')),
  }
}

function durationOf(text: string, name: string): Duration {
  const duration = parseDuration(/^\d+$/.test(text) ? `${text}s` : text)
  if (duration === undefined)
    throw new RangeError(`general_settings.${name} is '${text}'. Write a time such as 30d, 24h or 1mo.`)
  return duration
}
