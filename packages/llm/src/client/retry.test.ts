import { describe, expect, test } from 'vitest'
import { createError } from '../errors.ts'
import type { FailureCode } from '../types/failure.ts'
import { retryDelayMs } from '../router/back-off.ts'
import { withRetries } from './retry.ts'

describe('retryDelayMs', () => {
  test.each([
    [0, undefined, 0, 500],
    [1, undefined, 0, 1000],
    [3, undefined, 1, 4750],
    [9, undefined, 0, 8000],
    [0, 2500, 0.5, 2500],
    [0, 60_000, 0.5, 60_000],
    [0, 60_001, 0, 500],
    [0, 0, 0, 500],
  ])('attempt %i, asked to wait %s, random %d: %i ms', (attempt, retryAfterMs, random, delayMs) => {
    expect(retryDelayMs(attempt, retryAfterMs, random)).toBe(delayMs)
  })
})

describe('withRetries', () => {
  async function run(
    codes: readonly (FailureCode | 'ok')[],
    retries: number,
  ): Promise<{ result: string; waits: number[] }> {
    const waits: number[] = []
    const world = { random: () => 0, sleep: async (ms: number) => void waits.push(ms) }
    const attempt = async (number: number): Promise<string> => {
      const code = codes[number] ?? 'ok'
      if (code === 'ok') return `attempt ${number}`
      throw createError({ code, message: code, retryAfterMs: code === 'rate_limit' ? 2000 : undefined })
    }
    const result = await withRetries(attempt, retries, world).catch((error: Error) => error.message)
    return { result, waits }
  }

  test.each<[readonly (FailureCode | 'ok')[], number, string, number[]]>([
    [['ok'], 2, 'attempt 0', []],
    [['internal', 'timeout', 'ok'], 2, 'attempt 2', [500, 1000]],
    [['rate_limit', 'ok'], 1, 'attempt 1', [2000]],
    [['internal', 'internal'], 1, 'internal', [500]],
    [['internal'], 0, 'internal', []],
    [['authentication', 'ok'], 5, 'authentication', []],
    [['quota_exceeded', 'ok'], 5, 'quota_exceeded', []],
    [['aborted', 'ok'], 5, 'aborted', []],
  ])('%j with %i retries ends with %s', async (codes, retries, result, waits) => {
    expect(await run(codes, retries)).toEqual({ result, waits })
  })

  test('what is not ours is not tried again', async () => {
    const world = { random: () => 0, sleep: async () => {} }
    const failing = withRetries(() => Promise.reject(new TypeError('ours to fix')), 3, world)
    await expect(failing).rejects.toThrow(TypeError)
  })
})
