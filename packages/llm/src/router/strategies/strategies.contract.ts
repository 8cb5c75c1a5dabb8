import { describe, expect, test } from 'vitest'
import { candidateOf, contextOf, randomFrom } from '../testing/candidates.ts'
import type { RoutedDeployment } from '../choose.ts'
import type { Strategy } from '../strategy.ts'

/** What holds for every strategy, whatever it looks at. */
export function strategyContract(strategy: Strategy): void {
  describe(`${strategy.id}, as any strategy,`, () => {
    test('finds nobody among nobody', () => {
      expect(strategy.pick([], contextOf())).toBeUndefined()
    })

    test('finds the only one', () => {
      expect(strategy.pick([candidateOf('a')], contextOf())?.id).toBe('a')
    })

    test('finds one of those that it is given, and changes nothing', () => {
      const random = randomFrom(7)
      const candidates = many(random)
      const before = JSON.stringify(candidates.map(describeState))
      for (let draw = 0; draw < 200; draw++) {
        const picked = strategy.pick(candidates, contextOf({ random, nowMs: 1_000 }))
        expect(candidates).toContain(picked)
      }
      expect(JSON.stringify(candidates.map(describeState))).toBe(before)
    })

    test('finds the same again for the same draw', () => {
      const candidates = many(randomFrom(3))
      const pick = (): string | undefined =>
        strategy.pick(candidates, contextOf({ random: randomFrom(11), nowMs: 1_000 }))?.id
      expect(pick()).toBe(pick())
    })

    test('does not count for a request what it does not need', () => {
      const inputTokens = (): number => {
        throw new Error('nobody has a limit of tokens')
      }
      const candidates = [candidateOf('a', { rpm: 5 }), candidateOf('b', { rpm: 5 })]
      expect(candidates).toContain(strategy.pick(candidates, contextOf({ inputTokens })))
    })
  })
}

function many(random: () => number): RoutedDeployment[] {
  return Array.from({ length: 20 }, (_, index) => {
    const candidate = candidateOf(`d${index}`, {
      weight: 1 + Math.floor(random() * 5),
      rpm: 1_000,
      tpm: 1_000_000,
    })
    for (let call = 0; call < 3; call++) {
      candidate.state.begin(0)
      candidate.state.succeed(0)
      candidate.state.measure({ durationMs: random() * 1_000, outputTokens: 10, totalTokens: 20 }, 0)
      if (random() < 0.5) candidate.state.end()
    }
    return candidate
  })
}

function describeState({ id, state }: RoutedDeployment): unknown {
  return [id, state.inFlight, state.requests(1_000), state.tokens(1_000), state.failuresInRow]
}
