import { expect, it } from 'vitest'
import { storable } from './storable.ts'

it.each([
  ['a', 'a'],
  ['a\0b\0', 'a\uFFFDb\uFFFD'],
  [
    ['\0', ['\0'], 1],
    ['\uFFFD', ['\uFFFD'], 1],
  ],
  [5n, 5n],
  [null, null],
])('stores %o', (parameter: unknown, stored) => {
  expect(storable(parameter)).toEqual(stored)
})
