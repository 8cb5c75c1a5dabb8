import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWindows, windowAt } from './windows.ts'

const ms = (text: string): number => Date.parse(text)
const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString().replace('.000Z', 'Z')

// 2026-11-27 is a Friday.
test.each([
  ['1d', '2026-11-27T09:28:00Z', '1d/2026-11-27', '2026-11-28T00:00:00Z'],
  ['daily', '2026-11-27T09:28:00Z', '1d/2026-11-27', '2026-11-28T00:00:00Z'],
  ['24h', '2026-11-27T09:28:00Z', '1d/2026-11-27', '2026-11-28T00:00:00Z'],
  ['1d', '2026-11-28T00:00:00Z', '1d/2026-11-28', '2026-11-29T00:00:00Z'],
  ['7d', '2026-11-27T09:28:00Z', '1w/2026-11-23', '2026-11-30T00:00:00Z'],
  ['weekly', '2026-11-30T00:00:00Z', '1w/2026-11-30', '2026-12-07T00:00:00Z'],
  ['30d', '2026-11-27T09:28:00Z', '1mo/2026-11-01', '2026-12-01T00:00:00Z'],
  ['monthly', '2026-12-31T23:59:59Z', '1mo/2026-12-01', '2027-01-01T00:00:00Z'],
  ['1h', '2026-11-27T09:28:00Z', '1h/2026-11-27T09:00:00', '2026-11-27T10:00:00Z'],
  ['6h', '2026-11-27T09:28:00Z', '6h/2026-11-27T06:00:00', '2026-11-27T12:00:00Z'],
  ['5h', '2026-11-27T21:00:00Z', '5h/2026-11-27T20:00:00', '2026-11-28T00:00:00Z'],
  ['15m', '2026-11-27T09:28:00Z', '15m/2026-11-27T09:15:00', '2026-11-27T09:30:00Z'],
  ['10s', '2026-11-27T09:28:07Z', '10s/2026-11-27T09:28:00', '2026-11-27T09:28:10Z'],
  ['60s', '2026-11-27T09:28:07Z', '1m/2026-11-27T09:28:00', '2026-11-27T09:29:00Z'],
])('%s at %s is %s until %s', (duration, now, id, end) => {
  const window = windowAt(duration, ms(now))
  expect([window.id, iso(window.endMs)]).toEqual([id, end])
})

test.each([
  ['2d', '2026-11-27T09:28:00Z', '2026-11-27T09:28:00Z', '2026-11-29T00:00:00Z'],
  ['2d', '2026-11-27T09:28:00Z', '2026-11-29T00:00:00Z', '2026-12-01T00:00:00Z'],
  ['90d', '2026-11-27T09:28:00Z', '2026-12-24T00:00:00Z', '2027-02-25T00:00:00Z'],
  ['2mo', '2026-11-27T09:28:00Z', '2026-12-24T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['14d', '2026-11-27T09:28:00Z', '2026-12-07T00:00:00Z', '2026-12-11T00:00:00Z'],
  ['2w', '2026-11-27T09:28:00Z', '2026-12-11T00:00:00Z', '2026-12-25T00:00:00Z'],
])('%s made at %s ends, seen at %s, at %s', (duration, since, now, end) => {
  expect(iso(windowAt(duration, ms(now), { sinceMs: ms(since) }).endMs)).toBe(end)
})

test('without a duration there is one window, until somebody resets it', () => {
  expect(windowAt(undefined, 5)).toEqual({ id: 'all', startMs: 0 })
  expect(windowAt(undefined, 5, { sinceMs: 3 })).toEqual({ id: 'all@3', startMs: 3 })
})

test('a reset by hand begins another counter in the same window', () => {
  const now = ms('2026-11-27T09:28:00Z')
  const before = windowAt('1d', now)
  const after = windowAt('1d', now, { sinceMs: now })
  expect(after.id).not.toBe(before.id)
  expect([after.startMs, after.endMs]).toEqual([now, before.endMs])
})

test.each([
  ['America/New_York', '1d', '2026-03-08T12:00:00Z', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
  ['America/New_York', '1d', '2026-11-01T12:00:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
  ['America/New_York', '6h', '2026-11-01T06:30:00Z', '2026-11-01T04:00:00Z', '2026-11-01T11:00:00Z'],
  ['America/New_York', '1h', '2026-11-01T06:30:00Z', '2026-11-01T05:00:00Z', '2026-11-01T07:00:00Z'],
  ['Europe/Berlin', '1mo', '2026-03-31T22:30:00Z', '2026-03-31T22:00:00Z', '2026-04-30T22:00:00Z'],
  ['Asia/Kolkata', '1d', '2026-11-27T19:00:00Z', '2026-11-27T18:30:00Z', '2026-11-28T18:30:00Z'],
  // Midnight was skipped: the day began at one.
  ['America/Sao_Paulo', '1d', '2018-11-04T12:00:00Z', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
])('in %s, %s at %s is %s to %s', (timezone, duration, now, start, end) => {
  const window = windowAt(duration, ms(now), { timezone })
  expect([iso(window.startMs), iso(window.endMs)]).toEqual([start, end])
})

test('windows follow one another without gap or overlap', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('1d', '7d', '30d', '2d', '3mo', '6h', '7h', '90m', '10s', '36h'),
      fc.constantFrom('UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
      fc.integer({ min: ms('2020-01-01T00:00:00Z'), max: ms('2030-01-01T00:00:00Z') }),
      (duration, timezone, now) => {
        const window = windowAt(duration, now, { timezone })
        const { startMs, endMs = 0 } = window
        expect(startMs).toBeLessThanOrEqual(now)
        expect(endMs).toBeGreaterThan(now)
        expect(windowAt(duration, startMs, { timezone })).toEqual(window)
        expect(windowAt(duration, endMs - 1, { timezone })).toEqual(window)
        expect(windowAt(duration, endMs, { timezone })).toMatchObject({ startMs: endMs })
      },
    ),
  )
})

test.each([
  ['1y', 'UTC'],
  ['1d', 'Moon/Tranquility'],
])('%s in %s is refused', (duration, timezone) => {
  expect(() => windowAt(duration, 0, { timezone })).toThrow(RangeError)
})

test('what is remembered is forgotten when the window ends', () => {
  const windows = createWindows()
  const at = (now: string): string => windows.at('1d', ms(now), undefined).id
  expect(['2026-11-27T23:59:59Z', '2026-11-28T00:00:00Z', '2026-11-27T00:00:00Z'].map(at)).toEqual([
    '1d/2026-11-27',
    '1d/2026-11-28',
    '1d/2026-11-27',
  ])
})
