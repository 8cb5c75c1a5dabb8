import { describe, expect, test } from 'vitest'
import { createError } from '../errors.ts'
import { candidateOf } from './testing/candidates.ts'
import { CHOICE, worldOf } from './testing/run.ts'
import type { Script, WorldInput } from './testing/run.ts'
import { DEFAULT_RULES } from './read-rules.ts'
import { route } from './run.ts'

type Options = NonNullable<WorldInput['options']>

describe('retries', () => {
  test.each<[string, Script, Options, string[], string]>([
    ['nobody else for one that answers', {}, {}, ['a'], 'a'],
    ['a sibling at once', { a: ['internal'] }, {}, ['a', 'b'], 'b'],
    [
      'all of them before anyone again',
      { a: ['timeout', 'answer'], b: ['timeout'] },
      {},
      ['a', 'b', 'a later'],
      'a',
    ],
    ['as often as is said', { a: ['timeout'], b: ['timeout'] }, { num_retries: 1 }, ['a', 'b'], 'Timeout'],
    ['nobody again with 0', { a: ['timeout'] }, { num_retries: 0 }, ['a'], 'Timeout'],
    ['nobody for what is wrong with the request', { a: ['bad_request'] }, {}, ['a'], 'BadRequestError'],
    [
      'even then where the policy says so',
      { a: ['bad_request'], b: ['bad_request'] },
      { retry_policy: { BadRequestErrorRetries: 1 } },
      ['a', 'b'],
      'BadRequestError',
    ],
    [
      'by class, in the bare spelling',
      { a: ['timeout'], b: ['timeout'] },
      { retry_policy: { Timeout: 0 }, num_retries: 5 },
      ['a'],
      'Timeout',
    ],
    [
      'by class and group first',
      { a: ['internal'], b: ['internal'] },
      {
        retry_policy: { InternalServerErrorRetries: 5 },
        model_group_retry_policy: { g: { InternalServerError: 0 } },
      },
      ['a'],
      'InternalServerError',
    ],
    [
      'a class that has no entry by its family',
      { a: ['overloaded'], b: ['overloaded'] },
      { retry_policy: { InternalServerErrorRetries: 0 } },
      ['a'],
      'OverloadedError',
    ],
    [
      'not one with wrong credentials',
      { a: ['authentication'], b: ['authentication'] },
      { num_retries: 5 },
      ['a', 'b'],
      'AuthenticationError',
    ],
    ['nobody after a bug', { a: ['bug'] }, {}, ['a'], 'TypeError'],
    [
      'every sibling for what may be kept by any',
      { a: [{ code: 'bad_request', reason: 'response_state_unavailable' }] },
      { num_retries: 0 },
      ['a', 'b'],
      'b',
    ],
  ])('ask %s', async (_name, script, options, asked, outcome) => {
    const world = worldOf({ groups: { g: ['a', 'b'] }, script, options })
    expect(await world.send('g')).toBe(outcome)
    expect(world.asked).toEqual(asked)
    for (const { state } of world.groups.get('g') ?? []) expect(state.inFlight).toBe(0)
  })

  test('wait as long as the provider says, and as the settings say at least', async () => {
    const world = worldOf({
      groups: { g: ['a'] },
      script: { a: [{ code: 'rate_limit', retryAfterMs: 3_000 }, 'timeout', 'answer'] },
      options: { retry_after: 2 },
    })
    expect(await world.send('g')).toBe('a')
    expect(world.nowMs).toBe(5_000)
  })

  test('never wait past the end of the request', async () => {
    const world = worldOf({
      groups: { g: ['a'] },
      script: { a: [{ code: 'rate_limit', retryAfterMs: 3_000 }] },
      leftMs: 2_000,
    })
    expect(await world.send('g')).toBe('RateLimitError')
    expect(world.nowMs).toBe(0)
  })

  test('of an outage stay within a fifth of all requests', async () => {
    const world = worldOf({
      groups: { g: ['a', 'b', 'c'] },
      script: { a: ['internal'], b: ['internal'], c: ['internal'] },
      options: { num_retries: 2, disable_cooldowns: true },
    })
    for (let request = 0; request < 1_000; request++) await world.send('g')
    // Beside the fifth: what may be retried at once, one a second, and each that had not failed yet.
    const more = 10 + world.nowMs / 1_000 + 3
    expect(world.asked.length).toBeLessThanOrEqual(1_000 * 1.2 + more)
    expect(world.asked.length).toBeGreaterThan(1_100)
  })

  test('are not held back where a sibling answers', async () => {
    const script = { a: ['internal', 'answer'].flatMap((step) => Array(300).fill(step)) as 'internal'[] }
    const world = worldOf({ groups: { g: ['a', 'b'] }, script, options: { disable_cooldowns: true } })
    for (let request = 0; request < 300; request++) expect(await world.send('g')).toBe('b')
  })
})

