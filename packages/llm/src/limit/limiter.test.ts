import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLimiter } from './limiter.ts'
import type { Limiter, LimitOptions } from './limiter.ts'

/** A clock that jumps from one alarm to the next. */
function fakeClock() {
  let now = 0
  const alarms: { atMs: number; ring: () => void }[] = []
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
  return {
    nowMs: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const alarm = { atMs: now + ms, ring: resolve }
        alarms.push(alarm)
        signal?.addEventListener('abort', () => {
          alarms.splice(alarms.indexOf(alarm), 1)
          reject(signal.reason)
        })
      }),
    settle,
    waiting: () => alarms.length,
    async advance(ms: number): Promise<void> {
      const end = now + ms
      await settle()
      for (;;) {
        const [next] = alarms.toSorted((a, b) => a.atMs - b.atMs)
        if (next === undefined || next.atMs > end) break
        now = Math.max(now, next.atMs)
        alarms.splice(alarms.indexOf(next), 1)
        next.ring()
        await settle()
      }
      now = end
    },
  }
}

function limited(options: LimitOptions) {
  const clock = fakeClock()
  const limiter = createLimiter(options, clock)
  const started: [name: string, atMs: number][] = []
  const enter = async (name: string, tokens = 0, signal?: AbortSignal) => {
    const pass = await limiter.enter(tokens, signal)
    started.push([name, clock.nowMs()])
    return pass
  }
  return { clock, limiter, started, enter }
}

describe('concurrency', () => {
  test('so many at once, then one for each that leaves, in the order of asking', async () => {
    const { clock, started, enter } = limited({ concurrency: 2 })
    const [a, b] = [enter('a'), enter('b')]
    const [c] = [enter('c'), enter('d')]
    await clock.settle()
    expect(started.map(([name]) => name)).toEqual(['a', 'b'])
    ;(await b).leave()
    await clock.settle()
    expect(started.map(([name]) => name)).toEqual(['a', 'b', 'c'])
    ;(await a).leave()
    ;(await c).leave()
    await clock.settle()
    expect(started.map(([name]) => name)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('leaving twice gives one place back', async () => {
    const { clock, started, enter } = limited({ concurrency: 1 })
    const first = await enter('a')
    void enter('b')
    void enter('c')
    first.leave()
    first.leave()
    await clock.settle()
    expect(started.map(([name]) => name)).toEqual(['a', 'b'])
  })
})

describe('per minute', () => {
  test('requests: the window slides', async () => {
    const { clock, started, enter } = limited({ rpm: 2 })
    void enter('a')
    await clock.advance(10_000)
    for (const name of ['b', 'c', 'd']) void enter(name)
    await clock.advance(120_000)
    expect(started).toEqual([
      ['a', 0],
      ['b', 10_000],
      ['c', 60_000],
      ['d', 70_000],
    ])
  })

  test('tokens: what was expected counts until it is known what was used', async () => {
    const { clock, started, enter } = limited({ tpm: 100 })
    const first = await enter('a', 80)
    void enter('b', 50)
    await clock.settle()
    expect(started).toHaveLength(1)
    first.leave(30)
    await clock.settle()
    expect(started).toEqual([
      ['a', 0],
      ['b', 0],
    ])
  })

  test('a request of more than a minute has goes alone', async () => {
    const { clock, started, enter } = limited({ tpm: 100 })
    void enter('a', 10)
    void enter('huge', 5000)
    void enter('c', 1)
    await clock.advance(200_000)
    expect(started).toEqual([
      ['a', 0],
      ['huge', 60_000],
      ['c', 120_000],
    ])
  })

  test('a large one is not overtaken', async () => {
    const { clock, started, enter } = limited({ tpm: 100 })
    void enter('a', 60)
    void enter('large', 60)
    void enter('small', 1)
    await clock.advance(60_000)
    expect(started).toEqual([
      ['a', 0],
      ['large', 60_000],
      ['small', 60_000],
    ])
  })
})

describe('leaving the queue', () => {
  test('makes room at once, and leaves no alarm behind', async () => {
    const { clock, started, enter } = limited({ tpm: 100 })
    const controller = new AbortController()
    void enter('a', 60)
    const large = enter('large', 60, controller.signal)
    void enter('small', 10)
    await clock.settle()
    controller.abort(new Error('enough'))
    await expect(large).rejects.toMatchObject({ code: 'aborted', cause: { message: 'enough' } })
    await clock.settle()
    expect([started.map(([name]) => name), clock.waiting()]).toEqual([['a', 'small'], 0])
  })

  test('before it has begun', async () => {
    const { enter } = limited({ concurrency: 1 })
    await expect(enter('a', 0, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' })
  })
})

test.each<[LimitOptions, string]>([
  [{ rpm: 0 }, 'limit.rpm is 0'],
  [{ tpm: 1.5 }, 'limit.tpm is 1.5'],
  [{ concurrency: -1 }, 'limit.concurrency is -1'],
  [{ concurrency: Number.NaN }, 'limit.concurrency is NaN'],
])('%j is refused', (options, message) => {
  expect(() => createLimiter(options, fakeClock())).toThrow(message)
})

test('whatever comes: no 60 seconds see more than the limits, order is kept, everybody gets in', async () => {
  const request = fc.record({ gapMs: fc.nat(20_000), tokens: fc.nat(60), takesMs: fc.nat(30_000) })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 25 }), async (requests) => {
      const clock = fakeClock()
      const limiter: Limiter = createLimiter({ rpm: 4, tpm: 100, concurrency: 2 }, clock)
      const started: { index: number; atMs: number; tokens: number }[] = []
      let running = 0
      for (const [index, { gapMs, tokens, takesMs }] of requests.entries()) {
        await clock.advance(gapMs)
        void limiter.enter(tokens).then(async (pass) => {
          started.push({ index, atMs: clock.nowMs(), tokens })
          expect(++running).toBeLessThanOrEqual(2)
          await clock.sleep(takesMs)
          running--
          pass.leave(tokens)
        })
      }
      await clock.advance(10_000_000)
      expect(started.map(({ index }) => index)).toEqual(requests.map((_, index) => index))
      for (const { atMs } of started) {
        const window = started.filter((other) => other.atMs > atMs - 60_000 && other.atMs <= atMs)
        expect(window.length).toBeLessThanOrEqual(4)
        expect(window.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(100)
      }
    }),
    { numRuns: 60 },
  )
})
