import { expect, test } from 'vitest'
import { GrowingBuffer } from './growing-buffer.ts'

test('a chunk that is everything is taken as it is', () => {
  const chunk = Buffer.from('everything')
  const body = new GrowingBuffer(chunk.length)
  body.add(chunk)
  expect(body.take().buffer).toBe(chunk.buffer)
})

test('nothing', () => {
  expect(new GrowingBuffer(undefined).take()).toHaveLength(0)
})

test.each([undefined, 3, 300_000, 1_000_000_000])('chunks become one (announced: %s)', (expected) => {
  const body = new GrowingBuffer(expected)
  const chunks = Array.from({ length: 3000 }, (_, index) => Buffer.alloc(100, index))
  for (const chunk of chunks) body.add(chunk)
  expect(body.length).toBe(300_000)
  expect(body.take().equals(Buffer.concat(chunks))).toBe(true)
})

test('the memory is that of what came, not of what was announced nor of the number of chunks', () => {
  const body = new GrowingBuffer(1_000_000_000)
  for (let count = 0; count < 100; count += 1) body.add(Buffer.from('x'))
  expect(body.take().buffer.byteLength).toBeLessThanOrEqual(1024 * 1024)
})

test('an announced length is not overshot', () => {
  const body = new GrowingBuffer(3_000_001)
  for (let count = 0; count < 3; count += 1) body.add(Buffer.alloc(1_000_000))
  body.add(Buffer.alloc(1))
  expect(body.take().buffer.byteLength).toBe(3_000_001)
})

test('the first chunk, which belongs to somebody else, is not written to', () => {
  const memory = Buffer.from('first, and what lies behind it')
  const body = new GrowingBuffer(undefined)
  body.add(memory.subarray(0, 5))
  body.add(Buffer.from('second'))
  expect(body.take().toString()).toBe('firstsecond')
  expect(memory.toString()).toBe('first, and what lies behind it')
})
