import { CommandError } from '../world.ts'
import type { Days } from './activity.ts'

const DAY_MS = 86_400_000

/** The days from `since`, a day or how far back, to `until`, a day; today is the last one when it is left out. */
export function daysBetween(since: string, until: string | undefined, nowMs: number): Days {
  const to = until === undefined ? dayOf(nowMs) : parseDay(until, '--until')
  const back = /^(\d{1,4})(d|w|mo)$/.exec(since)
  const from = back === null ? parseDay(since, '--since') : goBack(to, Number(back[1]), back[2])
  if (from > to) throw new CommandError(`--since ${from} is after the last day, ${to}.`)
  return { from, to }
}

/** `1d` is the last day alone; `1mo` reaches back to the day after the same day of the month before. */
function goBack(to: string, count: number, unit: string | undefined): string {
  const last = new Date(to)
  if (unit === 'mo') last.setUTCMonth(last.getUTCMonth() - count)
  else last.setTime(last.getTime() - count * (unit === 'w' ? 7 : 1) * DAY_MS)
  return dayOf(last.getTime() + (count === 0 ? 0 : DAY_MS))
}

function parseDay(text: string, flag: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time) || dayOf(time) !== text)
    throw new CommandError(
      `${flag} ${text} is no day: write 2026-11-01${flag === '--since' ? ', or how far back: 7d, 4w, 3mo' : ''}.`,
    )
  return text
}

function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 'yyyy-mm-dd'.length)
}
