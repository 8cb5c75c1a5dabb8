import { describe, expect, test } from 'vitest'
import {
  Command,
  gotoList,
  isCommand,
  isInterrupted,
  isSend,
  Overwrite,
  overwriteOf,
  Send,
  updateEntries,
} from './control.ts'

describe('Command', () => {
  test.each<[string, unknown, readonly unknown[]]>([
    ['nothing', undefined, []],
    ['a name', 'a', ['a']],
    ['names', ['a', 'b'], ['a', 'b']],
    ['a Send', new Send('a', 1), [new Send('a', 1)]],
    ['an object in the shape of a Send', { node: 'a', args: 1 }, [new Send('a', 1)]],
  ])('goes to %s', (_name, goto, targets) => {
    const command = new Command({ goto: goto as string })
    expect(gotoList(command)).toEqual(targets)
  })

  test.each<[string, unknown, unknown]>([
    [
      'an object',
      { a: 1, b: 2 },
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
    [
      'pairs',
      [
        ['a', 1],
        ['a', 2],
      ],
      [
        ['a', 1],
        ['a', 2],
      ],
    ],
    ['a value', 7, [['__root__', 7]]],
    ['a list that is no pairs', [1, 2], [['__root__', [1, 2]]]],
  ])('updates with %s', (_name, update, entries) => {
    expect(updateEntries(new Command({ update }))).toEqual(entries)
  })

  test('is known by its name after JSON', () => {
    const read = JSON.parse(
      JSON.stringify(new Command({ goto: new Send('a', { x: 1 }), resume: 0 })),
    ) as Command
    expect(isCommand(read)).toBe(true)
    const again = new Command(read)
    expect(again.resume).toBe(0)
    expect(gotoList(again)).toEqual([new Send('a', { x: 1 })])
  })
})

test.each<[unknown, unknown]>([
  [new Overwrite(1), { value: 1 }],
  [{ __overwrite__: undefined }, { value: undefined }],
  [{ type: '__overwrite__', value: 2 }, { value: 2 }],
  [{ value: 2 }, undefined],
  [null, undefined],
  ['__overwrite__', undefined],
])('what %j overwrites with', (value, expected) => {
  expect(overwriteOf(value)).toEqual(expected)
})

test('a Send is one by class or by name; a number of milliseconds limits its run', () => {
  expect(isSend(new Send('a', 1))).toBe(true)
  expect(isSend(JSON.parse(JSON.stringify(new Send('a', 1))))).toBe(true)
  expect(isSend({ node: 'a', args: 1 })).toBe(false)
  expect(new Send('a', 1, { timeout: 5 }).timeout).toEqual({ runTimeout: 5 })
})

test.each<[unknown, boolean]>([
  [{ __interrupt__: [] }, true],
  [{ __interrupt__: 'no' }, false],
  [{}, false],
  [null, false],
])('whether %j is a pause: %s', (values, expected) => {
  expect(isInterrupted(values)).toBe(expected)
})
