import { describe, expect, test } from 'vitest'
import { isSwitchyardError } from '../errors.ts'
import type { RouterOptions } from './options.ts'
import { readRequestFallbacks, readRules } from './read-rules.ts'
import { choiceRulesOf } from './rules.ts'
import { fallbackCircles, selfFallbacks } from './fallback.ts'

describe('fallbacks', () => {
  test.each<[string, RouterOptions, [string, unknown[]][]]>([
    [
      'as a list of maps',
      { fallbacks: [{ a: ['b', 'c'] }, { d: ['e'] }] },
      [
        ['a', ['b', 'c']],
        ['d', ['e']],
      ],
    ],
    ['as one map', { fallbacks: { a: ['b'] } }, [['a', ['b']]]],
    ['as a single name', { fallbacks: { a: 'b' } }, [['a', ['b']]]],
    ['for every group', { default_fallbacks: ['b'] }, [['*', ['b']]]],
    [
      'with other fields',
      { fallbacks: { a: [{ model: 'b', temperature: 0 }] } },
      [['a', [{ model: 'b', params: { temperature: 0 } }]]],
    ],
  ])('%s', (_name, options, expected) => {
    const { general } = readRules(options).fallbacks
    expect(
      [...general].map(([group, targets]) => [
        group,
        targets.map((one) => (one.params === undefined ? one.model : one)),
      ]),
    ).toEqual(expected)
  })

  test('over others keep what they do not say', () => {
    const base = readRules({ fallbacks: [{ a: ['b'] }], default_fallbacks: ['x'], num_retries: 4 })
    const { general } = readRules({ default_fallbacks: ['y'] }, base).fallbacks
    expect([...general.keys()]).toEqual(['a', '*'])
    expect(general.get('*')).toEqual([{ model: 'y' }])
    expect(readRules({ fallbacks: [{ c: ['d'] }] }, base).fallbacks.general.get('*')).toEqual([
      { model: 'x' },
    ])
    expect(readRules({}, base).retries.numRetries).toBe(4)
  })

  test.each<[string, unknown, unknown]>([
    ['names', ['b', 'c'], [{ model: 'b' }, { model: 'c' }]],
    ['objects', [{ model: 'b', max_tokens: 5 }], [{ model: 'b', params: { max_tokens: 5 } }]],
    ['maps by group', [{ a: ['b'] }, { other: ['c'] }], [{ model: 'b' }]],
    ['nothing', null, undefined],
  ])('of a request as %s', (_name, written, expected) => {
    expect(readRequestFallbacks(written, 'a')).toEqual(expected)
  })

  test('that lead back are found', () => {
    const { general } = readRules({ fallbacks: [{ a: ['b'] }, { b: ['c', 'a'] }, { d: ['d'] }] }).fallbacks
    expect(fallbackCircles(general)).toEqual([
      ['a', 'b', 'a'],
      ['d', 'd'],
    ])
    expect(selfFallbacks(general)).toEqual(['d'])
  })
})

test('groups have strategies of their own', () => {
  const rules = readRules({
    routing_strategy: 'least-busy',
    routing_groups: [
      {
        group_name: 'quick',
        models: ['a'],
        routing_strategy: 'latency-based-routing',
        routing_strategy_args: { ttl: 9 },
      },
    ],
  })
  expect(choiceRulesOf(rules, 'a')).toMatchObject({
    strategy: { id: 'latency-based-routing' },
    strategyArgs: { ttl: 9 },
  })
  expect(choiceRulesOf(rules, 'b').strategy.id).toBe('least-busy')
})

test('a strategy of one’s own is found by its name', () => {
  const mine = { id: 'mine', pick: () => undefined }
  const rules = readRules(
    { routing_strategy: './mine.ts:mine' },
    undefined,
    new Map([['./mine.ts:mine', mine]]),
  )
  expect(rules.choice.strategy).toBe(mine)
})

test.each<[string, unknown, string]>([
  ['a strategy that nobody knows', { routing_strategy: 'fastest' }, 'routing_strategy'],
  ['half a retry', { num_retries: 0.5 }, 'num_retries'],
  ['a class that there is not', { retry_policy: { SlowError: 1 } }, 'retry_policy.SlowError'],
  [
    'a model in two groups',
    { routing_groups: [{ group_name: 'x', models: ['a', 'a'], routing_strategy: 'least-busy' }] },
    'routing_groups[0].models',
  ],
  ['a fallback without a name', { fallbacks: [{ a: [{ temperature: 1 }] }] }, 'fallbacks[0].a[0]'],
  ['a negative time', { cooldown_time: -1 }, 'cooldown_time'],
])('%s is refused by name', (_name, options, param) => {
  try {
    readRules(options as RouterOptions)
    expect.unreachable()
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    expect(error).toMatchObject({ code: 'bad_request', reason: 'invalid_router_setting', param })
  }
})
