import { addDuration, parseDuration } from '../policy/duration.ts'
import type { Duration } from '../policy/duration.ts'

/** What the configuration's `general_settings` say of the ledger. */
export interface LedgerSettings {
  /** How long logs of requests are kept; left out: for ever. Entries and sums of days always are. */
  readonly keepLogs?: Duration | undefined
  /** How often old logs are looked for. */
  readonly cleanEveryMs: number
  /** Whether logs hold what was asked and answered. */
  readonly storePrompts: boolean
}

const DAILY_MS = 86_400_000

/**
 * Reads `maximum_spend_logs_retention_period` and `…_interval` (`30d`, or a count of seconds) and
 * `store_prompts_in_spend_logs`.
 *
 * @throws `RangeError` for a time that is none: keeping everything for ever instead would be a surprise.
 */
export function readLedgerSettings(general: Readonly<Record<string, unknown>>): LedgerSettings {
  const interval = durationAt(general, 'maximum_spend_logs_retention_interval')
  return {
    keepLogs: durationAt(general, 'maximum_spend_logs_retention_period'),
    cleanEveryMs: interval === undefined ? DAILY_MS : addDuration(0, interval),
    storePrompts: general['store_prompts_in_spend_logs'] === true,
  }
}

function durationAt(general: Readonly<Record<string, unknown>>, name: string): Duration | undefined {
  const value = general[name]
  if (value == null) return undefined
  const text = String(value)
  const duration = parseDuration(/^\d+$/.test(text) ? `${text}s` : text)
  if (duration === undefined)
    throw new RangeError(`general_settings.${name} is '${text}'. Write a time such as 30d, 24h or 1mo.`)
  return duration
}
