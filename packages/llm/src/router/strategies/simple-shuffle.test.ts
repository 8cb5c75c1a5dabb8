import { describe, expect, test } from 'vitest'
import { lowestOrder } from '../strategy.ts'
import { simpleShuffle } from './simple-shuffle.ts'

const one = { id: 'one' }
const two = { id: 'two' }

describe('simple-shuffle', () => {
  test.each([
    ['nobody', [], 0.5, undefined],
    ['the only one', [one], 0.99, 'one'],
    ['evenly, first half', [one, two], 0.49, 'one'],
    ['evenly, second half', [one, two], 0.5, 'two'],
    [
      'by weight',
      [
        { ...one, weight: 9 },
        { ...two, weight: 1 },
      ],
      0.89,
      'one',
    ],
    [
      'by weight, the rest',
      [
        { ...one, weight: 9 },
        { ...two, weight: 1 },
      ],
      0.91,
      'two',
    ],
    ['one without a weight among weighted ones never', [{ ...one, weight: 1 }, two], 0.999, 'one'],
    [
      'by rpm where the first has no weight',
      [
        { ...one, rpm: 10 },
        { ...two, rpm: 30 },
      ],
      0.3,
      'two',
    ],
    [
      'by tpm where the first has neither',
      [
        { ...one, tpm: 10 },
        { ...two, tpm: 30 },
      ],
      0.2,
      'one',
    ],
    [
      'evenly when all weigh nothing',
      [
        { ...one, weight: 0 },
        { ...two, weight: 0 },
      ],
      0.7,
      'two',
    ],
  ])('picks %s', (_name, candidates, random, expected) => {
    expect(simpleShuffle.pick(candidates, random)?.id).toBe(expected)
  })
})

test('only the lowest order present counts', () => {
  expect(
    lowestOrder([{ id: 'a', order: 2 }, { id: 'b', order: 1 }, { id: 'c' }]).map(({ id }) => id),
  ).toEqual(['b'])
  expect(lowestOrder([one, two])).toEqual([one, two])
})
