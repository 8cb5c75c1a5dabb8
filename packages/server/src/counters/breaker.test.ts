import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect, it, vi } from 'vitest'
import { CountersUnavailable } from '../policy/counters.ts'
import { createBreaker } from './breaker.ts'
import type { Breaker } from './breaker.ts'

function makeBreaker(deadlineMs = 10_000): { breaker: Breaker; changes: string[]; clock: { ms: number } } {
  const clock = { ms: 0 }
  const changes: string[] = []
  const breaker = createBreaker({
    deadlineMs,
    monotonicMs: () => clock.ms,
    random: () => 0.5,
    onChange: (state) => changes.push(state),
  })
  return { breaker, changes, clock }
}

const fail = (): Promise<never> => Promise.reject(new Error('refused'))
const work = (): Promise<string> => Promise.resolve('done')

it('opens after five failures in a row, asks nobody then, and says so once', async () => {
  const { breaker, changes } = makeBreaker()
  let asked = 0
  const failing = async (): Promise<never> => {
    asked++
    return await fail()
  }
  for (let call = 0; call < 20; call++)
    await expect(breaker.run(failing)).rejects.toThrow(CountersUnavailable)
  expect([asked, changes]).toEqual([5, ['open']])
  await expect(breaker.run(work)).rejects.toMatchObject({ wasAsked: false })
})

it('a success in between begins the count anew', async () => {
  const { breaker, changes } = makeBreaker()
  for (let round = 0; round < 3; round++) {
    for (let call = 0; call < 4; call++) await breaker.run(fail).catch(() => undefined)
    expect(await breaker.run(work)).toBe('done')
  }
  expect(changes).toEqual([])
})

it('one call probes after a while, and closes it when it works', async () => {
  const { breaker, changes, clock } = makeBreaker()
  for (let call = 0; call < 5; call++) await breaker.run(fail).catch(() => undefined)
  // A second and a half, then three, six …
  let probeAtMs = 0
  for (let pauseMs = 1_500; pauseMs < 40_000; pauseMs *= 2) {
    probeAtMs += pauseMs
    clock.ms = probeAtMs - 1
    await expect(breaker.run(work)).rejects.toMatchObject({ wasAsked: false })
    clock.ms = probeAtMs
    const probes = await Promise.allSettled([breaker.run(fail), breaker.run(work)])
    expect(probes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  }
  clock.ms = probeAtMs + 45_000
  expect(await breaker.run(work)).toBe('done')
  expect(await breaker.run(work)).toBe('done')
  expect(changes).toEqual(['open', 'closed'])
})

const silence = async (): Promise<never> => await new Promise(() => undefined)

it('gives up at the deadline', async () => {
  const { breaker, clock } = makeBreaker(1)
  const given = breaker.run(silence)
  clock.ms = 1
  await expect(given).rejects.toMatchObject({
    wasAsked: true,
    message: 'The shared counters are away: no answer within 1 ms.',
  })
})

it.each([
  { what: 'waits on while others are answered', answeredMs: 9, nowMs: 18, isOver: false },
  { what: 'gives up when nobody is answered any more', answeredMs: 9, nowMs: 19, isOver: true },
  { what: 'gives up after ten deadlines in any case', answeredMs: 99, nowMs: 100, isOver: true },
])('who waits behind others $what', async ({ answeredMs, nowMs, isOver }) => {
  vi.useFakeTimers()
  const { breaker, clock } = makeBreaker(10)
  let over = false
  const given = breaker.run(silence).catch(() => {
    over = true
  })
  clock.ms = answeredMs
  await breaker.run(work)
  clock.ms = nowMs
  await vi.advanceTimersByTimeAsync(11)
  vi.useRealTimers()
  expect(over).toBe(isOver)
  if (isOver) await given
})

it('reads what is there before it gives up', async () => {
  const breaker = createBreaker({
    deadlineMs: 1,
    monotonicMs: () => performance.now(),
    random: () => 0,
    onChange: () => undefined,
  })
  const [one, other] = await connected()
  const given = breaker.run(async () => await once(one, 'data'))
  other.write('answer')
  const untilMs = performance.now() + 50
  while (performance.now() < untilMs);
  expect(String(await given)).toBe('answer')
  one.destroy()
})

/** Two ends of a connection. */
async function connected(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const one = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [other] = (await once(server, 'connection')) as [Socket]
  await once(one, 'connect')
  server.close()
  return [one, other]
}
