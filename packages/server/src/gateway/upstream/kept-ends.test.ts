import { describe, expect, test } from 'vitest'
import { wire } from '../testing/streams.ts'
import { KeptEnds } from './kept-ends.ts'

const boundary = Buffer.from('\n\n')
const event = (index: number, size = 0): string =>
  `data: ${JSON.stringify({ index, choices: [{ delta: { content: 'x'.repeat(size) } }] })}`

function kept(pieces: readonly (readonly string[])[]): KeptEnds {
  const ends = new KeptEnds()
  for (const piece of pieces) ends.add(wire(piece))
  return ends
}

const indexes = (bodies: Iterable<unknown>): unknown[] =>
  [...bodies].map((body) => (body as { index: number }).index)

describe('the ends of a stream', () => {
  const events = Array.from({ length: 10 }, (_, index) => event(index))
  test.each<[string, string[][]]>([
    ['an event a piece', events.map((one) => [one])],
    ['one piece', [events]],
    ['pieces of three', [events.slice(0, 3), events.slice(3, 6), events.slice(6, 9), events.slice(9)]],
  ])('are the same in %s', (_name, pieces) => {
    expect(indexes(kept(pieces).ends(boundary, false))).toEqual([7, 8, 9])
    expect(indexes(kept(pieces).ends(boundary, true))).toEqual([0, 7, 8, 9])
    expect(indexes(kept(pieces).all(boundary))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('what is no JSON is left out', () => {
    expect([...kept([['data: [DONE]', ': comment', 'data: {']]).all(boundary)]).toEqual([])
  })

  test('nothing is nothing', () => {
    expect([...kept([]).ends(boundary, true)]).toEqual([])
    expect(kept([]).text(boundary)).toBe('')
    expect(kept([]).endsWith('[DONE]')).toBe(false)
  })
})

test.each<[boolean, string[]]>([
  [true, ['data: [DONE]']],
  [true, ['data: [DONE]', '']],
  [false, ['data: [DONE]', event(1)]],
  [false, ['data: {"text":"[DONE] is not the end of this"}']],
])('ends with the word: %s after %j', (expected, piece) => {
  expect(kept([piece]).endsWith('[DONE]')).toBe(expected)
})

describe('of a long stream', () => {
  const long = Array.from({ length: 2_000 }, (_, index) => [event(index, 100)])

  test('the middle is forgotten, the ends are not', () => {
    const all = indexes(kept(long).all(boundary))
    expect(all.length).toBeLessThan(600)
    expect(all.slice(0, 3)).toEqual([0, 1, 2])
    expect(all.slice(-3)).toEqual([1_997, 1_998, 1_999])
  })

  test('the length of its text is known all the same', () => {
    const { length } = kept(long).text(boundary)
    expect(length).toBeGreaterThan(200_000 * 0.95)
    expect(length).toBeLessThan(200_000 * 1.05)
  })

  test('of a short one it is exact', () => {
    expect(kept(long.slice(0, 20)).text(boundary)).toBe('x'.repeat(2_000))
  })
})
