import { expect, it } from 'vitest'
import { parseRetryAfterMs } from './retry-after.ts'

const nowMs = Date.parse('2026-03-01T12:00:00Z')
const capMs = 60_000

it.each<[string, Record<string, string>, number | undefined]>([
  ['nothing', {}, undefined],
  ['milliseconds', { 'retry-after-ms': '1500' }, 1500],
  ['milliseconds before seconds', { 'retry-after-ms': '250', 'retry-after': '1' }, 250],
  ['seconds', { 'retry-after': '20' }, 20_000],
  ['fractions', { 'retry-after': '0.5' }, 500],
  ['zero', { 'retry-after': '0' }, 0],
  ['a date', { 'retry-after': 'Sun, 01 Mar 2026 12:00:07 GMT' }, 7000],
  ['a date that has passed', { 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
  ['an absurd wait', { 'retry-after': '1000000000' }, capMs],
  ['a negative wait', { 'retry-after': '-5' }, undefined],
  ['words', { 'retry-after': 'soon' }, undefined],
  ['an empty value', { 'retry-after': '' }, undefined],
  ['infinity', { 'retry-after': 'Infinity' }, undefined],
  ['words, then a reset', { 'retry-after': 'soon', 'x-ratelimit-reset-requests': '2s' }, 2000],
  ['a duration', { 'x-ratelimit-reset-requests': '1s' }, 1000],
  ['a compound duration', { 'x-ratelimit-reset-tokens': '6m0s' }, capMs],
  ['small units', { 'x-ratelimit-reset-tokens': '1m2.5s' }, capMs],
  ['milliseconds as a unit', { 'x-ratelimit-reset-tokens': '40ms' }, 40],
  ['a reset in seconds', { 'x-ratelimit-reset': '12' }, 12_000],
  ['a reset at a Unix time', { 'x-ratelimit-reset': String(nowMs / 1000 + 9) }, 9000],
  ['a reset at a time in milliseconds', { 'x-ratelimit-reset': String(nowMs + 9) }, 9],
  ['a reset at a date', { 'x-ratelimit-reset-tokens': '2026-03-01T12:00:03Z' }, 3000],
  ['the longer of two', { 'x-ratelimit-reset-requests': '3s', 'x-ratelimit-reset-tokens': '1s' }, 3000],
  [
    'only the limit that is used up',
    {
      'x-ratelimit-reset-requests': '3s',
      'x-ratelimit-remaining-requests': '10',
      'x-ratelimit-reset-tokens': '1s',
      'x-ratelimit-remaining-tokens': '0',
    },
    1000,
  ],
])('%s', (_name, headers, expected) => {
  expect(parseRetryAfterMs(headers, nowMs, capMs)).toBe(expected)
})
