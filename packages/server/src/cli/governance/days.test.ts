import { describe, expect, it } from 'vitest'
import { daysBetween } from './days.ts'

const nowMs = Date.UTC(2026, 10, 27, 23, 59)

describe('daysBetween', () => {
  it.each<[since: string, until: string | undefined, from: string, to: string]>([
    ['1d', undefined, '2026-11-27', '2026-11-27'],
    ['30d', undefined, '2026-10-29', '2026-11-27'],
    ['2w', undefined, '2026-11-14', '2026-11-27'],
    ['1mo', undefined, '2026-10-28', '2026-11-27'],
    ['7d', '2026-03-03', '2026-02-25', '2026-03-03'],
    ['2026-11-01', undefined, '2026-11-01', '2026-11-27'],
    ['2026-01-01', '2026-01-31', '2026-01-01', '2026-01-31'],
  ])('--since %s --until %s', (since, until, from, to) => {
    expect(daysBetween(since, until, nowMs)).toEqual({ from, to })
  })

  it.each<[since: string, until: string | undefined, said: RegExp]>([
    ['yesterday', undefined, /--since yesterday is no day: write 2026-11-01, or how far back: 7d/],
    ['2026-02-30', undefined, /2026-02-30 is no day/],
    ['7d', '30d', /--until 30d is no day: write 2026-11-01\.$/],
    ['2026-12-01', undefined, /--since 2026-12-01 is after the last day, 2026-11-27/],
  ])('--since %s --until %s says what is wrong', (since, until, said) => {
    expect(() => daysBetween(since, until, nowMs)).toThrow(said)
  })
})
