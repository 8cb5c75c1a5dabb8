import { expect, test } from 'vitest'
import { generateKey, hashKey, isVirtualKey, keyHashOf, keyNameOf } from './virtual-key.ts'

test('a key has 192 random bits and only letters that may stand in an address', () => {
  const keys = new Set(Array.from({ length: 100 }, () => generateKey()))
  expect(keys.size).toBe(100)
  for (const key of keys) expect(key).toMatch(/^sk-[\w-]{32}$/)
  expect(generateKey((bytes) => Buffer.alloc(bytes, 0xff))).toBe(`sk-${'_'.repeat(32)}`)
})

const HASH = '88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b'

test.each([
  ['sk-1234', HASH],
  [HASH, HASH],
])('%s is kept as its SHA-256', (keyOrHash, hash) => {
  expect(keyHashOf(keyOrHash)).toBe(hash)
})

test('a key is recognised by its last four letters', () => {
  expect(keyNameOf('sk-abcdefgh')).toBe('sk-...efgh')
  expect(hashKey('sk-1234')).toBe(HASH)
})

test.each([
  ['sk-1234', true],
  [HASH, false],
  ["' OR 1=1--", false],
  ['SK-1234', false],
  ['', false],
])('%j can be a virtual key: %s', (text, expected) => {
  expect(isVirtualKey(text)).toBe(expected)
})
