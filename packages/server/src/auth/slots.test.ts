import { expect, test } from 'vitest'
import { createSlots } from './slots.ts'

test('so many at once, the others in their order, and no more than the line holds', async () => {
  const { run } = createSlots(2, 2, () => new Error('full'))
  const started: number[] = []
  const ends: (() => void)[] = []
  const work = (id: number) => () =>
    new Promise<number>((end) => {
      started.push(id)
      ends[id] = () => end(id)
    })
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  const all = [0, 1, 2, 3].map((id) => run(work(id)))
  await expect(run(work(4))).rejects.toThrow('full')
  expect(started).toEqual([0, 1])
  ends[1]?.()
  await settled()
  expect(started).toEqual([0, 1, 2])
  const late = run(work(5))
  ends[0]?.()
  ends[2]?.()
  await settled()
  ends[3]?.()
  ends[5]?.()
  expect(await Promise.all([...all, late])).toEqual([0, 1, 2, 3, 5])
})

test('a place is free again after a failure', async () => {
  const { run } = createSlots(1, 0, () => new Error('full'))
  await expect(run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  expect(await run(() => Promise.resolve('next'))).toBe('next')
})
