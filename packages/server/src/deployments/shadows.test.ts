import { expect, test } from 'vitest'
import { createShadows } from './shadows.ts'

test('as many are under way as may be, and no more wait', async () => {
  const shadows = createShadows(2)
  const done = Promise.withResolvers<void>()
  expect(shadows.begin(() => done.promise)).toBe(true)
  expect(shadows.begin(() => Promise.reject(new Error('its own business')))).toBe(true)
  expect(shadows.begin(() => Promise.resolve())).toBe(false)
  done.resolve()
  await done.promise
  await new Promise(setImmediate)
  expect(shadows.begin(() => Promise.resolve())).toBe(true)
})

test('closing ends those under way, waits for them, and lets nobody begin', async () => {
  const shadows = createShadows()
  let isOver = false
  shadows.begin(async (stop) => {
    await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()))
    isOver = true
  })
  await shadows.close()
  expect(isOver).toBe(true)
  expect(shadows.begin(() => Promise.resolve())).toBe(false)
})
