import { expect, test } from 'vitest'
import { holdOf } from './hold.ts'

const hold = { wantedPicoUsd: 1_000n, floorPicoUsd: 40n, leastPicoUsd: 2n }

test.each<['reserve' | 'postpaid', bigint | undefined, bigint | undefined]>([
  ['reserve', undefined, 1_000n],
  ['reserve', 10_000n, 1_000n],
  ['reserve', 9_999n, 999n],
  ['reserve', 400n, 40n],
  ['reserve', 39n, 39n],
  ['reserve', 2n, 2n],
  ['reserve', 1n, undefined],
  ['reserve', -5n, undefined],
  ['postpaid', undefined, 1_000n],
  ['postpaid', 1n, 1_000n],
  ['postpaid', 0n, undefined],
  ['postpaid', -5n, undefined],
])('%s, with %s left: holds %s', (rule, left, held) => {
  expect(holdOf({ rule, hold }, left)).toBe(held)
})
