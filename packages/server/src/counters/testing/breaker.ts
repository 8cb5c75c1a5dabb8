import { createBreaker } from '../breaker.ts'
import type { Breaker } from '../breaker.ts'

/** For tests of a store that is there: a machine under load must not open it. */
export function patientBreaker(): Breaker {
  return createBreaker({
    deadlineMs: 30_000,
    monotonicMs: () => performance.now(),
    random: () => 0,
    onChange: () => undefined,
  })
}
