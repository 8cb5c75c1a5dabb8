import type { SwitchyardError } from '../errors.ts'
import { describe, expect, test } from 'vitest'
import type { FailureCode } from '../types/failure.ts'
import { judgeFailure, mayAsk } from './cooldown.ts'
import type { CooldownRules } from './cooldown.ts'
import { readClassCounts } from './failure-class.ts'
import { candidateOf } from './testing/candidates.ts'
import { worldOf } from './testing/run.ts'

const DEFAULT: CooldownRules = { disabled: false, cooldownMs: 5_000 }

/** How long a deployment is left alone after the last of its failures, in seconds. */
function judged(
  codes: readonly FailureCode[],
  rules: Partial<CooldownRules> = {},
  more: { successes?: number; groupSize?: number; retryAfterMs?: number; deployment?: object } = {},
): number | undefined {
  const deployment = candidateOf('a', more.deployment)
  for (let index = 0; index < (more.successes ?? 0); index++) deployment.state.succeed(0)
  let ms: number | undefined
  for (const code of codes) {
    deployment.state.fail(code === 'timeout', 0)
    const facts = { code, groupSize: more.groupSize ?? 2, retryAfterMs: more.retryAfterMs }
    ms = judgeFailure(facts, deployment, { ...DEFAULT, ...rules }, 0)?.ms
  }
  return ms === undefined ? undefined : ms / 1_000
}

const times = (count: number, code: FailureCode): FailureCode[] => Array<FailureCode>(count).fill(code)

describe('in the default mode a deployment is left alone', () => {
  test.each<[string, number | undefined, number | undefined]>([
    ['at its rate limit', judged(['rate_limit']), 5],
    ['as long as its provider says', judged(['rate_limit'], {}, { retryAfterMs: 42_000 }), 42],
    ['not for as long as it likes', judged(['rate_limit'], {}, { retryAfterMs: 1e12 }), 300],
    [
      'as long as it says itself',
      judged(['rate_limit'], {}, { retryAfterMs: 9, deployment: { cooldownMs: 7_000 } }),
      7,
    ],
    ['never where it says 0', judged(['rate_limit'], {}, { deployment: { cooldownMs: 0 } }), undefined],
    ['never without siblings', judged(['rate_limit'], {}, { groupSize: 1 }), undefined],
    ['without the model', judged(['not_found']), 5],
    ['not without the model and siblings', judged(['not_found'], {}, { groupSize: 1 }), undefined],
    ['with wrong credentials, for long', judged(['authentication']), 600],
    ['with wrong credentials and no siblings', judged(['authentication'], {}, { groupSize: 1 }), 60],
    ['without permission, for a while', judged(['permission_denied']), 5],
    ['without permission again and again, for long', judged(times(3, 'permission_denied')), 600],
    ['not after four failures', judged(times(4, 'internal')), undefined],
    ['after five, when most failed', judged(times(5, 'internal')), 5],
    ['after failed connections, too', judged(times(5, 'connection')), 5],
    ['not when half failed', judged(times(5, 'internal'), {}, { successes: 5 }), undefined],
    ['when more than half failed', judged(times(6, 'internal'), {}, { successes: 5 }), 5],
    ['not without siblings', judged(times(50, 'internal'), {}, { groupSize: 1 }), undefined],
    [
      'without siblings when all of a thousand failed',
      judged(times(1_000, 'internal'), {}, { groupSize: 1 }),
      5,
    ],
    ['never for mistakes of clients', judged(times(50, 'bad_request')), undefined],
    ['never for clients that leave', judged(times(50, 'aborted')), undefined],
    ['never where cooldowns are off', judged(times(50, 'authentication'), { disabled: true }), undefined],
  ])('%s', (_name, seconds, expected) => {
    expect(seconds).toBe(expected)
  })
})

