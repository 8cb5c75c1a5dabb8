import { createError } from '../errors.ts'

/** A length of time as budgets are written: `daily`, `30d`, `1mo` … Months have the length the calendar gives them. */
export interface Duration {
  months: number
  ms: number
}

const WORDS: Readonly<Record<string, Duration>> = {
  hourly: { months: 0, ms: 3_600_000 },
  daily: { months: 0, ms: 86_400_000 },
  weekly: { months: 0, ms: 7 * 86_400_000 },
  monthly: { months: 1, ms: 0 },
  yearly: { months: 12, ms: 0 },
}

const UNITS: Readonly<Record<string, Duration>> = {
  s: { months: 0, ms: 1000 },
  m: { months: 0, ms: 60_000 },
  h: { months: 0, ms: 3_600_000 },
  d: { months: 0, ms: 86_400_000 },
  w: { months: 0, ms: 7 * 86_400_000 },
  mo: { months: 1, ms: 0 },
  y: { months: 12, ms: 0 },
}

/** @throws `bad_request` for anything else. */
export function readDuration(text: string): Duration {
  const word = Object.hasOwn(WORDS, text) ? WORDS[text] : undefined
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})(s|m|h|d|w|mo|y)$/.exec(text) ?? []
  const one = UNITS[unit]
  const found = word ?? (one && { months: one.months * Number(count), ms: one.ms * Number(count) })
  if (found !== undefined) return found
  throw createError({
    code: 'bad_request',
    message: `'${text}' is no duration of a budget: write hourly, daily, weekly, monthly, yearly, or a number and s, m, h, d, w, mo or y (30d)`,
    param: 'duration',
  })
}

/** The last time, not after `nowMs`, at which a budget that began at `startMs` began anew. */
export function windowStart(startMs: number, duration: Duration, nowMs: number): number {
  if (nowMs < startMs) return startMs
  if (duration.months === 0) return startMs + Math.floor((nowMs - startMs) / duration.ms) * duration.ms
  const start = new Date(startMs)
  const now = new Date(nowMs)
  const months =
    (now.getUTCFullYear() - start.getUTCFullYear()) * 12 + now.getUTCMonth() - start.getUTCMonth()
  let windows = Math.floor(months / duration.months)
  while (windows > 0 && plusMonths(start, windows * duration.months) > nowMs) windows--
  return plusMonths(start, windows * duration.months)
}

/** The same day of a later month, or that month's last: a budget of 31 January begins anew on 28 February. */
function plusMonths(start: Date, months: number): number {
  const moved = new Date(start)
  moved.setUTCDate(1)
  moved.setUTCMonth(start.getUTCMonth() + months)
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate()
  moved.setUTCDate(Math.min(start.getUTCDate(), lastDay))
  return moved.getTime()
}