describe('an answer that is paid for and cannot be read', () => {
  const groups = { g: ['a', 'b'], h: ['c'] }
  const script = { a: ['invalid_response'], b: ['invalid_response'] } as const

  test.each<[string, Options, string[], string]>([
    ['ends the search', {}, ['a'], 'APIResponseValidationError'],
    ['does not with retry_billed', { retry_billed: true }, ['a', 'b', 'c'], 'c'],
    [
      'is followed by siblings where a policy counts it',
      { retry_policy: { APIResponseValidationErrorRetries: 1 } },
      ['a', 'b'],
      'APIResponseValidationError',
    ],
  ])('%s', async (_name, options, asked, outcome) => {
    const fallbacks = [{ g: ['h'] }]
    const isBilled = (): boolean => true
    const world = worldOf({ groups, script, options: { num_retries: 1, fallbacks, ...options }, isBilled })
    expect(await world.send('g')).toBe(outcome)
    expect(world.asked).toEqual(asked)
  })

  test('one that is not paid for is followed by others', async () => {
    const world = worldOf({ groups, script, options: { num_retries: 0, fallbacks: [{ g: ['h'] }] } })
    expect(await world.send('g')).toBe('c')
  })
})

describe('orders', () => {
  const levels = (): WorldInput['groups'] => ({
    g: [candidateOf('a', { order: 1 }), candidateOf('b', { order: 2 }), candidateOf('c', { order: 3 })],
    other: ['x'],
  })

  test.each<[string, Options, string[], string]>([
    ['go up with each retry', { num_retries: 2 }, ['a', 'b', 'c'], 'c'],
    ['end where retries do', { num_retries: 1 }, ['a', 'b'], 'InternalServerError'],
    [
      'are walked before another group is asked',
      { num_retries: 0, fallbacks: [{ g: ['other'] }] },
      ['a', 'b', 'c'],
      'c',
    ],
    [
      'are walked with weighted failover',
      { num_retries: 0, enable_weighted_failover: true },
      ['a', 'b', 'c'],
      'c',
    ],
  ])('%s', async (_name, options, asked, outcome) => {
    const world = worldOf({ groups: levels(), script: { a: ['internal'], b: ['internal'] }, options })
    expect(await world.send('g')).toBe(outcome)
    expect(world.asked).toEqual(asked)
  })
})

