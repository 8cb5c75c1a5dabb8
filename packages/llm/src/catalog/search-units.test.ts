import { expect, test } from 'vitest'
import { mostSearchUnits, searchUnits } from './search-units.ts'

test.each<[string, number, number[], number]>([
  ['a hundred documents are one', 10, Array.from({ length: 100 }, () => 50), 1],
  ['one more is another', 10, Array.from({ length: 101 }, () => 50), 2],
  ['long ones count as several', 10, [491, ...Array.from({ length: 98 }, () => 50)], 1],
  ['long ones make another', 10, [491, ...Array.from({ length: 99 }, () => 50)], 2],
  ['a long query leaves them half the room', 10_000, [25_000], 1],
  ['empty ones count, too', 0, [0], 1],
])('%s', (_name, query, documents, units) => {
  expect(searchUnits(query, documents)).toBe(units)
  const tokens = documents.reduce((sum, length) => sum + length, 0)
  expect(mostSearchUnits(documents.length, tokens)).toBeGreaterThanOrEqual(units)
})
