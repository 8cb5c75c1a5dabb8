import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loseAll, testRedis } from '../../packages/server/src/counters/testing/redis.ts'
import type { Counters } from '../../packages/server/src/policy/counters.ts'
import { migrate } from '../../packages/server/src/store/migrate.ts'
import { openAt, testDatabases } from '../../packages/server/src/store/testing/databases.ts'
import { startInstance } from './support/instances.ts'
import type { Instance } from './support/instances.ts'
import {
  ask,
  BUDGET_PICO_USD,
  budgetsOf,
  COST_PICO_USD,
  LEASE_MS,
  NOW,
  openCounters,
} from './support/place.ts'
import type { Place, Task } from './support/place.ts'

const redis = testRedis()
/** Starting four processes on a busy machine. */
const START_MS = 60_000

async function postgresPlace(): Promise<Place> {
  const where = await testDatabases.find(({ dialect }) => dialect === 'postgres')?.place()
  const url = String(where?.url)
  await migrate(await openAt({ url }))
  return { kind: 'postgres', url, prefix: '' }
}

function redisPlace(): Promise<Place> {
  const { host = '127.0.0.1', port = 6379 } = redis.options
  const prefix = `race-${randomBytes(8).toString('hex')}`
  return Promise.resolve({ kind: 'redis', url: `redis://${host}:${port}`, prefix })
}

describe.each([
  ['PostgreSQL', postgresPlace],
  ['Redis', redisPlace],
] as const)('four processes that share %s', (name, placeOf) => {
  let instances: readonly Instance[] = []
  let counters: Counters
  let close = (): Promise<void> => Promise.resolve()

  beforeAll(async () => {
    const place = await placeOf()
    instances = ['a', 'b', 'c', 'd'].map((owner) => startInstance(place, owner))
    ;({ counters, close } = await openCounters(place))
    await Promise.all(instances.map(async ({ said }) => await said((line) => line === 'ready')))
  }, START_MS)

  afterAll(async () => {
    await Promise.all(instances.map(async ({ kill }) => await kill()))
    await close()
    await loseAll(redis, '{race-*')
  })

  /** Gives what passed. */
  const run = async (task: Task, by = instances): Promise<string[]> => {
    for (const { begin } of by) begin(task)
    await Promise.all(by.map(async ({ said }) => await said((line) => line === `done ${task.scope}`)))
    return by.flatMap(({ passed }) => passed.filter((id) => id.startsWith(`${task.scope}/`)))
  }

  it('spend a budget to its last call and not further', async () => {
    const passed = await run({ scope: 'money', what: 'money', requests: 250 })
    expect(passed).toHaveLength(25)
    const held = { settledPicoUsd: 0n, reservedPicoUsd: BUDGET_PICO_USD }
    expect(await counters.read(budgetsOf('money'))).toEqual([held, held])
    for (const requestId of passed)
      await counters.settle({ requestId, nowMs: NOW, costPicoUsd: COST_PICO_USD / 4n })
    const spent = { settledPicoUsd: BUDGET_PICO_USD / 4n, reservedPicoUsd: 0n }
    expect(await counters.read(budgetsOf('money'))).toEqual([spent, spent])
  })

  it('keep to 60 requests a minute', async () => {
    expect(await run({ scope: 'rate', what: 'rate', requests: 100 })).toHaveLength(60)
  })

  if (name === 'Redis')
    it('spend no more when it is flushed meanwhile', async () => {
      const passes = instances.map(async ({ said }) => await said((line) => line.startsWith('flushed/')))
      const flushed = Promise.any(passes).then(async () => await loseAll(redis, '{race-*'))
      const passed = await run({ scope: 'flushed', what: 'money', requests: 250 })
      await flushed
      expect(passed).toHaveLength(25)
      expect(await counters.read(budgetsOf('flushed'))).toMatchObject([
        {},
        { reservedPicoUsd: BUDGET_PICO_USD },
      ])
    })

  it('lose nothing when one of them is killed half-way', async () => {
    const [victim, ...others] = instances
    if (victim === undefined) throw new Error('there is no instance')
    const task = { scope: 'killed', what: 'money', requests: 250 } as const
    victim.begin(task)
    await victim.said((line) => line.startsWith('killed/'))
    await victim.kill()
    const alive = await run(task, others)

    const ended = NOW + LEASE_MS
    for (const { owner } of others) await counters.renew(owner, ended - 1)
    const orphans = await counters.takeOrphans('janitor', ended, 1_000)
    const lost = orphans.filter(({ requestId }) => requestId.startsWith('killed/'))
    expect(lost.length + alive.length).toBe(25)
    expect(lost.length).toBeGreaterThan(0)
    expect(lost.every(({ owner, holdPicoUsd }) => owner === 'a' && holdPicoUsd === COST_PICO_USD)).toBe(true)

    for (const { requestId, holdPicoUsd } of lost)
      await counters.settle({ requestId, nowMs: ended, costPicoUsd: holdPicoUsd, isPresumed: true })
    for (const requestId of alive)
      await counters.settle({ requestId, nowMs: ended, costPicoUsd: COST_PICO_USD })
    const spent = { settledPicoUsd: BUDGET_PICO_USD, reservedPicoUsd: 0n }
    expect(await counters.read(budgetsOf('killed'))).toEqual([spent, spent])
    expect(await counters.admit(ask('one more', 'b', task))).toMatchObject({ admitted: false })
  })
})
