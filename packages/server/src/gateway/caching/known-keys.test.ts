import { crc32 } from 'node:zlib'
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
  const keyOf = (text: string): string =>
    known.keyOf('', Buffer.from(text.padEnd(500_000)), () => String(++made))
  for (let index = 0; index <= 20; index++) keyOf(`body ${index}`)
  expect([keyOf('body 20'), keyOf('body 0')]).toEqual(['21', '22'])
})

it('tells bodies of the same checksum apart', () => {
  const known = createKnownKeys()
  const bodies = ['plumless', 'buckeroo']
  expect(new Set(bodies.map((text) => crc32(text))).size).toBe(1)
  const keys = bodies.map((text) => known.keyOf('', Buffer.from(text), () => `key of ${text}`))
  expect(keys).toEqual(bodies.map((text) => `key of ${text}`))
})

it('knows long bodies apart that are alike at their ends and in their middle', () => {
  const known = createKnownKeys()
  let made = 0
  const keyOf = (at: number): string => {
    const body = Buffer.alloc(100_000, 'x')
    body[at] = 0x79
    return known.keyOf('', body, () => `key ${++made}`)
  }
  expect([20_000, 30_000, 80_000, 30_000, 80_000, 20_000].map(keyOf)).toEqual([
    'key 1',
    'key 2',
    'key 3',
    'key 2',
    'key 3',
    'key 1',
  ])
})

it('is not changed by what becomes of the bytes that it was shown', () => {
  const known = createKnownKeys()
  const body = Buffer.from('x'.repeat(5_000))
  known.keyOf('', body, () => 'first')
  const same = Buffer.from(body)
  body.fill('y')
  expect([known.keyOf('', same, () => 'second'), known.keyOf('', body, () => 'third')]).toEqual([
    'first',
    'third',
  ])
})
