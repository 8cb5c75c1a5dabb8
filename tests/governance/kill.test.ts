import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it, onTestFinished, vi } from 'vitest'
import { hashKey } from '../../packages/server/src/auth/virtual-key.ts'
import type { Database } from '../../packages/server/src/store/database.ts'
import { openAt, postgresPlace } from '../../packages/server/src/store/testing/databases.ts'
import { isObject, readChatStream } from '../gateway/support/ask.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import { gatherCrowd } from './support/crowd.ts'
import type { Got } from './support/crowd.ts'
import { EXACT_PICO_USD, exactModel, exactRequest } from './support/models.ts'
import { offerLoad } from './support/offered-load.ts'
import type { OfferedLoad } from './support/offered-load.ts'
import { makeFolders, startServer, verifyLedger } from './support/server-process.ts'
import type { ServerProcess } from './support/server-process.ts'

const KILLS = 20
/** Requests that are sent in a second, however long answers take: more than a gateway that just started is used to. */
const OFFERED_PER_SECOND = 400
/** Under way at the provider before a kill: it may be that of a gateway that did nothing before. */
const REACHED = 24
/** Enough for a client, and far from the limit: a budget is held and settled each time. */
const BUDGET_USD = 1_000

describe.concurrent.each([
  ['SQLite', () => Promise.resolve(undefined)],
  ['PostgreSQL', async () => (await postgresPlace()).url],
] as const)('a server on %s that is killed under load', (_name, urlOf) => {
  it(`${KILLS} times in a row has every answer that a client has, once and at its cost`, async ({
    expect,
  }) => {
    const provider = await startFaultProvider()
    const { folders, remove } = await makeFolders(1)
    const [dataDirectory = ''] = folders
    const databaseUrl = await urlOf()
    const crowd = gatherCrowd()
    const servers: ServerProcess[] = []
    let load: OfferedLoad | undefined
    let isOver = false
    onTestFinished(async () => {
      isOver = true
      const ended = load?.end()
      crowd.leave()
      await Promise.all(servers.map(async (server) => await server.kill()))
      await ended
      await provider.close()
      await remove()
    })
    // Some are long enough under way to be caught in the middle.
    const models = [exactModel(provider.url, 'slow-first-byte-20')]
    const start = async (): Promise<ServerProcess> => {
      const server = await startServer({ models, dataDirectory, databaseUrl })
      servers.push(server)
      // One that comes when the test has failed would stay.
      if (isOver) await server.kill()
      return server
    }

    let key = ''
    let sent = 0
    let loadedMs = 0
    const received = new Set<string>()
    const refused: number[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const running = await start()
      key ||= await running.newKey({ max_budget: BUDGET_USD })
      const door = { url: running.url, key }
      load = offerLoad(OFFERED_PER_SECOND, async (number) => {
        const stream = number % 2 === 0
        const got = await crowd.ask(door, '/v1/chat/completions', stream ? streamed : whole)
        if (got === undefined) return
        if (got.status !== 200) refused.push(got.status)
        const id = idOf(got, stream)
        if (id !== undefined) received.add(id)
      })
      await provider.exchange(provider.exchanges.length + REACHED)
      await sleep(20 * kill)
      const ended = load.end()
      await running.kill()
      const offered = await ended
      sent += offered.sent
      loadedMs += offered.ms
    }
    const server = await start()
    const place =
      databaseUrl === undefined ? { file: `${dataDirectory}/switchyard.db` } : { url: databaseUrl }
    const database = await openAt(place)
    const rows = await vi.waitFor(
      async () => {
        const found = await rowsOf(database, key)
        const ids = new Set(found.map(({ response_id }) => response_id))
        const missing = [...received].filter((id) => !ids.has(id))
        if (missing.length > 0) throw new Error(`${missing.length} of ${received.size} answers are not there`)
        return found
      },
      { timeout: 20_000, interval: 100 },
    )
    const stateIs = (wanted: string): Row[] => rows.filter(({ state }) => state === wanted)
    const [settled, estimated, released] = [stateIs('settled'), stateIs('estimated'), stateIs('released')]
    const charged = [...settled, ...estimated]
    process.stdout.write(
      `${sent} requests, ${received.size} received in full, ${settled.length} settled, ${estimated.length} estimated, ` +
        `${refused.length} refused; ${Math.round((sent * 1_000) / loadedMs)} requests/s were offered between starts and kills\n`,
    )
    // Where the machine is too slow for the rate, the gateway says so, at no cost.
    expect(refused.filter((status) => status !== 503)).toEqual([])
    expect(released.length).toBeLessThanOrEqual(refused.length)
    expect(received.size).toBeGreaterThan(KILLS * 5)
    expect(charged.length + released.length).toBe(rows.length)
    expect(new Set(settled.map(({ response_id }) => response_id)).size).toBe(settled.length)
    expect(charged.every(({ cost_pico_usd }) => cost_pico_usd === EXACT_PICO_USD)).toBe(true)
    // Each kill catches requests under way, and no more than there were.
    expect(estimated.length).toBeGreaterThan(KILLS)
    expect(rows.length).toBeLessThanOrEqual(sent)
    expect(await verifyLedger({ dataDirectory, databaseUrl })).toContain('agree')
    const { info } = await server.admin(`/key/info?key=${key}`)
    expect(info).toMatchObject({ spend: (charged.length * 4) / 10_000 })
  }, 170_000)
})

const streamed = JSON.stringify({ ...exactRequest, stream: true })
const whole = JSON.stringify({ ...exactRequest, stream: false })

/** Of an answer that has its end. */
function idOf({ text, json }: Got, stream: boolean): string | undefined {
  if (!stream) return isObject(json) && typeof json.id === 'string' ? json.id : undefined
  const { done, ids } = readChatStream(text)
  return done ? ids[0] : undefined
}

interface Row {
  state: string
  cost_pico_usd: bigint
  response_id: string | null
}

async function rowsOf({ kysely }: Database, key: string): Promise<Row[]> {
  return await kysely
    .selectFrom('ledger_entries')
    .leftJoin('request_logs', 'request_logs.request_id', 'ledger_entries.request_id')
    .select(['ledger_entries.state', 'ledger_entries.cost_pico_usd', 'request_logs.response_id'])
    .where('ledger_entries.key_hash', '=', hashKey(key))
    .execute()
}
