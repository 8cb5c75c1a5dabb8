import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { manualSchedule } from './testing/manual-schedule.ts'
import { createWriter } from './writer.ts'

describe('the writer', () => {
  const silent = { info: () => {}, warn: () => {} }

  function setUp() {
    const time = manualSchedule(0)
    const state = { drains: 0, waiting: 0, isAway: false }
    const writer = createWriter({
      drain: async () => {
        if (state.isAway) throw new Error('away')
        state.drains += 1
        state.waiting = Math.max(0, state.waiting - 1)
      },
      isUrgent: () => state.waiting > 0,
      adopt: async () => {},
      log: silent,
      nowMs: time.nowMs,
      schedule: time.schedule,
    })
    const pass = async (ms: number): Promise<void> => {
      time.pass(ms)
      for (let turn = 0; turn < 5; turn++) await setImmediate()
    }
    return { writer, state, pass }
  }

  it('moves what there is four times a second', async () => {
    const { writer, state, pass } = setUp()
    await writer.start()
    await pass(249)
    expect(state.drains).toBe(1)
    await pass(1)
    expect(state.drains).toBe(2)
    await writer.stop()
  })

  it('moves much at once, however often it is woken', async () => {
    const { writer, state, pass } = setUp()
    await writer.start()
    for (let count = 0; count < 100; count++) writer.wake()
    await pass(0)
    expect(state.drains).toBe(2)
    await writer.stop()
  })

  it('goes on while much waits', async () => {
    const { writer, state, pass } = setUp()
    state.waiting = 3
    await writer.start()
    await pass(0)
    await pass(0)
    await pass(0)
    expect(state.drains).toBe(3)
    await writer.stop()
  })

  it('is not woken while the database is away', async () => {
    const { writer, state, pass } = setUp()
    state.isAway = true
    await writer.start()
    state.isAway = false
    writer.wake()
    await pass(0)
    expect(state.drains).toBe(0)
    await pass(500)
    expect(state.drains).toBe(1)
    await writer.stop()
  })
})
