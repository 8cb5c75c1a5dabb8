import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../store/database.ts'
import { storeError } from '../store/store-error.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { createLedger } from './ledger.ts'
import type { Ledger, LedgerOptions } from './ledger.ts'
import type { Pair } from './pairing.ts'
import { manualSchedule } from './testing/manual-schedule.ts'
import { closing, NOON_MS, opening } from './testing/records.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-ledger-'))
})
afterEach(async () => await rm(folder, { recursive: true, force: true }))

describe.each(testDatabases)('a ledger in $dialect', ({ open }) => {
  let database: Database
  const said: string[] = []
  const say = (_: object, text: string): void => void said.push(text)
  const time = manualSchedule(NOON_MS)
  beforeEach(async () => {
    database = await open()
    said.length = 0
  })

  const ledgerOf = (owner: string, options: Partial<LedgerOptions> = {}): Ledger =>
    createLedger({
      database,
      folder,
      owner,
      log: { info: say, warn: say, error: say } as LedgerOptions['log'],
      nowMs: time.nowMs,
      schedule: time.schedule,
      ...options,
    })

  /** As if nothing could be moved before a process ends. */
  const away = (): Database => ({
    ...database,
    transaction: async () => {
      throw storeError('db_unavailable', 'The database cannot be reached.')
    },
  })

  const entries = async () =>
    await database.kysely
      .selectFrom('ledger_entries')
      .select(['request_id', 'state', 'cost_pico_usd'])
      .orderBy('request_id')
      .execute()

  it('brings what is closed into the database and leaves nothing behind', async () => {
    const ledger = ledgerOf('a', { segmentBytes: 2_000 })
    await ledger.start()
    for (let index = 10; index < 40; index++) {
      ledger.open(opening(`r${index}`))
      ledger.close(closing(`r${index}`))
    }
    ledger.open(opening('r99'))
    expect(ledger.stats()).toMatchObject({ records: 61, pending: 61 })
    await ledger.flush()
    expect(ledger.stats()).toMatchObject({ records: 61, pending: 0, lagMs: 0 })
    expect(await entries()).toHaveLength(30)
    // The last segment is being written; one of those before it has the request that is under way.
    expect((await readdir(join(folder, 'a'))).filter((name) => name.endsWith('.log')).length).toBeLessThan(3)
    ledger.close(closing('r99'))
    await ledger.stop()
    expect(await entries()).toHaveLength(31)
    expect(await readdir(folder)).toEqual([])
  })

  it('finds the journal of a process that died and leaves that of a living one alone', async () => {
    const living = ledgerOf('living')
    await living.start()
    living.open(opening('live'))
    const died = ledgerOf('died', { database: away() })
    await died.start()
    died.open(opening('open', { holdPicoUsd: 777n }))
    died.open(opening('closed'))
    died.close(closing('closed'))
    await died.stop()

    const replayed: Pair[] = []
    const next = ledgerOf('next', { onReplayed: (pair) => void replayed.push(pair) })
    await next.start()
    expect(await entries()).toEqual([
      { request_id: 'closed', state: 'settled', cost_pico_usd: 250_000n },
      { request_id: 'open', state: 'estimated', cost_pico_usd: 777n },
    ])
    expect(replayed.map(({ closing }) => [closing.requestId, closing.state])).toEqual([
      ['closed', 'settled'],
      ['open', 'estimated'],
    ])
    expect(await readdir(folder)).toEqual(['living', 'next'])
    await next.stop()
    await living.stop()
    expect(await entries()).toHaveLength(2)
  })

  it('keeps everything while the database is away and catches up when it is back', async () => {
    let isAway = true
    const transaction: Database['transaction'] = async (work, options) => {
      if (isAway) throw storeError('db_unavailable', 'The database cannot be reached.')
      return await database.transaction(work, options)
    }
    const ledger = ledgerOf('a', { database: { ...database, transaction } })
    await ledger.start()
    ledger.open(opening('r1'))
    ledger.close(closing('r1'))
    for (let attempt = 0; attempt < 3; attempt++) await expect(ledger.flush()).rejects.toThrow('reached')
    time.pass(5_000)
    expect(ledger.stats()).toMatchObject({ pending: 2, lagMs: 5_000 })
    isAway = false
    await ledger.flush()
    expect(await entries()).toHaveLength(1)
    expect(ledger.stats()).toMatchObject({ pending: 0, lagMs: 0 })
    await ledger.stop()
  })

  it('leaves to the next start what it cannot move when it stops', async () => {
    const ledger = ledgerOf('a', { database: away() })
    await ledger.start()
    ledger.open(opening('r1'))
    ledger.close(closing('r1'))
    await ledger.stop()
    expect(said).toContain('the ledger cannot reach its database; the journal keeps everything until it can')
    const next = ledgerOf('b')
    await next.start()
    expect(await entries()).toEqual([{ request_id: 'r1', state: 'settled', cost_pico_usd: 250_000n }])
    await next.stop()
  })

  it('keeps a pair that the database does not take in a file, and takes all others', async () => {
    const ledger = ledgerOf('a')
    await ledger.start()
    for (const id of ['r1', 'r2', 'r3']) {
      ledger.open(opening(id))
      ledger.close(closing(id, { log: { inputTokens: id === 'r2' ? 1.5 : 1 } }))
    }
    await ledger.stop()
    expect((await entries()).map((entry) => entry.request_id)).toEqual(['r1', 'r3'])
    expect(await readFile(join(folder, 'rejected.log'), 'utf8')).toContain('"requestId":"r2"')
  })

  it('takes no request before it has begun', () => {
    expect(() => ledgerOf('a').open(opening('r1'))).toThrow('not running')
  })
})
