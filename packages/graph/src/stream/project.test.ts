import { describe, expect, it } from 'vitest'
import { ERROR, RETURN } from '../constants.ts'
import type { EventWrite } from './events.ts'
import { NOTHING, viewOf } from './project.ts'

const updates = (writes: readonly EventWrite[], outputChannels: string | readonly string[]): unknown =>
  viewOf('updates')(
    {
      type: 'task-end',
      task: { id: '1', name: 'node' },
      step: 1,
      writes,
      outputChannels,
      streamChannels: [],
      cached: false,
    },
    () => 0,
  )

describe('a view of updates', () => {
  it('shows the channels that the output names as one object', () => {
    const writes: EventWrite[] = [
      ['a', 1],
      ['branch:to:node', null],
      ['constructor', 2],
    ]
    expect(updates(writes, ['a', 'constructor'])).toEqual({ node: { a: 1, constructor: 2 } })
    expect(updates([['branch:to:node', null]], ['a'])).toEqual({ node: {} })
  })

  it('shows each write by itself where a channel was written twice', () => {
    const writes: EventWrite[] = [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ]
    expect(updates(writes, ['a', 'b'])).toEqual({ node: [{ a: 1 }, { b: 2 }, { a: 3 }] })
  })

  it('shows what a task returned rather than what it wrote, wherever it stands', () => {
    const twice: EventWrite[] = [
      ['a', 1],
      ['a', 2],
      [RETURN, 3],
    ]
    expect(updates(twice, ['a'])).toEqual({ node: 3 })
    expect(updates(twice, 'a')).toEqual({ node: 3 })
    expect(updates([...twice, [RETURN, 4]], ['a'])).toEqual({ node: [3, 4] })
  })

  it('shows a state of one value as that value, and no name where nothing was written to it', () => {
    expect(updates([['a', undefined]], 'a')).toEqual({ node: undefined })
    expect(updates([['b', 1]], 'a')).toEqual({})
  })

  it('shows nothing of a task that wrote nothing or failed', () => {
    expect(updates([], ['a'])).toBe(NOTHING)
    expect(updates([[ERROR, 'no']], ['a'])).toBe(NOTHING)
  })
})
