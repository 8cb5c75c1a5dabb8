import { expect, it } from 'vitest'
import { CountersUnavailable } from '../policy/counters.ts'
import type { Admission, BudgetLine, Counters } from '../policy/counters.ts'
import { exactHold } from '../policy/hold.ts'
import { describeCounters } from './counters.contract.ts'
import { createMemoryCounters } from './memory.ts'
import type { Spent } from './shared-counters.ts'
import { createSteadyCounters } from './steady.ts'
import { ask as request } from './testing/requests.ts'

/** A shared store that a test takes away and brings back. */
function makeStore(instances = 4) {
  const store = { isAway: false, answers: true, calls: 0 }
  const spent = new Map<string, bigint>()
  const memory = createMemoryCounters({
    load: (keys) =>
      Promise.resolve(keys.map(({ scope, windowId }) => spent.get(`${scope.id} ${windowId}`) ?? 0n)),
  })
  const ask = async <Value>(work: () => Value | Promise<Value>): Promise<Value> => {
    store.calls++
    if (store.isAway) throw new CountersUnavailable('away', { wasAsked: false })
    const value = await work()
    if (!store.answers) throw new CountersUnavailable('late', { wasAsked: true })
    return value
  }
  const shared = {
    admit: async (admission: Admission) => await ask(() => memory.admit(admission)),
    extend: async (id: string, more: bigint) => await ask(() => memory.extend(id, more)),
    settle: async (settlement: Parameters<Counters['settle']>[0]) =>
      await ask(() => memory.settle(settlement)),
    read: memory.read,
    renew: async (owner: string, nowMs: number) => await ask(() => memory.renew(owner, nowMs)),
    takeOrphans: async (owner: string, nowMs: number, limit: number) =>
      await ask(() => memory.takeOrphans(owner, nowMs, limit)),
    close: memory.close,
    addSpent: async (spent: Spent) => await ask(() => memory.addSpent(spent)),
    instances: () => instances,
  }
  return { store, shared, spent }
}

describeCounters('counters that may be away, while they are there', () => {
  const { shared, spent } = makeStore()
  const counters = createSteadyCounters({ shared, allowUnchecked: false, onDropped: () => undefined })
  return Promise.resolve({
    open: () => Promise.resolve(counters),
    spent: ({ scope, windowId }, picoUsd) => {
      spent.set(`${scope.id} ${windowId}`, picoUsd)
      return Promise.resolve()
    },
  })
})

const scope = { kind: 'key', id: 'k' } as const
const limited: BudgetLine = { scope, windowId: 'all', maxPicoUsd: 100n }
const counted: BudgetLine = { scope, windowId: 'all' }

function ask(requestId: string, fields: Partial<Admission> = {}): Admission {
  return request({ requestId, nowMs: 0, hold: exactHold(10n), ...fields })
}

it('refuses what has a limited budget, or lets it pass where that is allowed', async () => {
  const { store, shared } = makeStore()
  store.isAway = true
  const strict = createSteadyCounters({ shared, allowUnchecked: false, onDropped: () => undefined })
  await expect(strict.admit(ask('1', { budgets: [limited] }))).rejects.toMatchObject({
    status: 503,
    reason: 'ledger_unavailable',
  })
  expect(await strict.admit(ask('2', { budgets: [counted] }))).toMatchObject({ admitted: true })
  const open = createSteadyCounters({ shared, allowUnchecked: true, onDropped: () => undefined })
  expect(await open.admit(ask('3', { budgets: [limited] }))).toMatchObject({ admitted: true })
})

it.each([
  [60, 4, 15],
  [2, 4, 1],
  [0, 4, 0],
  [60, 1, 60],
])('of %s a minute, one of %s instances lets %s pass', async (max, instances, passed) => {
  const { store, shared } = makeStore(instances)
  store.isAway = true
  const counters = createSteadyCounters({ shared, allowUnchecked: false, onDropped: () => undefined })
  const rates = [{ scope, unit: 'requests', max, amount: 1 }] as const
  const results = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => await counters.admit(ask(`${index}`, { rates }))),
  )
  expect(results.filter(({ admitted }) => admitted)).toHaveLength(passed)
})

it('tells what was spent and what ended meanwhile, once, when the store is back', async () => {
  const { store, shared } = makeStore()
  const counters = createSteadyCounters({ shared, allowUnchecked: false, onDropped: () => undefined })
  await counters.admit(ask('before', { budgets: [limited] }))
  store.isAway = true
  await counters.admit(ask('unseen', { budgets: [counted] }))
  expect(await counters.extend('unseen', 5n)).toBe(true)
  expect(await counters.extend('before', 5n)).toBe(false)
  await counters.settle({ requestId: 'before', nowMs: 1, costPicoUsd: 4n })
  await counters.settle({ requestId: 'unseen', nowMs: 1, costPicoUsd: 7n })
  await counters.renew('a', 2)
  expect(await counters.takeOrphans('a', 2, 9)).toEqual([])
  expect(await counters.read([limited])).toEqual([{ settledPicoUsd: 0n, reservedPicoUsd: 10n }])
  store.isAway = false
  await counters.renew('a', 3)
  await counters.renew('a', 4)
  expect(await counters.read([limited])).toEqual([{ settledPicoUsd: 11n, reservedPicoUsd: 0n }])
})

it('lets go of a hold that was taken after nobody waited for it any more', async () => {
  const { store, shared } = makeStore()
  const counters = createSteadyCounters({ shared, allowUnchecked: false, onDropped: () => undefined })
  store.answers = false
  await expect(counters.admit(ask('slow', { budgets: [limited] }))).rejects.toMatchObject({ status: 503 })
  expect(await counters.read([limited])).toEqual([{ settledPicoUsd: 0n, reservedPicoUsd: 10n }])
  store.answers = true
  await counters.renew('a', 1)
  expect(await counters.read([limited])).toEqual([{ settledPicoUsd: 0n, reservedPicoUsd: 0n }])
})

it('counters in memory answer at once, and without the ledger let pass what has no limit', async () => {
  let isAway = true
  const memory = createMemoryCounters({
    load: (keys) => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(keys.map(() => 5n))),
  })
  const counters = createSteadyCounters({
    shared: memory,
    allowUnchecked: false,
    onDropped: () => undefined,
  })
  await expect(counters.admit(ask('1', { budgets: [limited] }))).rejects.toMatchObject({ status: 503 })
  expect(await counters.admit(ask('2', { budgets: [counted] }))).toMatchObject({ admitted: true })
  await counters.settle({ requestId: '2', nowMs: 0, costPicoUsd: 7n })
  isAway = false
  await counters.renew('a', 1)
  await counters.read([limited])
  expect(counters.admit(ask('3', { budgets: [limited] }))).toMatchObject({
    admitted: true,
    budgets: [{ settledPicoUsd: 5n, reservedPicoUsd: 10n }],
  })
  expect(counters.settle({ requestId: '3', nowMs: 0, costPicoUsd: 7n })).toBeUndefined()
})
