import type { Timing } from '../runtime/execute.ts'

/** A clock that moves when it is told to. */
export interface FakeTiming extends Timing {
  /** Lets time pass, and promises that wait for it go on. */
  pass(milliseconds: number): Promise<void>
  /** How long each wait was that anybody began. */
  readonly waits: number[]
}

/** @param random what chance gives, always */
export function fakeTiming(random = 0.5): FakeTiming {
  let now = 1_000_000
  const timers = new Set<{ readonly at: number; readonly call: () => void }>()
  const waits: number[] = []
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  }
  return {
    waits,
    now: () => now,
    random: () => random,
    after(delayMs, call) {
      if (delayMs > 0) waits.push(delayMs)
      const timer = { at: now + delayMs, call }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async pass(milliseconds) {
      await settle()
      const end = now + milliseconds
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        timers.delete(due)
        now = Math.max(now, due.at)
        due.call()
        await settle()
      }
      now = end
      await settle()
    },
  }
}
