import { describe, expect, test } from 'vitest'
import { candidateOf, contextOf, randomFrom } from '../testing/candidates.ts'
import type { RoutedDeployment } from '../choose.ts'
import type { Measured } from '../state.ts'
import type { PickContext, StrategyArgs } from '../strategy.ts'
import { strategies } from './index.ts'

function pick(
  strategy: string,
  candidates: readonly RoutedDeployment[],
  more: Partial<PickContext> = {},
): string | undefined {
  return strategies.get(strategy)?.pick(candidates, contextOf(more))?.id
}

function measured(
  id: string,
  samples: readonly Measured[],
  more: Partial<RoutedDeployment> = {},
): RoutedDeployment {
  const candidate = candidateOf(id, more)
  for (const sample of samples) candidate.state.measure(sample, 0)
  return candidate
}

function busy(id: string, requests: number): RoutedDeployment {
  const candidate = candidateOf(id)
  for (let request = 0; request < requests; request++) candidate.state.begin(0)
  return candidate
}

describe('least-busy', () => {
  test.each<[string, readonly RoutedDeployment[], number, string]>([
    ['the idle one', [busy('a', 2), busy('b', 0), busy('c', 1)], 0.9, 'b'],
    ['one of the idle ones', [busy('a', 0), busy('b', 0)], 0.1, 'a'],
    ['the other of the idle ones', [busy('a', 0), busy('b', 0)], 0.9, 'b'],
  ])('picks %s', (_name, candidates, random, expected) => {
    expect(pick('least-busy', candidates, { random: () => random })).toBe(expected)
  })
})

describe('latency-based-routing', () => {
  const quick = measured('quick', [{ durationMs: 1_000, outputTokens: 100 }])
  const slow = measured('slow', [{ durationMs: 800, outputTokens: 10 }])
  const early = measured('early', [{ durationMs: 9_000, firstTokenMs: 10, outputTokens: 1 }])
  const late = measured('late', [{ durationMs: 10, firstTokenMs: 900, outputTokens: 1 }])
  const failing = candidateOf('failing')
  failing.state.fail(true, 0)
  const full = measured('full', [{ durationMs: 1, outputTokens: 1 }], { rpm: 0 })

  test.each<[string, readonly RoutedDeployment[], Partial<PickContext>, string | undefined]>([
    ['by what a token took', [slow, quick], {}, 'quick'],
    ['who was not asked yet', [quick, candidateOf('new')], {}, 'new'],
    ['by the first token, for streams', [late, early], { stream: true }, 'early'],
    ['by all tokens, for whole answers', [late, early], {}, 'late'],
    ['nobody who times out', [failing, slow], {}, 'slow'],
    ['nobody at its limit', [full, slow], {}, 'slow'],
    ['no one where all are', [full], {}, undefined],
    ['the quickest alone without a buffer', [slow, quick], { random: () => 0 }, 'quick'],
    [
      'as well who is within the buffer',
      [quick, slow],
      { args: { lowest_latency_buffer: 7 }, random: () => 0.9 },
      'slow',
    ],
    [
      'the one whose samples are too old',
      [quick, slow],
      { args: { ttl: 60 }, nowMs: 61_000, random: () => 0.9 },
      'quick',
    ],
  ])('picks %s', (_name, candidates, more, expected) => {
    expect(pick('latency-based-routing', candidates, more)).toBe(expected)
  })

  test('looks at the last samples only', () => {
    const improved = measured('improved', [
      ...Array.from({ length: 10 }, () => ({ durationMs: 9_000, outputTokens: 1 })),
      { durationMs: 1, outputTokens: 1 },
    ])
    expect(pick('latency-based-routing', [improved, slow], { args: { max_latency_list_size: 1 } })).toBe(
      'improved',
    )
    expect(pick('latency-based-routing', [improved, slow])).toBe('slow')
  })
})

describe.each(['usage-based-routing', 'usage-based-routing-v2'])('%s', (strategy) => {
  const used = (id: string, totalTokens: number, more: Partial<RoutedDeployment> = {}): RoutedDeployment =>
    measured(id, [{ totalTokens }], more)

  test.each<[string, readonly RoutedDeployment[], Partial<PickContext>, string | undefined]>([
    ['who used the fewest tokens', [used('a', 50), used('b', 10)], {}, 'b'],
    [
      'nobody without room for the request',
      [used('a', 50), used('b', 10, { tpm: 20 })],
      { inputTokens: () => 11 },
      'a',
    ],
    ['who has just enough', [used('a', 50), used('b', 10, { tpm: 20 })], { inputTokens: () => 10 }, 'b'],
    ['no one where all are at their limit', [used('a', 0, { rpm: 0 })], {}, undefined],
    ['anew each minute', [used('a', 50), used('b', 10)], { nowMs: 60_000, random: () => 0.1 }, 'a'],
  ])('picks %s', (_name, candidates, more, expected) => {
    expect(pick(strategy, candidates, more)).toBe(expected)
  })
})

describe('cost-based-routing', () => {
  const priced = (
    id: string,
    price: bigint | undefined,
    more: Partial<RoutedDeployment> = {},
  ): RoutedDeployment => candidateOf(id, { tokenPrice: () => price, ...more })

  test.each<[string, readonly RoutedDeployment[], string | undefined]>([
    ['the cheapest', [priced('a', 3n), priced('b', 2n)], 'b'],
    ['the first of equals', [priced('a', 2n), priced('b', 2n)], 'a'],
    ['a known price before an unknown one', [priced('a', undefined), priced('b', 9_000_000n)], 'b'],
    ['a free one', [priced('a', 1n), priced('b', 0n)], 'b'],
    ['nobody at its limit', [priced('a', 3n), priced('b', 2n, { rpm: 0 })], 'a'],
  ])('picks %s', (_name, candidates, expected) => {
    expect(pick('cost-based-routing', candidates)).toBe(expected)
  })
})

test.each<[string, StrategyArgs]>([
  ['least-busy', {}],
  ['usage-based-routing-v2', {}],
  ['latency-based-routing', {}],
  ['latency-based-routing', { lowest_latency_buffer: 0.5 }],
])('%s %j: of equals with room each is picked as often', (strategy, args) => {
  const isFull = (index: number): boolean => strategy !== 'least-busy' && index % 4 === 3
  const equals = Array.from({ length: 16 }, (_, index) =>
    measured(`d${index}`, [{ durationMs: 10, outputTokens: 1, totalTokens: 5 }], {
      rpm: isFull(index) ? 0 : 100,
    }),
  )
  const open = equals.filter((_, index) => !isFull(index))
  const random = randomFrom(5)
  const counts = new Map<string | undefined, number>()
  for (let draw = 0; draw < 12_000; draw++) {
    const id = pick(strategy, equals, { random, args })
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  expect([...counts.keys()].toSorted()).toEqual(open.map(({ id }) => id).toSorted())
  const fair = 12_000 / open.length
  for (const count of counts.values()) expect(Math.abs(count - fair)).toBeLessThan(fair / 5)
})
