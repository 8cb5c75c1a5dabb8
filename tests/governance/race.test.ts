import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../packages/server/src/store/database.ts'
import { openAt, postgresPlace } from '../../packages/server/src/store/testing/databases.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import type { FaultProvider } from '../support/fault-provider.ts'
import { gatherCrowd, statusesOf } from './support/crowd.ts'
import type { Got } from './support/crowd.ts'
import { driftsOf, entriesWhen, sumOf } from './support/entries.ts'
import { exactModel, exactRequest } from './support/models.ts'
import { makeFolders, startServer } from './support/server-process.ts'
import type { ServerProcess } from './support/server-process.ts'
import { redisUrl } from './support/services.ts'

const REQUESTS = 1_000
const BUDGET_USD = 0.01
const BUDGET_PICO_USD = 10_000_000_000n
const LEASE_MS = 1_000

describe.each([
  { name: 'one process with SQLite', processes: 1 },
  { name: 'four processes with PostgreSQL', processes: 4, postgres: true },
  { name: 'four processes with PostgreSQL and Redis', processes: 4, postgres: true, redis: true },
])('$name', ({ processes, postgres, redis }) => {
  const crowd = gatherCrowd()
  let provider: FaultProvider
  let servers: ServerProcess[]
  let database: Database
  let folders: string[]
  let start: (dataDirectory: string) => Promise<ServerProcess>
  let remove: () => Promise<void>

  beforeAll(async () => {
    provider = await startFaultProvider()
    ;({ folders, remove } = await makeFolders(processes))
    const place = postgres === true ? await postgresPlace() : { file: `${folders[0]}/switchyard.db` }
    start = (dataDirectory) =>
      startServer({
        // So that many are under way at once.
        models: [
          exactModel(provider.url, 'slow-first-byte-100'),
          { ...exactModel(provider.url, 'hang'), model_name: 'hanging' },
        ],
        dataDirectory,
        databaseUrl: 'url' in place ? place.url : undefined,
        redisUrl: redis === true ? redisUrl() : undefined,
        // The machine may be busy: this is about counting.
        environment: { SWITCHYARD_HOLD_LEASE_MS: String(LEASE_MS), REDIS_SOCKET_TIMEOUT: '10' },
      })
    servers = await Promise.all(folders.map(start))
    database = await openAt(place)
  })
  afterAll(async () => {
    crowd.leave()
    await Promise.all(servers.map((server) => server.kill()))
    await provider.close()
    await remove()
  })

  /** All at once, spread over the servers. */
  const rush = (key: string, requests: number): Promise<Got | undefined>[] =>
    Array.from({ length: requests }, async (_, index) => {
      const url = servers[index % servers.length]?.url ?? ''
      return await crowd.ask({ url, key }, '/v1/chat/completions', exactRequest)
    })

  const firstServer = (): ServerProcess => {
    const [server] = servers
    if (server === undefined) throw new Error('no server runs')
    return server
  }

  it('spend a budget to its last call and not further', async () => {
    const key = await firstServer().newKey({ max_budget: BUDGET_USD })
    const got = await Promise.all(rush(key, REQUESTS))
    const refused = got.filter((answer) => answer?.status === 429)
    expect(statusesOf(got)).toEqual({ 200: 25, 429: REQUESTS - 25 })
    for (const answer of refused)
      expect(answer).toMatchObject({
        headers: { 'x-should-retry': 'false' },
        json: { error: { type: 'budget_exceeded', code: 'budget_exceeded' } },
      })
    const entries = await entriesWhen(database, key, ({ length }) => length === REQUESTS)
    expect(entries.filter(({ state }) => state === 'settled')).toHaveLength(25)
    expect(sumOf(entries)).toBe(BUDGET_PICO_USD)
    expect(await driftsOf(database)).toEqual([])
    expect(await firstServer().admin(`/key/info?key=${key}`)).toMatchObject({ info: { spend: BUDGET_USD } })
  })

  if (processes > 1)
    it('lose nothing when one of them is killed half-way', async () => {
      const [victim, ...alive] = servers
      if (victim === undefined) throw new Error('no server runs')
      const key = await victim.newKey({ max_budget: BUDGET_USD })
      const narrow = await victim.newKey({ max_parallel_requests: 1 })
      const hanging = { ...exactRequest, model: 'hanging' }
      const before = provider.exchanges.length
      const hung = [key, narrow].map((one) =>
        crowd.ask({ url: victim.url, key: one }, '/v1/chat/completions', hanging),
      )
      await provider.exchange(before + 1)
      const rushing = rush(key, REQUESTS)
      await provider.exchange(before + 8)
      await victim.kill()
      servers = alive
      const got = await Promise.all(rushing)
      const passed = got.filter((answer) => answer?.status === 200).length
      expect(passed).toBeLessThan(25)

      // What it held is counted as spent when its lease is over.
      const entries = await entriesWhen(database, key, (all) => sumOf(all) === BUDGET_PICO_USD)
      const estimated = entries.filter(({ state }) => state === 'estimated').length
      expect(estimated).toBeGreaterThan(0)
      expect(entries.filter(({ state }) => state !== 'released')).toHaveLength(25)
      expect(await driftsOf(database)).toEqual([])
      const again = await crowd.ask({ url: firstServer().url, key }, '/v1/chat/completions', exactRequest)
      expect(again?.status).toBe(429)

      // A call at once that it took is given back, too.
      expect(await Promise.all(hung)).toEqual([undefined, undefined])
      const through = await crowd.ask(
        { url: firstServer().url, key: narrow },
        '/v1/chat/completions',
        exactRequest,
      )
      expect(through?.status).toBe(200)

      // It comes back: its journal knows of some that they were answered in full, and changes no sum by more than that.
      servers = [await start(folders[0] ?? ''), ...alive]
      const settled = await entriesWhen(
        database,
        key,
        (all) => all.filter(({ state }) => state === 'settled').length >= passed,
      )
      expect(sumOf(settled)).toBeLessThanOrEqual(BUDGET_PICO_USD)
      expect(await driftsOf(database)).toEqual([])
    }, 60_000)

  it('keep to 60 requests a minute', async () => {
    const key = await firstServer().newKey({ rpm_limit: 60 })
    const got = await Promise.all(rush(key, 400))
    const passed = got.filter((answer) => answer?.status === 200)
    const refused = got.filter((answer) => answer?.status === 429)
    expect(statusesOf(got)).toEqual({ 200: 60, 429: 340 })
    const left = passed.map((answer) => Number(answer?.headers['x-ratelimit-remaining-requests']))
    expect(left.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 60 }, (_, at) => at))
    for (const answer of refused) {
      expect(answer?.headers).toMatchObject({
        'retry-after': expect.stringMatching(/^\d+$/),
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-remaining-requests': '0',
      })
      expect(Number(answer?.headers['retry-after'])).toBeLessThanOrEqual(60)
    }
    await entriesWhen(database, key, ({ length }) => length === 400)
    expect(await driftsOf(database)).toEqual([])
  })
})
