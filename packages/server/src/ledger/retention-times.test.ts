import { describe, expect, it } from 'vitest'
import { readRetentionTimes } from './retention-times.ts'

describe('how long logs are kept', () => {
  it.each([
    [undefined, '1h', undefined],
    ['30d', undefined, { keep: { count: 30, unit: 'd' }, everyMs: 86_400_000 }],
    ['1mo', '1h', { keep: { count: 1, unit: 'mo' }, everyMs: 3_600_000 }],
    ['86400', undefined, { keep: { count: 86_400, unit: 's' }, everyMs: 86_400_000 }],
  ])('%s, every %s', (period, interval, expected) => {
    expect(readRetentionTimes(period, interval)).toEqual(expected)
  })

  it('is refused where it is no time', () => {
    expect(() => readRetentionTimes('a while')).toThrow("maximum_spend_logs_retention_period is 'a while'")
  })
})
