import { describe, expect, it } from 'vitest'
import { Columns } from './columns.ts'

describe('Columns', () => {
  it.each<
    [name: string, value: unknown, read: (columns: Columns) => unknown, found: unknown, problems: number]
  >([
    ['a text', 'a', (columns) => columns.text('x'), 'a', 0],
    ['an empty text', '', (columns) => columns.text('x'), undefined, 0],
    ['a number for a text', 1, (columns) => columns.text('x'), undefined, 1],
    ['an amount', 1e-7, (columns) => columns.usd('x'), 1e-7, 0],
    ['a debt', -1, (columns) => columns.usd('x'), undefined, 1],
    ['half a request', 0.5, (columns) => columns.count('x'), undefined, 1],
    ['a duration', '30d', (columns) => columns.duration('x'), '30d', 0],
    ['another duration', '30 days', (columns) => columns.duration('x'), undefined, 1],
    ['no', false, (columns) => columns.flag('x'), false, 0],
    [
      'a time',
      '2026-11-27T10:00:00.5',
      (columns) => columns.timeMs('x'),
      Date.UTC(2026, 10, 27, 10, 0, 0, 500),
      0,
    ],
    [
      'a time with its zone',
      '2026-11-27T10:00:00+02:00',
      (columns) => columns.timeMs('x'),
      Date.UTC(2026, 10, 27, 8),
      0,
    ],
    ['another time', 'soon', (columns) => columns.timeMs('x'), undefined, 1],
    ['texts', ['a'], (columns) => columns.texts('x'), ['a'], 0],
    ['texts in a text', '["a"]', (columns) => columns.texts('x'), ['a'], 0],
    ['no texts', [], (columns) => columns.texts('x'), undefined, 0],
    ['mixed texts', ['a', 1], (columns) => columns.texts('x'), undefined, 1],
    ['an object', { a: 1 }, (columns) => columns.map('x'), { a: 1 }, 0],
    ['an object in a text', '{"a":1}', (columns) => columns.map('x'), { a: 1 }, 0],
    ['no object', '{}', (columns) => columns.map('x'), undefined, 0],
    ['names', { a: 'b' }, (columns) => columns.names('x'), { a: 'b' }, 0],
    ['mixed names', { a: 1 }, (columns) => columns.names('x'), undefined, 1],
  ])('%s: %j', (_, value, read, found, problems) => {
    const columns = new Columns({ x: value })
    expect(read(columns)).toEqual(found)
    expect(columns.problems).toHaveLength(problems)
    expect(columns.unread).toEqual([])
  })

  it('tells what says something and was not read', () => {
    const columns = new Columns({
      a: 'read',
      b: 'new',
      c: null,
      d: {},
      e: [],
      f: '{}',
      g: false,
      h: 0,
      i: true,
    })
    columns.text('a')
    expect(columns.unread).toEqual(['b', 'i'])
  })

  it('is as content with a column that is missing', () => {
    const columns = new Columns({})
    expect([columns.text('a'), columns.usd('b'), columns.map('c'), columns.problems]).toEqual([
      undefined,
      undefined,
      undefined,
      [],
    ])
  })
})
