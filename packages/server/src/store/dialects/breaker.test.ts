import { expect, it } from 'vitest'
import { createBreaker } from './breaker.ts'

it('repeats a failure for a while, then lets one ask', () => {
  let now = 0
  const breaker = createBreaker({ pauseMs: 1000, nowMs: () => now })
  const failure = new Error('no answer')
  expect(breaker.refusal()).toBeUndefined()
  breaker.failed(failure)
  now = 999
  expect(breaker.refusal()).toBe(failure)
  now = 1000
  expect([breaker.refusal(), breaker.refusal()]).toEqual([undefined, failure])
  now = 2000
  expect(breaker.refusal()).toBeUndefined()
  breaker.worked()
  expect([breaker.refusal(), breaker.refusal()]).toEqual([undefined, undefined])
})
