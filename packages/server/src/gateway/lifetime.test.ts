import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { followLifetime, followSignal } from './lifetime.ts'
import type { Lifetime } from './lifetime.ts'
import { exchangeOf } from './testing/services.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function follow(timeoutMs = 1_000) {
  const { response } = exchangeOf()
  const startMs = performance.now()
  const lifetime: Lifetime = followLifetime(response, timeoutMs, () => performance.now() - startMs)
  const over = vi.fn<() => void>()
  lifetime.onOver(over)
  return { response, lifetime, over }
}

test('ends at its deadline, once', () => {
  const { response, lifetime, over } = follow()
  vi.advanceTimersByTime(400)
  expect(lifetime).toMatchObject({ over: false, cause: undefined })
  expect(lifetime.leftMs()).toBe(600)
  vi.advanceTimersByTime(600)
  expect(lifetime).toMatchObject({ over: true, cause: 'deadline' })
  expect(lifetime.leftMs()).toBe(0)
  response.emit('close')
  expect(over).toHaveBeenCalledTimes(1)
  expect(lifetime.cause).toBe('deadline')
})

test('ends when the client leaves', () => {
  const { response, lifetime, over } = follow()
  response.emit('close')
  expect(lifetime).toMatchObject({ over: true, cause: 'client_gone' })
  vi.advanceTimersByTime(5_000)
  expect(over).toHaveBeenCalledTimes(1)
})

test('a client that has left before is gone', () => {
  const { response } = exchangeOf()
  response.destroy()
  expect(followLifetime(response, 1_000, () => 0).cause).toBe('client_gone')
})

test('an answer that was handed over whole is no leaving', () => {
  const { response, lifetime, over } = follow()
  Object.defineProperty(response, 'writableFinished', { value: true })
  response.emit('close')
  expect(lifetime.over).toBe(false)
  expect(over).not.toHaveBeenCalled()
})

test('whoever asks too late is told at once', () => {
  const { response, lifetime } = follow()
  response.emit('close')
  const late = vi.fn<() => void>()
  lifetime.onOver(late)
  expect(late).toHaveBeenCalledTimes(1)
})

test('complete, nothing ends it', () => {
  const { response, lifetime, over } = follow()
  lifetime.complete()
  vi.advanceTimersByTime(5_000)
  response.emit('close')
  expect(lifetime.over).toBe(false)
  expect(over).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

test('lifted, only the client ends it', () => {
  const { response, lifetime, over } = follow()
  lifetime.lift()
  vi.advanceTimersByTime(5_000)
  expect(lifetime.over).toBe(false)
  response.emit('close')
  expect(over).toHaveBeenCalledTimes(1)
})

test('a wait is no longer than the life', async () => {
  const { lifetime } = follow()
  const short = lifetime.sleep(100)
  vi.advanceTimersByTime(100)
  await short
  const long = lifetime.sleep(10_000)
  vi.advanceTimersByTime(900)
  await long
  expect(lifetime.over).toBe(true)
  await lifetime.sleep(10_000)
  expect(vi.getTimerCount()).toBe(0)
})

test('a limit past what a timer can hold does not end it at once', () => {
  const { lifetime } = follow(1e15)
  vi.advanceTimersByTime(60_000)
  expect(lifetime.over).toBe(false)
  expect(lifetime.leftMs()).toBe(1e15 - 60_000)
})

test('of a request that nobody waits for ends at its deadline, or when it is stopped', () => {
  const stopping = new AbortController()
  const nowMs = (): number => performance.now()
  const late = followSignal(stopping.signal, 1_000, nowMs)
  vi.advanceTimersByTime(1_000)
  expect(late.cause).toBe('deadline')
  const stopped = followSignal(stopping.signal, 1_000, nowMs)
  stopping.abort()
  expect(stopped.cause).toBe('client_gone')
  expect(followSignal(stopping.signal, 1_000, nowMs).over).toBe(true)
})
