import { expect, it } from 'vitest'
import type { Admission, AdmissionResult, Settlement } from '../policy/counters.ts'
import { exactHold } from '../policy/hold.ts'
import { withOwnSettlements } from './settling.ts'
import type { SharedCounters } from './shared-counters.ts'

const state = { settledPicoUsd: 0n, reservedPicoUsd: 0n }
const admitted: AdmissionResult = { admitted: true, holdPicoUsd: 1n, budgets: [state], rates: [] }
const refused: AdmissionResult = { admitted: false, line: { type: 'budget', index: 0, state } }

const admission = (requestId: string, id: string): Admission => ({
  requestId,
  owner: 'me',
  nowMs: 0,
  leaseMs: 1,
  rule: 'postpaid',
  hold: exactHold(1n),
  budgets: [{ scope: { kind: 'key', id }, windowId: 'total', maxPicoUsd: 1n }],
  rates: [],
  parallels: [],
  opening: () => '',
})
const settlement = (requestId: string): Settlement => ({
  requestId,
  nowMs: 0,
  costPicoUsd: 1n,
})

/** A store that gives these answers, and hears of ends when it is let. */
function storeThat(...answers: AdmissionResult[]): { counters: SharedCounters; hear: () => void } {
  const heard = Promise.withResolvers<void>()
  const counters = withOwnSettlements({
    admit: () => Promise.resolve(answers.shift() ?? refused),
    settle: () => heard.promise,
    extend: () => true,
    read: () => Promise.resolve([]),
    renew: () => Promise.resolve(),
    takeOrphans: () => Promise.resolve([]),
    instances: () => 1,
    addSpent: () => undefined,
    close: () => Promise.resolve(),
  })
  return { counters, hear: heard.resolve }
}

it('whoever asks again before the store has heard of their last answer waits for that', async () => {
  const { counters, hear } = storeThat(admitted, refused, admitted)
  await counters.admit(admission('first', 'k'))
  void counters.settle(settlement('first'))
  const second = counters.admit(admission('second', 'k'))
  hear()
  expect(await second).toBe(admitted)
})

it('nobody waits for what others are charged', async () => {
  const { counters } = storeThat(admitted, refused, admitted)
  await counters.admit(admission('first', 'k'))
  void counters.settle(settlement('first'))
  expect(await counters.admit(admission('second', 'other'))).toBe(refused)
})

it('is refused for good when that makes no room', async () => {
  const { counters, hear } = storeThat(admitted, refused, refused, admitted)
  await counters.admit(admission('first', 'k'))
  void counters.settle(settlement('first'))
  const second = counters.admit(admission('second', 'k'))
  hear()
  expect(await second).toBe(refused)
  expect(await counters.admit(admission('third', 'k'))).toBe(admitted)
})
