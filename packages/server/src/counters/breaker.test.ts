import { expect, it } from 'vitest'
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
  clock.ms = 44_999
  await expect(breaker.run(work)).rejects.toMatchObject({ wasAsked: false })
  clock.ms = 45_000
  const probes = await Promise.allSettled([breaker.run(fail), breaker.run(work)])
  expect(probes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  clock.ms = 90_000
  expect(await breaker.run(work)).toBe('done')
  expect(await breaker.run(work)).toBe('done')
  expect(changes).toEqual(['open', 'closed'])
})

it('gives up at the deadline', async () => {
  const { breaker } = makeBreaker(1)
  await expect(breaker.run(async () => await new Promise(() => undefined))).rejects.toMatchObject({
    wasAsked: true,
    message: 'The shared counters are away: no answer within 1 ms.',
  })
})
