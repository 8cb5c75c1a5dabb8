/**
 * A wall clock: what the clocks of a place show at an instant, and back. A wall time is a number of milliseconds
 * as if the place were in UTC, so that days and hours of it can be reckoned plainly.
 */
export interface Zone {
  readonly wallOf: (instantMs: number) => number
  /** A time that comes twice is its first; one that is skipped is the instant of the skip. */
  readonly instantOf: (wallMs: number) => number
}

const UTC: Zone = { wallOf: (instantMs) => instantMs, instantOf: (wallMs) => wallMs }
const DAY_MS = 86_400_000
const zones = new Map<string, Zone>([['UTC', UTC]])

/** @throws `RangeError` for what is no IANA time zone. */
export function zoneOf(timezone: string): Zone {
  const known = zones.get(timezone)
  if (known !== undefined) return known
  const zone = createZone(timezone)
  zones.set(timezone, zone)
  return zone
}

function createZone(timezone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const wallOf = (instantMs: number): number => {
    const found: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instantMs)) found[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instantMs % 1_000) + 1_000) % 1_000)
  }
  const offsetAt = (instantMs: number): number => wallOf(instantMs) - instantMs
  const instantOf = (wallMs: number): number => {
    // A clock is changed once a day at most, so one of these two offsets holds.
    const before = wallMs - offsetAt(wallMs - DAY_MS)
    if (wallOf(before) === wallMs) return before
    const after = wallMs - offsetAt(wallMs + DAY_MS)
    return wallOf(after) === wallMs ? after : before
  }
  return { wallOf, instantOf }
}
