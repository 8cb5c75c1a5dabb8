import { expect, it } from 'vitest'
import { sameData } from './same-data.ts'

it.each([
  [1, 1],
  [Number.NaN, Number.NaN],
  [null, null],
  [
    { a: 1, b: [{ c: null }] },
    { b: [{ c: null }], a: 1 },
  ],
])('%j says the same as %j', (left, right) => {
  expect(sameData(left, right)).toBe(true)
})

it.each([
  [1, '1'],
  [null, {}],
  [[], {}],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: undefined }, { b: undefined }],
  [
    [1, 2],
    [2, 1],
  ],
  [JSON.parse('{"__proto__": 1}'), { a: 1 }],
])('%j says something else than %j', (left, right) => {
  expect(sameData(left, right)).toBe(false)
})
