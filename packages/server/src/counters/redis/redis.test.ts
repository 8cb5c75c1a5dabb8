import { describe, expect, it } from 'vitest'
import { CountersUnavailable } from '../../policy/counters.ts'
import type { Admission, BudgetLine } from '../../policy/counters.ts'
import { exactHold } from '../../policy/hold.ts'
import { describeSharedCounters } from '../counters.contract.ts'
import { balanceName, redisPlace, testRedis } from '../testing/redis.ts'
import { ask as request } from '../testing/requests.ts'

const redis = testRedis()

describeSharedCounters('counters in Redis', () => {
  const { open, ledger } = redisPlace(redis)
  return Promise.resolve({
    open: () => Promise.resolve(open()),
    spent: (key, picoUsd) => {
      ledger.set(balanceName(key), picoUsd)
      return Promise.resolve()
    },
  })
})

const line: BudgetLine = { scope: { kind: 'team', id: 't' }, windowId: 'all', maxPicoUsd: 100n }

function ask(requestId: string, picoUsd: bigint, owner: string): Admission {
  const parallels = [{ scope: line.scope, max: 3 }]
  return request({ requestId, owner, nowMs: 0, hold: exactHold(picoUsd), budgets: [line], parallels })
}

describe('when Redis loses everything', () => {
  it('budgets go on from the ledger and from what every instance holds', async () => {
    const { open, ledger, flush } = redisPlace(redis)
    ledger.set(balanceName(line), 30n)
    // What `a` has settled comes into the ledger when it is asked for.
    let settled = 0n
    const a = open({
      flushLedger: () => {
        ledger.set(balanceName(line), 30n + settled)
        return Promise.resolve()
      },
    })
    const b = open()
    expect(await a.admit(ask('a1', 20n, 'a'))).toMatchObject({ admitted: true })
    expect(await b.admit(ask('b1', 25n, 'b'))).toMatchObject({ admitted: true })
    await a.admit(ask('a2', 10n, 'a'))
    await a.settle({ requestId: 'a2', nowMs: 0, costPicoUsd: 5n })
    settled = 5n
    await expect.poll(() => [a.instances(), b.instances()]).toEqual([2, 2])

    await flush()
    expect(await b.admit(ask('b2', 21n, 'b'))).toMatchObject({
      admitted: false,
      line: { state: { settledPicoUsd: 35n, reservedPicoUsd: 45n } },
    })
    expect(await b.admit(ask('b3', 20n, 'b'))).toMatchObject({ admitted: true })
    expect(await a.admit(ask('a3', 0n, 'a'))).toMatchObject({ admitted: false, line: { type: 'parallel' } })
    for (const [counters, requestId] of [
      [a, 'a1'],
      [b, 'b1'],
      [b, 'b3'],
    ] as const)
      await counters.settle({ requestId, nowMs: 0, costPicoUsd: 10n })
    expect(await a.read([line])).toEqual([{ settledPicoUsd: 65n, reservedPicoUsd: 0n }])
  })

  it('an instance that lives is waited for until it has told the ledger what it settled', async () => {
    const { open, flush } = redisPlace(redis)
    let isAway = true
    const a = open({ patienceMs: 200 })
    const b = open({
      patienceMs: 200,
      flushLedger: () => (isAway ? Promise.reject(new Error('no database')) : Promise.resolve()),
    })
    await b.admit(ask('b', 40n, 'b'))
    await expect.poll(() => [a.instances(), b.instances()]).toEqual([2, 2])
    await flush()
    await expect(a.admit(ask('a1', 70n, 'a'))).rejects.toThrow(
      'another instance cannot bring what it settled',
    )
    isAway = false
    expect(await a.admit(ask('a2', 70n, 'a'))).toMatchObject({ admitted: false })
    expect(await a.admit(ask('a3', 60n, 'a'))).toMatchObject({ admitted: true })
  })

  it('nothing can be checked until the ledger is there, and leases are renewed all the same', async () => {
    const { open, flush } = redisPlace(redis)
    let isAway = false
    const flushLedger = (): Promise<void> =>
      isAway ? Promise.reject(new Error('no database')) : Promise.resolve()
    const counters = open({ flushLedger, heartbeatMs: 60_000 })
    await counters.admit(ask('1', 40n, 'a'))
    await flush()
    isAway = true
    await expect(counters.admit(ask('2', 10n, 'a'))).rejects.toThrow(CountersUnavailable)
    isAway = false
    expect(await counters.admit(ask('3', 70n, 'a'))).toMatchObject({ admitted: false })
    isAway = true
    await counters.renew('a', 20_000)
    expect(await counters.takeOrphans('b', 45_000, 9)).toEqual([])
  })

  it('an end that comes first tells of the hold before it', async () => {
    const { open, flush } = redisPlace(redis)
    const counters = open({ heartbeatMs: 60_000 })
    await counters.admit(ask('1', 40n, 'a'))
    await counters.admit(ask('2', 50n, 'a'))
    await flush()
    await counters.settle({ requestId: '1', nowMs: 0, costPicoUsd: 15n })
    expect(await counters.read([line])).toEqual([{ settledPicoUsd: 15n, reservedPicoUsd: 50n }])
  })

  it('an orphan of nobody is known no more, and its late end changes nothing', async () => {
    const { open, flush } = redisPlace(redis)
    const dead = open({ heartbeatMs: 60_000 })
    await dead.admit(ask('1', 40n, 'dead'))
    await flush()
    const b = open()
    expect(await b.takeOrphans('b', 30_000, 9)).toEqual([])
    await b.settle({ requestId: '1', nowMs: 0, costPicoUsd: 40n, isPresumed: true })
    expect(await b.read([line])).toEqual([{ settledPicoUsd: 0n, reservedPicoUsd: 0n }])
  })
})

it('after everything was lost, a budget that is quiet begins anew from the ledger', async () => {
  const { open, ledger, flush } = redisPlace(redis)
  const counters = open()
  await counters.admit(ask('1', 40n, 'a'))
  await flush()
  await counters.settle({ requestId: '1', nowMs: 0, costPicoUsd: 40n })
  ledger.set(balanceName(line), 41n)
  const settled = async (nowMs: number): Promise<bigint | undefined> => {
    await counters.renew('a', nowMs)
    return (await counters.read([line]))[0]?.settledPicoUsd
  }
  expect([await settled(20_000), await settled(40_000)]).toEqual([40n, 41n])
})

it('knows how many instances there are', async () => {
  const { open } = redisPlace(redis)
  const a = open({ patienceMs: 200 })
  const b = open({ patienceMs: 200 })
  await expect.poll(() => [a.instances(), b.instances()]).toEqual([2, 2])
  await b.close()
  await expect.poll(() => a.instances()).toBe(1)
})

it('waits no longer than its patience for an instance that is gone', async () => {
  const { open, flush } = redisPlace(redis)
  const a = open({ patienceMs: 200 })
  const b = open({ patienceMs: 200 })
  await b.admit(ask('b', 40n, 'b'))
  await expect.poll(() => a.instances()).toBe(2)
  await b.close()
  await flush()
  expect(await a.admit(ask('a', 100n, 'a'))).toMatchObject({ admitted: true })
})

it('a beginning that arrives after its end takes nothing', async () => {
  const counters = redisPlace(redis).open()
  await counters.settle({ requestId: 'late', nowMs: 0, costPicoUsd: 0n })
  await counters.admit(ask('late', 40n, 'a'))
  expect(await counters.read([line])).toEqual([{ settledPicoUsd: 0n, reservedPicoUsd: 0n }])
})
