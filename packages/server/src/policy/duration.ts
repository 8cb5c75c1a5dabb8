/** A length of time as administrators write it: `30s`, `15m`, `24h`, `7d`, `2w`, `1mo`, `monthly`. */
export interface Duration {
  readonly count: number
  readonly unit: DurationUnit
}

export type DurationUnit = 's' | 'm' | 'h' | 'd' | 'w' | 'mo'

const WORDS: Readonly<Record<string, Duration>> = {
  hourly: { count: 1, unit: 'h' },
  daily: { count: 1, unit: 'd' },
  weekly: { count: 1, unit: 'w' },
  monthly: { count: 1, unit: 'mo' },
}

export const UNIT_MS: Readonly<Record<Exclude<DurationUnit, 'mo'>, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Longer ones would leave the range of dates. */
const MAX_COUNT = 100_000

/** `undefined` for what is no duration; a count of zero is none. */
export function parseDuration(text: string): Duration | undefined {
  if (Object.hasOwn(WORDS, text)) return WORDS[text]
  const match = /^(\d{1,6})(s|mo|m|h|d|w)$/.exec(text)
  if (match === null) return undefined
  const count = Number(match[1])
  return count === 0 || count > MAX_COUNT ? undefined : { count, unit: match[2] as DurationUnit }
}

/** For messages about a text that `parseDuration` does not know. */
export const DURATION_FORM: string =
  'a count and a unit (s, m, h, d, w or mo), such as 30d, or hourly, daily, weekly or monthly'

/** The instant that lies a duration later: when a key made now expires. A month later is the same day, or the last. */
export function addDuration(fromMs: number, { count, unit }: Duration): number {
  if (unit !== 'mo') return fromMs + count * UNIT_MS[unit]
  const from = new Date(fromMs)
  const year = from.getUTCFullYear()
  const month = from.getUTCMonth()
  const day = from.getUTCDate()
  const lastDay = new Date(Date.UTC(year, month + count + 1, 0)).getUTCDate()
  const timeOfDayMs = fromMs - Date.UTC(year, month, day)
  return Date.UTC(year, month + count, Math.min(day, lastDay)) + timeOfDayMs
}
