import { expect, test } from 'vitest'
import { addDuration, parseDuration } from './duration.ts'

test.each([
  ['30s', { count: 30, unit: 's' }],
  ['15m', { count: 15, unit: 'm' }],
  ['24h', { count: 24, unit: 'h' }],
  ['7d', { count: 7, unit: 'd' }],
  ['2w', { count: 2, unit: 'w' }],
  ['1mo', { count: 1, unit: 'mo' }],
  ['hourly', { count: 1, unit: 'h' }],
  ['daily', { count: 1, unit: 'd' }],
  ['weekly', { count: 1, unit: 'w' }],
  ['monthly', { count: 1, unit: 'mo' }],
  ['', undefined],
  ['0d', undefined],
  ['-1', undefined],
  ['1.5h', undefined],
  ['30', undefined],
  ['30D', undefined],
  ['1y', undefined],
  [' 1d', undefined],
  ['999999d', undefined],
  ['toString', undefined],
])('%j reads as %j', (text, duration) => {
  expect(parseDuration(text)).toEqual(duration)
})

test.each([
  ['2026-01-31T10:00:00Z', '30s', '2026-01-31T10:00:30Z'],
  ['2026-01-31T10:00:00Z', '2h', '2026-01-31T12:00:00Z'],
  ['2026-01-31T10:00:00Z', '1d', '2026-02-01T10:00:00Z'],
  ['2026-01-31T10:00:00Z', '1mo', '2026-02-28T10:00:00Z'],
  ['2026-12-15T10:00:00Z', '2mo', '2027-02-15T10:00:00Z'],
])('%s and %s is %s', (from, text, to) => {
  const duration = parseDuration(text)
  expect(duration && addDuration(Date.parse(from), duration)).toBe(Date.parse(to))
})
