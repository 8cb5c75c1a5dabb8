import { expect, it } from 'vitest'
import { createKnownKeys } from './known-keys.ts'

it.each([10, 5_000])('knows a body of %s bytes again, at the same place only', (length) => {
  const known = createKnownKeys()
  let made = 0
  const keyOf = (place: string, text: string): string =>
    known.keyOf(place, Buffer.from(text.repeat(length)), () => `key ${++made}`)
  expect([keyOf('a', 'x'), keyOf('a', 'x'), keyOf('b', 'x'), keyOf('a', 'y'), keyOf('a', 'x')]).toEqual([
    'key 1',
    'key 1',
    'key 2',
    'key 3',
    'key 1',
  ])
})

it('forgets the oldest', () => {
  const known = createKnownKeys()
  let made = 0
  const keyOf = (text: string): string => known.keyOf('', Buffer.from(text), () => String(++made))
  for (let index = 0; index <= 1_000; index++) keyOf(`body ${index}`)
  expect([keyOf('body 1000'), keyOf('body 0')]).toEqual(['1001', '1002'])
})
