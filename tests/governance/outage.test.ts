import { createHash } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { loseAll, testRedis } from '../../packages/server/src/counters/testing/redis.ts'
import { openWire } from '../../packages/server/src/counters/testing/wire.ts'
import type { Wire } from '../../packages/server/src/counters/testing/wire.ts'
import { openAt, postgresPlace } from '../../packages/server/src/store/testing/databases.ts'
import { startProxy } from '../../packages/server/src/store/testing/proxy.ts'
import type { Proxy } from '../../packages/server/src/store/testing/proxy.ts'
import { ask } from '../gateway/support/ask.ts'
import type { Reply } from '../gateway/support/ask.ts'
import { driftsOf, entriesWhen, sumOf } from './support/entries.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'
import { EXACT_PICO_USD, exactModel, exactRequest } from './support/models.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function governed(
  databaseUrl: string,
  redisUrl?: string,
  environment: Record<string, string> = {},
): Promise<GovernedGateway> {
  const gateway = await startGovernedGateway({
    databaseUrl,
    redisUrl,
    environment,
    models: (url) => [exactModel(url)],
  })
  closers.push(gateway.close)
  return gateway
}

function spend({ url }: GovernedGateway, key: string): Promise<Reply> {
  return ask({ url, key }, '/v1/chat/completions', exactRequest)
}

async function statusOf({ url }: GovernedGateway, path: string): Promise<number> {
  const response = await fetch(`${url}${path}`)
  await response.text()
  return response.status
}

/** How long the gateway takes to say that it is alive, the middle of many. */
async function livenessMs(gateway: GovernedGateway): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < 9; count++) {
    const startedMs = performance.now()
    expect(await statusOf(gateway, '/health/liveliness')).toBe(200)
    times.push(performance.now() - startedMs)
  }
  return times.toSorted((one, other) => one - other)[4] ?? 0
}

describe('PostgreSQL', () => {
  let url: string
  let wire: Proxy
  beforeAll(async () => {
    ;({ url } = await postgresPlace())
  })
  const behindWire = async (): Promise<string> => {
    wire = await startProxy(url)
    closers.push(wire.close)
    return wire.url
  }

  it('F57 that is down at the start: the gateway lives, is not ready, and becomes so by itself', async () => {
    const wired = await behindWire()
    wire.cut()
    const gateway = await governed(wired)
    expect(await statusOf(gateway, '/health/liveliness')).toBe(200)
    expect(await statusOf(gateway, '/health/readiness')).toBe(503)
    expect(await spend(gateway, 'sk-nobody-knows-yet')).toMatchObject({
      status: 503,
      json: { error: { code: 'db_unavailable' } },
    })
    wire.restore()
    await vi.waitFor(async () => expect(await statusOf(gateway, '/health/readiness')).toBe(200), {
      timeout: 15_000,
      interval: 100,
    })
    const key = await gateway.newKey({ max_budget: 1 })
    // What counts the budgets tries again in its own time.
    await vi.waitFor(async () => expect(await spend(gateway, key)).toMatchObject({ status: 200 }), {
      timeout: 15_000,
      interval: 100,
    })
  })

  it.each(['cut', 'freeze'] as const)(
    'F58, F59 that goes away under load (%s): what has no budget goes on, and is in the ledger once',
    async (how) => {
      const gateway = await governed(await behindWire())
      const free = await gateway.newKey()
      const hard = await gateway.newKey({ max_budget: 1 })
      for (const key of [free, hard]) expect(await spend(gateway, key)).toMatchObject({ status: 200 })
      wire[how]()
      const meanwhile = await Promise.all(Array.from({ length: 20 }, () => spend(gateway, free)))
      expect(meanwhile.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
      expect(await spend(gateway, hard)).toMatchObject({
        status: 503,
        json: { error: { code: 'ledger_unavailable' } },
        headers: { 'retry-after': expect.any(String) },
      })
      expect(await livenessMs(gateway)).toBeLessThan(100)

      wire.restore()
      const database = await openAt({ url })
      const entries = await entriesWhen(database, free, ({ length }) => length === 21)
      expect(sumOf(entries)).toBe(21n * EXACT_PICO_USD)
      await vi.waitFor(async () => expect((await spend(gateway, hard)).status).toBe(200), {
        timeout: 20_000,
        interval: 200,
      })
      expect(await driftsOf(database)).toEqual([])
      // What was spent unseen is counted.
      await vi.waitFor(
        async () =>
          expect(await gateway.admin(`/key/info?key=${free}`)).toMatchObject({ info: { spend: 0.0084 } }),
        { timeout: 5_000 },
      )
    },
    60_000,
  )
})

describe('Redis', () => {
  const redis = testRedis()
  let url: string
  let wire: Wire
  beforeAll(async () => {
    ;({ url } = await postgresPlace())
  })
  const behindWire = async (): Promise<string> => {
    const { host = '127.0.0.1', port = 6379 } = redis.options
    wire = await openWire(host, port)
    closers.push(async () => await wire.close())
    return `redis://127.0.0.1:${wire.port}`
  }

  it.each(['cut', 'freeze'] as const)(
    'F63, F64 that goes away (%s): what has no budget goes on without delay',
    async (how) => {
      const gateway = await governed(url, await behindWire())
      const free = await gateway.newKey({ rpm_limit: 1_000 })
      const hard = await gateway.newKey({ max_budget: 1 })
      for (const key of [free, hard]) expect(await spend(gateway, key)).toMatchObject({ status: 200 })
      wire[how]()
      // The first ones find out.
      await Promise.all(Array.from({ length: 10 }, () => spend(gateway, free)))
      const startedMs = performance.now()
      for (let count = 0; count < 20; count++)
        expect(await spend(gateway, free)).toMatchObject({ status: 200 })
      // Twenty deadlines of 50 ms would be a second, without the requests' own time.
      expect((performance.now() - startedMs) / 20).toBeLessThan(50)
      expect(await spend(gateway, hard)).toMatchObject({
        status: 503,
        json: { error: { code: 'ledger_unavailable' } },
      })
      expect(await livenessMs(gateway)).toBeLessThan(100)
      if (how === 'freeze') wire.thaw()
    },
  )

  it('F65 that is flushed loses no budget', async () => {
    // Of its own, as instances that were heard of lately are waited for after a loss.
    const { url } = await postgresPlace()
    // The machine may be busy: this is about what is lost.
    const gateway = await governed(url, await behindWire(), { REDIS_SOCKET_TIMEOUT: '10' })
    const key = await gateway.newKey({ max_budget: 0.002 })
    for (let count = 0; count < 3; count++) expect(await spend(gateway, key)).toMatchObject({ status: 200 })
    const { place } = gateway.governance.store.database
    const prefix = createHash('sha256').update(place).digest('hex').slice(0, 12)
    await loseAll(redis, `{switchyard:${prefix}}*`)
    const after = []
    for (let count = 0; count < 4; count++) after.push((await spend(gateway, key)).status)
    expect(after).toEqual([200, 200, 429, 429])
    const database = await openAt({ url })
    const entries = await entriesWhen(database, key, ({ length }) => length === 7)
    expect(sumOf(entries)).toBe(5n * EXACT_PICO_USD)
  })
})
