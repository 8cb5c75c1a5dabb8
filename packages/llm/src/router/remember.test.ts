import { expect, test } from 'vitest'
import { rememberFor } from './remember.ts'

test('reads again when what it read is too old, and asks for the time only where nobody gives it', () => {
  let reads = 0
  let asked = 0
  const clock = (): number => {
    asked++
    return 500
  }
  const remembered = rememberFor(1_000, clock, () => ++reads)
  expect([remembered(0), remembered(999), remembered(), remembered(1_000), remembered(1_999)]).toEqual([
    1, 1, 1, 2, 2,
  ])
  expect(asked).toBe(1)
})
