import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createKeepAlive } from './keep-alive.ts'
import type { KeepAlive } from './keep-alive.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function quietStream(dialect: string): { written: string[]; alive: ReturnType<KeepAlive> } {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  const written: string[] = []
  vi.spyOn(response, 'write').mockImplementation((text: string) => {
    written.push(text)
    return true
  })
  return { written, alive: createKeepAlive()(response, dialect) }
}

test.each([
  { dialect: 'openai-chat', sign: ': keep-alive\n\n' },
  { dialect: 'anthropic-messages', sign: 'event: ping\ndata: {"type":"ping"}\n\n' },
])('a quiet stream gives signs of life ($dialect)', ({ dialect, sign }) => {
  const { written, alive } = quietStream(dialect)
  vi.advanceTimersByTime(120_000)
  expect(written.length).toBeGreaterThanOrEqual(3)
  expect(new Set(written)).toEqual(new Set([sign]))
  const before = written.length
  alive.stop()
  vi.advanceTimersByTime(120_000)
  expect(written).toHaveLength(before)
})

test('a stream that says something needs none', () => {
  const { written, alive } = quietStream('openai-chat')
  for (let second = 0; second < 120; second += 5) {
    vi.advanceTimersByTime(5_000)
    alive.touch()
  }
  expect(written).toEqual([])
  alive.stop()
})
