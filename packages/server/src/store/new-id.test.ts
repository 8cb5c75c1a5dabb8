import { expect, it } from 'vitest'
import { timeOrderedId } from './new-id.ts'

it('is a UUID of version 7 that begins with the time', () => {
  // The example of RFC 9562, A.6.
  expect(timeOrderedId(0x017f22e279b0)).toMatch(/^017f22e2-79b0-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
})

it('sorts by time, and is new each time', () => {
  expect(timeOrderedId(1) < timeOrderedId(2)).toBe(true)
  expect(timeOrderedId(1)).not.toBe(timeOrderedId(1))
})
