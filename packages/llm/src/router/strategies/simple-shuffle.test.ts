import { describe, expect, test } from 'vitest'
import { candidateOf, contextOf } from '../testing/candidates.ts'
import { simpleShuffle } from './simple-shuffle.ts'

describe('simple-shuffle', () => {
  test.each<[string, object[], number, string | undefined]>([
    ['nobody', [], 0.5, undefined],
    ['the only one', [{}], 0.99, 'a'],
    ['evenly, first half', [{}, {}], 0.49, 'a'],
    ['evenly, second half', [{}, {}], 0.5, 'b'],
    ['by weight', [{ weight: 9 }, { weight: 1 }], 0.89, 'a'],
    ['by weight, the rest', [{ weight: 9 }, { weight: 1 }], 0.91, 'b'],
    ['one without a weight among weighted ones never', [{ weight: 1 }, {}], 0.999, 'a'],
    ['by rpm where the first has no weight', [{ rpm: 10 }, { rpm: 30 }], 0.3, 'b'],
    ['by tpm where the first has neither', [{ tpm: 10 }, { tpm: 30 }], 0.2, 'a'],
    ['evenly when all weigh nothing', [{ weight: 0 }, { weight: 0 }], 0.7, 'b'],
  ])('picks %s', (_name, given, random, expected) => {
    const candidates = given.map((more, index) => candidateOf('abc'[index] ?? '', more))
    expect(simpleShuffle.pick(candidates, contextOf({ random: () => random }))?.id).toBe(expected)
  })
})
