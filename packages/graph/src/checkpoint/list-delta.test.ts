import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChannelChange } from './checkpointer.ts'
import { listDelta } from './list-delta.ts'

const keepOf = (change: ChannelChange): number | undefined =>
  change.type === 'list' ? change.keep : undefined

describe('list delta', () => {
  const [a, b, c] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]

  it.each<[name: string, before: unknown[] | undefined, after: unknown[], written: unknown[], keep: number]>([
    ['a first list', undefined, [a], [a], 0],
    ['an append', [a, b], [a, b, c], [[c]], 2],
    ['an append to nothing', [], [a], [[a]], 0],
    ['nothing new', [a, b], [a, b], [], 2],
    ['a removal in the middle', [a, b, c], [a, c], [], 1],
    ['a removal at the end', [a, b, c], [a, b], [], 2],
    ['a replacement', [a, b, c], [a, { id: 'b' }, c], [], 1],
    ['an item that was changed in place and returned', [a, b, c], [a, b, c], [[b]], 1],
    ['the same, written alone', [a, b, c], [a, b, c], [b], 1],
    ['equal primitives that were written', [1, 2], [1, 2, 2], [[2]], 2],
    ['values that equal only themselves', [Number.NaN, -0], [Number.NaN, 0], [], 1],
  ])('%s', (_name, before, after, written, keep) => {
    const delta = listDelta(before === undefined ? {} : { list: before })
    expect(delta.change('list', after, written)).toEqual({
      type: 'list',
      channel: 'list',
      value: after,
      keep,
    })
  })

  it('sees through reducers that change their list in place', () => {
    const list = [a, b]
    const delta = listDelta({ list })
    list.push(c)
    expect(keepOf(delta.change('list', list))).toBe(2)
    list.reverse()
    expect(keepOf(delta.change('list', list))).toBe(0)
  })

  it('starts over after a value that is no list, and after a channel was cleared', () => {
    const delta = listDelta({ list: [a] })
    expect(delta.change('list', 'text')).toEqual({ type: 'value', channel: 'list', value: 'text' })
    expect(keepOf(delta.change('list', [a]))).toBe(0)
    expect(delta.cleared('list')).toEqual({ type: 'cleared', channel: 'list' })
    expect(keepOf(delta.change('list', [a]))).toBe(0)
  })

  it('for any sequence of lists, the kept items and the rest make the list', () => {
    const item = fc.constantFrom<unknown>(a, b, c, 1, 'x', null)
    fc.assert(
      fc.property(fc.array(fc.array(item, { maxLength: 6 }), { maxLength: 8 }), (lists) => {
        const delta = listDelta()
        let stored: unknown[] = []
        for (const list of lists) {
          const change = delta.change('list', list)
          stored = [...stored.slice(0, keepOf(change)), ...list.slice(keepOf(change))]
          expect(stored).toEqual(list)
        }
      }),
    )
  })
})
