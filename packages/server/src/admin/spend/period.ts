import { z } from 'zod'
import { dayOf } from '../../ledger/rows.ts'
import { badRequest } from '../refusals.ts'

const DAY_MS = 86_400_000
/** LiteLLM's views of "now" go back so far. */
const RECENT_DAYS = 30

/** UTC days since 1970, both included. */
export interface Period {
  readonly fromDay: number
  readonly toDay: number
}

interface DateQuery {
  start_date?: string | undefined
  end_date?: string | undefined
}

export const dateFields: { start_date: z.ZodOptional<z.ZodString>; end_date: z.ZodOptional<z.ZodString> } = {
  start_date: z.string().optional().meta({ description: 'The first day in UTC, as 2026-11-01' }),
  end_date: z.string().optional().meta({ description: 'The last day in UTC' }),
}

/** The days that are asked for. @throws 400 when one of the two is missing or is no date. */
export function requiredPeriod(query: DateQuery): Period {
  const { start_date, end_date } = query
  if (start_date === undefined || end_date === undefined)
    throw badRequest('Please provide start_date and end_date, as 2026-11-01.', 'start_date')
  return { fromDay: dayOf(momentOf(start_date, 'start_date')), toDay: dayOf(momentOf(end_date, 'end_date')) }
}

/** The days that are asked for; what is left out makes it the last 30 days. @throws 400 for what is no date. */
export function recentPeriod({ start_date, end_date }: DateQuery, nowMs: number): Period {
  const toDay = end_date === undefined ? dayOf(nowMs) : dayOf(momentOf(end_date, 'end_date'))
  const fromDay =
    start_date === undefined ? toDay - RECENT_DAYS + 1 : dayOf(momentOf(start_date, 'start_date'))
  return { fromDay, toDay }
}

/** Unix time of `2026-11-01`, `2026-11-01 10:00:00` or an ISO date; UTC where it says nothing else. */
export function momentOf(text: string, param: string): number {
  const spelled = text.trim().replace(' ', 'T')
  const isDay = !spelled.includes('T')
  const hasZone = isDay || /(?:Z|[+-]\d{2}:?\d{2})$/i.test(spelled)
  const ms = /^\d{4}-\d{2}-\d{2}/.test(spelled) ? Date.parse(hasZone ? spelled : `${spelled}Z`) : Number.NaN
  if (Number.isNaN(ms))
    throw badRequest(
      `Invalid date: '${text.slice(0, 40)}'. Write it as 2026-11-01 or 2026-11-01 10:00:00.`,
      param,
    )
  return ms
}

/** The end of a period: a day is meant whole. */
export function endOf(text: string, param: string): number {
  const ms = momentOf(text, param)
  return /^\d{4}-\d{2}-\d{2}$/.test(text.trim()) ? ms + DAY_MS - 1 : ms
}

/** `2026-11-27` */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
