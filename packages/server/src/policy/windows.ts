import { parseDuration, UNIT_MS } from './duration.ts'
import type { Duration } from './duration.ts'
import { zoneOf } from './zone.ts'
import type { Zone } from './zone.ts'

/**
 * A stretch of time for which money is counted. It follows from the time alone, so a reset is the start of the
 * next window and nothing has to run for it.
 */
export interface Window {
  /** Names the counter. Changes with the window, with the kind of window, and when spend is reset by hand. */
  readonly id: string
  readonly startMs: number
  /** LiteLLM's `budget_reset_at`. Left out: never. */
  readonly endMs?: number | undefined
}

export interface WindowOptions {
  /** An IANA name; UTC when left out. */
  readonly timezone?: string | undefined
  /** When the budget was made, or its spend last reset by hand. */
  readonly sinceMs?: number | undefined
}

const DAY_MS = UNIT_MS.d
/** 1970-01-05, a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS

/**
 * The window that an instant is in, with LiteLLM's times of reset: `1d` the next midnight, `7d` the next Monday,
 * `30d` and `1mo` the first of the next month, other days, weeks and months whole ones from the day of `sinceMs`, and hours,
 * minutes and seconds at their multiples from midnight. All by the wall clock of the time zone: a day on which
 * clocks change has 23 or 25 hours and still one window.
 *
 * @throws `RangeError` for a duration or time zone that is none; they are checked where they come in.
 */
export function windowAt(
  duration: string | undefined,
  nowMs: number,
  { timezone = 'UTC', sinceMs }: WindowOptions = {},
): Window {
  const mark = sinceMs === undefined ? '' : `@${sinceMs.toString(36)}`
  const floorMs = sinceMs ?? 0
  if (duration === undefined) return { id: `all${mark}`, startMs: floorMs }
  const parsed = parseDuration(duration)
  if (parsed === undefined) throw new RangeError(`not a duration: ${duration}`)
  const zone = zoneOf(timezone)
  const length = canonical(parsed)
  const [startWall, endWall] = boundsOf(length, zone.wallOf(nowMs), anchorOf(sinceMs, zone))
  return {
    id: `${length.count}${length.unit}/${labelOf(startWall)}${mark}`,
    startMs: Math.max(zone.instantOf(startWall), floorMs),
    endMs: zone.instantOf(endWall),
  }
}

/** Windows that reset at the same times are the same, however they are written. */
function canonical({ count, unit }: Duration): Duration {
  const ms = unit === 'mo' ? undefined : count * UNIT_MS[unit]
  if (ms === undefined) return { count, unit }
  if (ms === 30 * DAY_MS) return { count: 1, unit: 'mo' }
  if (ms === UNIT_MS.w) return { count: 1, unit: 'w' }
  for (const larger of ['d', 'h', 'm'] as const)
    if (ms % UNIT_MS[larger] === 0) return { count: ms / UNIT_MS[larger], unit: larger }
  return { count, unit }
}

/** The midnight that windows of several days or months are counted from. */
function anchorOf(sinceMs: number | undefined, zone: Zone): number {
  return sinceMs === undefined ? 0 : floorTo(zone.wallOf(sinceMs), DAY_MS)
}

/** Start and end by the wall clock. */
function boundsOf({ count, unit }: Duration, wall: number, anchor: number): readonly [number, number] {
  if (unit === 'mo') return monthsOf(count, wall, anchor)
  if (unit === 'w') return stepOf(UNIT_MS.w, wall, FIRST_MONDAY_MS)
  const step = count * UNIT_MS[unit]
  if (step >= DAY_MS) return stepOf(step, wall, anchor)
  const midnight = floorTo(wall, DAY_MS)
  const [start, end] = stepOf(step, wall, midnight)
  // What does not divide a day begins anew at midnight.
  return [start, Math.min(end, midnight + DAY_MS)]
}

function stepOf(step: number, wall: number, anchor: number): readonly [number, number] {
  const start = floorTo(wall - anchor, step) + anchor
  return [start, start + step]
}

function monthsOf(count: number, wall: number, anchor: number): readonly [number, number] {
  const first = monthNumber(anchor)
  const start = floorTo(monthNumber(wall) - first, count) + first
  return [Date.UTC(1970, start), Date.UTC(1970, start + count)]
}

/** Months since 1970. */
function monthNumber(wall: number): number {
  const date = new Date(wall)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step
}

/** `2026-11-27`, or with the time where it is not midnight: `2026-11-27T13:30:00`. */
function labelOf(wall: number): string {
  const text = new Date(wall).toISOString()
  return wall % DAY_MS === 0 ? text.slice(0, 10) : text.slice(0, 19)
}

/** Windows are asked for with every request and change rarely. */
export interface Windows {
  readonly at: (duration: string | undefined, nowMs: number, sinceMs: number | undefined) => Window
}

const MAX_REMEMBERED = 10_000

/** `windowAt` in one time zone that remembers what it found. */
export function createWindows(timezone = 'UTC'): Windows {
  const known = new Map<string, Window>()
  return {
    at: (duration, nowMs, sinceMs) => {
      const name = `${duration ?? ''}@${sinceMs ?? ''}`
      const last = known.get(name)
      if (last !== undefined && nowMs >= last.startMs && (last.endMs === undefined || nowMs < last.endMs))
        return last
      const window = windowAt(duration, nowMs, { timezone, sinceMs })
      if (known.size >= MAX_REMEMBERED) known.clear()
      known.set(name, window)
      return window
    },
  }
}
