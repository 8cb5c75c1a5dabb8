import { expect, it } from 'vitest'
import { CountersUnavailable } from '../policy/counters.ts'
import type { Admission, BudgetKey } from '../policy/counters.ts'
import { exactHold } from '../policy/hold.ts'
import { describeSharedCounters } from './counters.contract.ts'
import { createMemoryCounters } from './memory.ts'
import { ask as request } from './testing/requests.ts'

const nameOf = ({ scope, windowId }: BudgetKey): string => `${scope.kind}:${scope.id} ${windowId}`

describeSharedCounters('counters in memory', () => {
  const spent = new Map<string, bigint>()
  const counters = createMemoryCounters({
    load: (keys) => Promise.resolve(keys.map((key) => spent.get(nameOf(key)) ?? 0n)),
  })
  return Promise.resolve({
    open: () => Promise.resolve(counters),
    spent: (key, picoUsd) => {
      spent.set(nameOf(key), picoUsd)
      return Promise.resolve()
    },
  })
})

const budgets = [{ scope: { kind: 'end_user', id: 'new' }, windowId: 'all', maxPicoUsd: 30n }] as const

function ask(requestId: string, fields: Partial<Admission> = {}): Admission {
  return request({ requestId, nowMs: 0, hold: exactHold(10n), budgets, ...fields })
}

it('first requests of a scope share one question to the ledger, later ones do not wait', async () => {
  const asked: string[][] = []
  const counters = createMemoryCounters({
    load: (keys) => {
      asked.push(keys.map(nameOf))
      return Promise.resolve(keys.map(() => 10n))
    },
  })
  const first = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => await counters.admit(ask(`${index}`))),
  )
  expect(first.filter(({ admitted }) => admitted)).toHaveLength(2)
  expect(asked).toEqual([['end_user:new all']])
  expect(counters.admit(ask('later'))).not.toBeInstanceOf(Promise)
})

it('says that nobody knows when the ledger does not answer, and asks again', async () => {
  let fails = true
  const counters = createMemoryCounters({
    load: (keys) => (fails ? Promise.reject(new Error('away')) : Promise.resolve(keys.map(() => 0n))),
  })
  await expect(counters.admit(ask('1'))).rejects.toThrow(CountersUnavailable)
  fails = false
  expect(await counters.admit(ask('2'))).toMatchObject({ admitted: true })
})

it('forgets what nobody asked for in an hour, and never what is held', async () => {
  let loads = 0
  const counters = createMemoryCounters({
    load: (keys) => {
      loads++
      return Promise.resolve(keys.map(() => 0n))
    },
  })
  const hour = 3_600_001
  await counters.admit(ask('1'))
  await counters.renew('a', hour)
  await counters.admit(ask('2', { nowMs: hour }))
  expect(loads).toBe(1)
  for (const requestId of ['1', '2']) await counters.settle({ requestId, nowMs: hour, costPicoUsd: 0n })
  await counters.renew('a', 2 * hour)
  await counters.admit(ask('3', { nowMs: 2 * hour }))
  expect(loads).toBe(2)
})
