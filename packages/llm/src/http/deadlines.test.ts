import { expect, it } from 'vitest'
import { createDeadlines } from './deadlines.ts'
import type { Deadlines, DeadlineKind } from './deadlines.ts'

const never = Number.POSITIVE_INFINITY
const unlimited = { connectMs: never, firstByteMs: never, idleMs: never, totalMs: never }

function firstToExpire(
  limits: Partial<typeof unlimited>,
  act: (deadlines: Deadlines) => void,
): Promise<DeadlineKind> {
  return new Promise((resolve) => {
    const deadlines = createDeadlines({ ...unlimited, ...limits }, (kind) => {
      deadlines.stop()
      resolve(kind)
    })
    act(deadlines)
  })
}

it.each<[DeadlineKind, Partial<typeof unlimited>, (deadlines: Deadlines) => void]>([
  ['connect_timeout', { connectMs: 10, totalMs: 5000 }, (deadlines) => deadlines.enter('connect_timeout')],
  ['first_byte_timeout', { firstByteMs: 10 }, (deadlines) => deadlines.enter('first_byte_timeout')],
  ['idle_timeout', { idleMs: 10 }, (deadlines) => deadlines.enter('idle_timeout')],
  ['total_timeout', { totalMs: 10 }, (deadlines) => deadlines.enter('idle_timeout')],
  [
    'total_timeout',
    { connectMs: 5, idleMs: 5, totalMs: 40 },
    (deadlines) => {
      deadlines.enter('connect_timeout')
      deadlines.enter('idle_timeout')
      deadlines.suspend()
    },
  ],
])('%s with %j', async (kind, limits, act) => {
  expect(await firstToExpire(limits, act)).toBe(kind)
})

it('does not call an upstream silent whose bytes waited for a busy event loop', async () => {
  const expired = await firstToExpire({ idleMs: 20, totalMs: 60 }, (deadlines) => {
    deadlines.enter('idle_timeout')
    setImmediate(() => {
      blockFor(40)
      // Runs after the timers that are now due, as reading a socket would.
      setImmediate(() => deadlines.suspend())
    })
  })
  expect(expired).toBe('total_timeout')
})

function blockFor(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}
