import { afterEach, describe, expect, it } from 'vitest'
import type { Admission, Counters } from '../policy/counters.ts'
import { exactHold } from '../policy/hold.ts'
import { migrate } from '../store/migrate.ts'
import { openAt, testDatabases } from '../store/testing/databases.ts'
import { createBreaker } from './breaker.ts'
import type { Breaker } from './breaker.ts'
import { createPostgresCounters } from './postgres.ts'
import { connectRedis } from '../redis/connect.ts'
import type { SharedCounters } from './shared-counters.ts'
import { createSteadyCounters } from './steady.ts'
import { patientBreaker } from './testing/breaker.ts'
import { redisPlace, testRedis } from './testing/redis.ts'
import { openWire } from './testing/wire.ts'
import type { Wire } from './testing/wire.ts'
import { ask as request } from './testing/requests.ts'

const scope = { kind: 'key', id: 'k' } as const
const budget = { scope, windowId: 'all', maxPicoUsd: 100n }

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A store behind a wire, and another way to it. */
interface Stage {
  readonly wire: Wire
  readonly open: (breaker: Breaker) => Promise<SharedCounters>
  readonly other: Counters
}

const direct = testRedis()

async function redisStage(): Promise<Stage> {
  const wire = await openWire(direct.options.host ?? '127.0.0.1', direct.options.port ?? 6379)
  const place = redisPlace(direct)
  return {
    wire,
    other: place.open(),
    open: async (breaker) => {
      const redis = await connectRedis(
        `redis://127.0.0.1:${wire.port}`,
        { whileAway: 'a test goes on' },
        { warn: () => undefined },
      )
      closers.push(() => redis.disconnect())
      return place.open({ redis, breaker, heartbeatMs: 60_000 })
    },
  }
}

async function postgresStage(): Promise<Stage> {
  const where = await testDatabases.find(({ dialect }) => dialect === 'postgres')?.place()
  const url = new URL(String(where?.url))
  const database = await openAt({ url: url.href })
  await migrate(database)
  const wire = await openWire(url.hostname, Number(url.port))
  url.port = String(wire.port)
  return {
    wire,
    other: await createPostgresCounters({ database, breaker: patientBreaker() }),
    open: async (breaker) =>
      await createPostgresCounters({ database: await openAt({ url: url.href }), breaker }),
  }
}

async function start({ wire, open }: Stage, deadlineMs: number) {
  closers.push(wire.close)
  /** Ahead of the machine's. */
  const clock = { ms: 0 }
  const changes: string[] = []
  const breaker = createBreaker({
    deadlineMs,
    monotonicMs: () => performance.now() + clock.ms,
    random: () => 0,
    onChange: (state) => changes.push(state),
  })
  const counters = createSteadyCounters({
    shared: await open(breaker),
    allowUnchecked: false,
    onDropped: () => undefined,
  })
  return { counters, clock, changes }
}

function ask(requestId: string, fields: Partial<Admission> = {}): Admission {
  return request({ requestId, nowMs: 0, hold: exactHold(10n), budgets: [budget], ...fields })
}

const rates = [{ scope, unit: 'requests', max: 1_000, amount: 1 }] as const

describe.each([
  ['Redis', redisStage],
  ['PostgreSQL', postgresStage],
] as const)('%s', (_, stageOf) => {
  it('that freezes delays five requests by the deadline, and no other', async () => {
    const stage = await stageOf()
    const { counters, clock, changes } = await start(stage, 1_000)
    await counters.admit(ask('before'))
    stage.wire.freeze()
    const failed = Array.from({ length: 5 }, async (_, at) => await counters.admit(ask(`frozen${at}`)))
    for (const failure of await Promise.allSettled(failed))
      expect(failure).toMatchObject({ status: 'rejected', reason: { reason: 'ledger_unavailable' } })
    expect(changes).toEqual(['open'])
    const begunMs = performance.now()
    for (let at = 0; at < 100; at++)
      expect(await counters.admit(ask(`${at}`, { budgets: [], rates }))).toMatchObject({ admitted: true })
    await counters.settle({ requestId: 'before', nowMs: 0, costPicoUsd: 7n })
    // A hundred deadlines would be a hundred seconds.
    expect(performance.now() - begunMs).toBeLessThan(10_000)

    stage.wire.thaw()
    // The frozen requests arrive now, though nobody waits for them; what they hold is let go.
    await expect
      .poll(
        async () => {
          clock.ms += 60_000
          await counters.renew('a', 0)
          return await stage.other.read([budget])
        },
        { timeout: 15_000 },
      )
      .toEqual([{ settledPicoUsd: 7n, reservedPicoUsd: 0n }])
    expect(await counters.admit(ask('after'))).toMatchObject({ admitted: true })
  })

  it('that is cut off fails budgets closed and lets all else go on', async () => {
    const stage = await stageOf()
    const { counters } = await start(stage, 10_000)
    await counters.admit(ask('before'))
    stage.wire.cut()
    await expect(counters.admit(ask('1'))).rejects.toMatchObject({
      status: 503,
      reason: 'ledger_unavailable',
    })
    expect(await counters.admit(ask('2', { budgets: [], rates }))).toMatchObject({ admitted: true })
  })

  it('that is away at the start does not keep the gateway from starting', async () => {
    const stage = await stageOf()
    stage.wire.cut()
    const { counters } = await start(stage, 10_000)
    expect(await counters.admit(ask('1', { budgets: [], rates }))).toMatchObject({ admitted: true })
  })
})