describe('fallbacks', () => {
  const groups = { g: ['a'], h: ['b'], i: ['c'], j: ['d'] }
  const none = { num_retries: 0 }

  test.each<[string, Script, Options, object, string[], string]>([
    ['stand in', { a: ['internal'] }, { fallbacks: [{ g: ['h', 'i'] }] }, {}, ['a', 'b'], 'b'],
    [
      'come in their order',
      { a: ['internal'], b: ['internal'] },
      { fallbacks: [{ g: ['h', 'i'] }] },
      {},
      ['a', 'b', 'c'],
      'c',
    ],
    [
      'have fallbacks of their own',
      { a: ['internal'], b: ['internal'] },
      { fallbacks: [{ g: ['h'] }, { h: ['i'] }] },
      {},
      ['a', 'b', 'c'],
      'c',
    ],
    ['of every group', { a: ['internal'] }, { default_fallbacks: ['h'] }, {}, ['a', 'b'], 'b'],
    [
      'of the group win over those of every group',
      { a: ['internal'] },
      { fallbacks: { g: 'i' }, default_fallbacks: ['h'] },
      {},
      ['a', 'c'],
      'c',
    ],
    [
      'are not for mistakes of the client',
      { a: ['bad_request'] },
      { fallbacks: [{ g: ['h'] }] },
      {},
      ['a'],
      'BadRequestError',
    ],
    [
      'that the client names are for any failure',
      { a: ['bad_request'] },
      {},
      { fallbacks: [{ model: 'h' }] },
      ['a', 'b'],
      'b',
    ],
    [
      'that the client names replace all others',
      { a: ['internal'] },
      { fallbacks: [{ g: ['h'] }] },
      { fallbacks: [{ model: 'i' }] },
      ['a', 'c'],
      'c',
    ],
    [
      'can be turned off',
      { a: ['internal'] },
      { fallbacks: [{ g: ['h'] }] },
      { disableFallbacks: true },
      ['a'],
      'InternalServerError',
    ],
    [
      'for what is too long',
      { a: ['context_window_exceeded'] },
      { context_window_fallbacks: [{ g: ['i'] }], fallbacks: [{ g: ['h'] }] },
      {},
      ['a', 'c'],
      'c',
    ],
    [
      'for what is too long alone, where there are such',
      { a: ['context_window_exceeded'] },
      { context_window_fallbacks: [{ x: ['i'] }], fallbacks: [{ g: ['h'] }] },
      {},
      ['a'],
      'ContextWindowExceededError',
    ],
    [
      'for what is too long by the general ones else',
      { a: ['context_window_exceeded'] },
      { fallbacks: [{ g: ['h'] }] },
      {},
      ['a', 'b'],
      'b',
    ],
    [
      'for what was not answered',
      { a: ['content_policy_violation'] },
      { content_policy_fallbacks: [{ g: ['i'] }], fallbacks: [{ g: ['h'] }] },
      {},
      ['a', 'c'],
      'c',
    ],
    [
      'end in a circle',
      { a: ['internal'], b: ['internal'] },
      { fallbacks: [{ g: ['h'] }, { h: ['g'] }] },
      {},
      ['a', 'b'],
      'InternalServerError',
    ],
    [
      'end at their depth',
      { a: ['internal'], b: ['internal'] },
      { max_fallbacks: 1, fallbacks: [{ g: ['h'] }, { h: ['i'] }] },
      {},
      ['a', 'b'],
      'InternalServerError',
    ],
    [
      'are skipped where they may not be asked',
      { a: ['internal'] },
      { fallbacks: [{ g: ['nobody', 'i'] }] },
      {},
      ['a', 'c'],
      'c',
    ],
    [
      'end with the first failure',
      { a: ['timeout'], b: ['internal'] },
      { fallbacks: [{ g: ['h'] }] },
      {},
      ['a', 'b'],
      'Timeout',
    ],
    ['can be tried', {}, { fallbacks: [{ g: ['h'] }] }, { mock: 'fallbacks' }, ['b'], 'b'],
    [
      'for what is too long can be tried',
      {},
      { context_window_fallbacks: [{ g: ['h'] }] },
      { mock: 'context_fallbacks' },
      ['b'],
      'b',
    ],
    [
      'for what was not answered can be tried',
      {},
      { content_policy_fallbacks: [{ g: ['i'] }] },
      { mock: 'content_policy_fallbacks' },
      ['c'],
      'c',
    ],
    ['of a rate limit can be tried', {}, {}, { mock: 'rate_limit' }, [], 'RateLimitError'],
    ['of a timeout can be tried', {}, { default_fallbacks: ['j'] }, { mock: 'timeout' }, ['d'], 'd'],
  ])('%s', async (_name, script, options, more, asked, outcome) => {
    const world = worldOf({ groups, script, options: { ...none, ...options } })
    expect(await world.send('g', more)).toBe(outcome)
    expect(world.asked).toEqual(asked)
  })

  test('that failed, too, are named in the failure', async () => {
    const world = worldOf({ groups, options: none })
    const io = {
      ask: (): never => {
        throw createError({ code: 'internal', message: 'down', provider: 'example' })
      },
      enter: () => ({ candidates: [candidateOf('x')] }),
      sleep: () => Promise.resolve(),
      leftMs: () => 1,
      isOver: () => false,
    }
    const asking = route(
      world.engine,
      {
        model: 'g',
        candidates: [candidateOf('a')],
        choice: CHOICE,
        rules: { ...DEFAULT_RULES, retries: { numRetries: 0, retryBilled: false, minWaitMs: 0 } },
        fallbacks: [{ model: 'h' }],
      },
      io,
    )
    await expect(asking).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('Available Model Group Fallbacks=["h"]'),
    })
  })
})

test('attempts say which group was asked, why, and how it failed', async () => {
  const world = worldOf({
    groups: { g: ['a', 'b'], h: ['c'] },
    script: { a: ['timeout'], b: ['timeout'] },
    options: { num_retries: 2, fallbacks: [{ g: ['h'] }] },
  })
  expect(await world.send('g')).toBe('c')
  expect(
    world.attempts.map(({ deployment, group, why, error }) => [deployment.id, group, why, error?.code]),
  ).toEqual([
    ['a', 'g', 'picked', 'timeout'],
    ['b', 'g', 'failover', 'timeout'],
    ['a', 'g', 'retry', 'timeout'],
    ['c', 'h', 'fallback', undefined],
  ])
})
