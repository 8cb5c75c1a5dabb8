import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { patientBreaker } from '../testing/breaker.ts'
import { testRedis } from '../testing/redis.ts'
import { createRedisSpend } from './spend.ts'

const redis = testRedis()

test('instances add up, to the last pico-USD, and windows that are over are forgotten', async () => {
  const prefix = `test-${randomBytes(8).toString('hex')}`
  const one = createRedisSpend({ redis, prefix, breaker: patientBreaker() })
  const two = createRedisSpend({ redis, prefix, breaker: patientBreaker() })
  const key = 'provider:openai 1d/2026-11-27'
  const endMs = Date.now() + 3_600_000
  await one([{ key, endMs, picoUsd: 9_007_199_254_740_993n }])
  await one([{ key: 'gone', endMs: 1, picoUsd: 5n }])
  expect(
    await two([
      { key, endMs, picoUsd: 1n },
      { key: 'gone', endMs: 1, picoUsd: 0n },
    ]),
  ).toEqual(
    new Map([
      [key, 9_007_199_254_740_994n],
      ['gone', 0n],
    ]),
  )
})
