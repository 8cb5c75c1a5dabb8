import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDeadlines } from './deadlines.ts'
import type { Deadlines } from './deadlines.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function follow(): { deadlines: Deadlines; ended: string[]; add: (name: string, ms: number) => () => void } {
  const deadlines = createDeadlines(() => performance.now())
  const ended: string[] = []
  const add = (name: string, ms: number): (() => void) => {
    const expiring = { dueMs: performance.now() + ms, expire: () => void ended.push(name) }
    deadlines.add(expiring)
    return () => deadlines.remove(expiring)
  }
  return { deadlines, ended, add }
}

test('each ends at its own time, whatever order they came in', () => {
  const { ended, add } = follow()
  for (const [name, ms] of Object.entries({ c: 300, a: 100, d: 100_000, b: 200 })) add(name, ms)
  vi.advanceTimersByTime(99)
  expect(ended).toEqual([])
  vi.advanceTimersByTime(1)
  expect(ended).toEqual(['a'])
  vi.advanceTimersByTime(300)
  expect(ended).toEqual(['a', 'b', 'c'])
  vi.advanceTimersByTime(100_000)
  expect(ended).toEqual(['a', 'b', 'c', 'd'])
})

test('what is over before is not ended, and one timer is all there ever is', () => {
  const { ended, add } = follow()
  for (let count = 0; count < 100; count++) add('early', 500 + count)()
  add('late', 1_000)
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(1_000)
  expect(ended).toEqual(['late'])
  expect(vi.getTimerCount()).toBe(0)
})

test('ending one may begin or remove another', () => {
  const { deadlines, ended, add } = follow()
  const removeSibling = add('sibling', 10)
  const dueMs = performance.now() + 5
  deadlines.add({
    dueMs,
    expire: () => {
      removeSibling()
      add('next', 20)
    },
  })
  vi.advanceTimersByTime(25)
  expect(ended).toEqual(['next'])
})

test('a time past what a timer can hold does not come at once', () => {
  const { ended, add } = follow()
  add('far', 1e15)
  vi.advanceTimersByTime(60_000)
  expect(ended).toEqual([])
})
