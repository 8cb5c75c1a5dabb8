/**
 * How long an upstream asks us to wait, in milliseconds from `nowMs` and at most `capMs`: from `retry-after-ms`,
 * `retry-after` (seconds or an HTTP date), else the `x-ratelimit-reset-*` of the limits that are used up (`1s`,
 * `6m0s`, seconds or a date). Undefined when it says nothing, or nothing that makes sense.
 */
export function parseRetryAfterMs(
  headers: Readonly<Record<string, string | undefined>>,
  nowMs: number,
  capMs: number,
): number | undefined {
  const waitMs =
    parseNumber(headers['retry-after-ms']) ??
    parseWaitMs(headers['retry-after'], nowMs) ??
    longestResetMs(headers, nowMs)
  return waitMs === undefined || waitMs < 0 ? undefined : Math.min(Math.ceil(waitMs), capMs)
}

const resetHeader = /^x-ratelimit-reset(?=-|$)/

/** A limit that still has something left is not what refused the request. */
function longestResetMs(
  headers: Readonly<Record<string, string | undefined>>,
  nowMs: number,
): number | undefined {
  let longestMs: number | undefined
  for (const [name, value] of Object.entries(headers)) {
    if (!resetHeader.test(name)) continue
    if ((parseNumber(headers[name.replace('-reset', '-remaining')]) ?? 0) > 0) continue
    const waitMs = parseWaitMs(value, nowMs)
    if (waitMs !== undefined && waitMs > (longestMs ?? -1)) longestMs = waitMs
  }
  return longestMs
}

function parseWaitMs(text: string | undefined, nowMs: number): number | undefined {
  const seconds = parseNumber(text)
  if (seconds !== undefined) return fromEpoch(seconds, nowMs) ?? seconds * 1000
  return parseDurationMs(text) ?? parseDateMs(text, nowMs)
}

const epochSeconds = 1e9
const epochMilliseconds = 1e12

/** A reset given as a point in time: no service asks anyone to wait for thirty years. */
function fromEpoch(value: number, nowMs: number): number | undefined {
  if (value >= epochMilliseconds) return Math.max(0, value - nowMs)
  return value > epochSeconds ? Math.max(0, value * 1000 - nowMs) : undefined
}

function parseNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined
}

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

function parseDurationMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+(\.\d+)?(ms|[dhms]))+$/.test(text.trim())) return undefined
  let totalMs = 0
  for (const [, count, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)) {
    totalMs += Number(count) * (unitMs[unit] ?? 0)
  }
  return totalMs
}

/** A date that has passed means now. */
function parseDateMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined || !/\d{4}/.test(text)) return undefined
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}
