import { expect, test } from 'vitest'
import { GenerationMap } from './generation-map.ts'

test('what is asked for stays, what is not goes', () => {
  const map = new GenerationMap<number>(10)
  map.set('hot', 0)
  for (let at = 1; at <= 100; at++) {
    map.set(`cold ${at}`, at)
    expect(map.get('hot')).toBe(0)
    expect(map.size).toBeLessThanOrEqual(10)
  }
  expect(map.get('cold 1')).toBeUndefined()
  expect(map.get('cold 100')).toBe(100)
})

test('an entry is there once, with its last value, and gone when it is deleted', () => {
  const map = new GenerationMap<number>(4)
  map.set('a', 1)
  map.set('b', 1)
  map.set('c', 1)
  map.set('a', 2)
  expect(map.get('a')).toBe(2)
  expect([...map.values()].toSorted()).toEqual([1, 1, 2])
  map.delete('a')
  map.delete('b')
  expect(map.get('a')).toBeUndefined()
  expect(map.size).toBe(1)
  map.clear()
  expect(map.size).toBe(0)
})

test('what had to make room is told, what was deleted is not', () => {
  const told: number[] = []
  const map = new GenerationMap<number>(4, (value) => told.push(value))
  for (let at = 0; at < 4; at++) map.set(String(at), at)
  map.delete('0')
  map.get('1')
  map.set('4', 4)
  expect(told).toEqual([])
  expect([...map.values()].toSorted()).toEqual([1, 2, 3, 4])
  map.set('5', 5)
  map.set('6', 6)
  expect(told.toSorted()).toEqual([2, 3])
})