describe('with allowed fails a deployment is left alone', () => {
  const policy = readClassCounts({
    RateLimitErrorAllowedFails: 1,
    TimeoutError: 0,
    BadRequestErrorAllowedFails: null,
  })

  test.each<[string, number | undefined, number | undefined]>([
    ['not for as many', judged(times(2, 'internal'), { allowedFails: 2 }), undefined],
    ['for one more', judged(times(3, 'internal'), { allowedFails: 2 }), 5],
    ['without siblings, too', judged(times(3, 'internal'), { allowedFails: 2 }, { groupSize: 1 }), 5],
    ['not at once for a rate limit', judged(['rate_limit'], { allowedFails: 2 }), undefined],
    ['by class', judged(times(2, 'rate_limit'), { allowedFailsPolicy: policy, allowedFails: 9 }), 5],
    ['by class at once', judged(['timeout'], { allowedFailsPolicy: policy }), 5],
    [
      'by 3 for a class that the policy leaves out',
      judged(times(4, 'internal'), { allowedFailsPolicy: policy }),
      5,
    ],
    ['not by fewer then', judged(times(3, 'internal'), { allowedFailsPolicy: policy }), undefined],
    [
      'by its own count',
      judged(times(2, 'internal'), { allowedFails: 9 }, { deployment: { allowedFails: 1 } }),
      5,
    ],
    [
      'by its own policy',
      judged(
        ['internal'],
        {},
        { deployment: { allowedFailsPolicy: readClassCounts({ InternalServerError: 0 }) } },
      ),
      5,
    ],
    ['with wrong credentials all the same', judged(['authentication'], { allowedFails: 9 }), 600],
  ])('%s', (_name, seconds, expected) => {
    expect(seconds).toBe(expected)
  })

  test('failures count for as long as a cooldown takes', () => {
    const { state } = candidateOf('a')
    expect([0, 1_000, 4_999, 5_000].map((nowMs) => state.countFailure(5_000, nowMs))).toEqual([1, 2, 3, 1])
  })
})

describe('when the time is over', () => {
  test('one request tries, others wait for it, or try one a second', () => {
    const { state } = candidateOf('a')
    state.cooldown = { untilMs: 5_000, code: 'internal', why: 'it failed' }
    const mayAt = (nowMs: number): boolean => mayAsk(state, nowMs)
    expect([0, 4_999, 5_000].map(mayAt)).toEqual([false, false, true])
    state.cooldown.probedMs = 5_000
    expect([5_000, 5_999, 6_000].map(mayAt)).toEqual([false, false, true])
  })

  test('an answer ends it, and a failure begins it anew', async () => {
    const script = { a: ['rate_limit', 'rate_limit', 'answer'] as const }
    const world = worldOf({ groups: { g: ['a', 'b'] }, script })
    expect(await world.send('g')).toBe('b')
    world.nowMs = 5_000
    expect(await world.send('g')).toBe('b')
    expect(world.asked).toEqual(['a', 'b', 'a', 'b'])
    world.nowMs = 9_999
    expect(await world.send('g')).toBe('b')
    world.nowMs = 10_000
    expect(await world.send('g')).toBe('a')
    expect(world.attempts.at(-1)?.why).toBe('probe')
    expect(await world.send('g')).toBe('a')
    expect(world.events.map(({ type }) => type)).toEqual(['cooled_down', 'recovered'])
  })

  test('where everybody is left alone the client hears the smallest wait', async () => {
    const world = worldOf({
      groups: { g: ['a', 'b'] },
      script: {
        a: [{ code: 'rate_limit', retryAfterMs: 60_000 }],
        b: [{ code: 'rate_limit', retryAfterMs: 7_000 }],
      },
    })
    expect(await world.send('g')).toBe('RateLimitError')
    expect(world.attempts.map(({ error }) => error?.retryAfterMs)).toEqual([60_000, 7_000])
    world.nowMs = 1_000
    expect(await world.send('g')).toBe('RateLimitError')
    expect(world.asked).toEqual(['a', 'b'])
  })

  test('whatever it failed with, the client hears the rest of the time', async () => {
    const heard: SwitchyardError[] = []
    const world = worldOf({
      groups: { g: ['a'] },
      script: { a: ['connection'] },
      options: { allowed_fails: 0, cooldown_time: 30, num_retries: 0 },
      onFailure: (error) => heard.push(error),
    })
    await world.send('g')
    world.nowMs = 12_500
    await world.send('g')
    world.nowMs = 30_000
    await world.send('g')
    expect(world.asked).toEqual(['a', 'a'])
    expect(heard.map(({ code, status, retryAfterMs }) => [code, status, retryAfterMs])).toEqual([
      ['connection', 500, 30_000],
      ['rate_limit', 429, 17_500],
      ['connection', 500, 30_000],
    ])
    expect(heard[1]?.message).toMatch(/^No deployments available for selected model, Try again in 18 seconds/)
  })

  test('a failure that leaves somebody to ask says nothing of waiting', async () => {
    const heard: SwitchyardError[] = []
    const world = worldOf({
      groups: { g: ['a', 'b'] },
      script: { a: ['connection'], b: ['connection'] },
      options: { num_retries: 0 },
      onFailure: (error) => heard.push(error),
    })
    await world.send('g')
    expect(heard.map(({ retryAfterMs }) => retryAfterMs)).toEqual([undefined])
  })

  test('wrong credentials of all look like those of one', async () => {
    const world = worldOf({
      groups: { g: ['a'] },
      script: { a: ['authentication'] },
      options: { num_retries: 0 },
    })
    expect(await world.send('g')).toBe('AuthenticationError')
    expect(await world.send('g')).toBe('BadGatewayError')
    expect(world.asked).toEqual(['a'])
  })
})
