import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryCounters } from '../counters/memory.ts'
import { createPostgresCounters } from '../counters/postgres.ts'
import { patientBreaker } from '../counters/testing/breaker.ts'
import { redisPlace, testRedis } from '../counters/testing/redis.ts'
import { ask, budget, LEASE_MS } from '../counters/testing/requests.ts'
import type { Counters } from '../policy/counters.ts'
import { exactHold } from '../policy/hold.ts'
import type { Database } from '../store/database.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { readBalances } from '../store/tables/balances.ts'
import { findEntry } from '../store/tables/ledger-entries.ts'
import type { ClosingRecord } from './entry.ts'
import { keepHolds } from './hold-keeper.ts'
import { createLedger } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import { closing, NOON_MS, opening } from './testing/records.ts'
import { verify } from './verify.ts'

const HELD = 1_000_000n
const silent = { info: () => {}, warn: () => {}, error: () => {} }

/** What a process that was not run for longer than its lease tells when it goes on. */
const truths: readonly (readonly [string, ClosingRecord])[] = [
  ['settled', closing('r1')],
  [
    'released',
    closing('r1', { state: 'released', costPicoUsd: 0n, log: { status: 'failure', inputTokens: 0 } }),
  ],
  ['estimated by its own process', closing('r1', { state: 'estimated', costPicoUsd: 300_000n })],
]

const countersIn = {
  memory: (database: Database): Counters =>
    createMemoryCounters({ load: (keys) => readBalances(database.kysely, keys) }),
  postgres: async (database: Database): Promise<Counters> =>
    await createPostgresCounters({ database, breaker: patientBreaker(), leaseMs: LEASE_MS }),
  redis: (database: Database): Counters =>
    redisPlace(testRedis()).open({ load: (keys) => readBalances(database.kysely, keys) }),
}

const kindsOf = { sqlite: ['memory'], postgres: ['postgres', 'redis'] } as const
const places = testDatabases.flatMap((database) =>
  kindsOf[database.dialect].map((kind) => ({ ...database, kind })),
)

describe.each(places)(
  'the end of a request that was taken for lost, on $dialect with counters in $kind',
  ({ kind, open }) => {
    let root: string
    let database: Database
    let counters: Counters
    let starved: Instance
    let other: Instance
    let nowMs: number
    let replays = 0

    beforeEach(async () => {
      nowMs = NOON_MS + LEASE_MS
      root = await mkdtemp(join(tmpdir(), 'switchyard-late-'))
      database = await open()
      counters = await countersIn[kind](database)
      starved = await startInstance('starved')
      other = await startInstance('other')
      await begin()
    })
    afterEach(async () => {
      await starved.ledger.stop()
      await other.ledger.stop()
      await rm(root, { recursive: true, force: true })
    })

    interface Instance {
      readonly owner: string
      readonly folder: string
      readonly ledger: Ledger
      /** Settles what others have not renewed for a lease. */
      readonly takeOver: () => Promise<void>
    }

    async function startInstance(owner: string): Promise<Instance> {
      const folder = join(root, owner)
      // Moves nothing by itself.
      const schedule = () => () => {}
      const ledger = createLedger({ database, folder, owner, log: silent, nowMs: () => nowMs, schedule })
      await ledger.start()
      const holds = keepHolds({
        // As while the counters are away for a moment.
        counters: { ...counters, renew: () => {} },
        ledger,
        find: async (requestId) => {
          const entry = await findEntry(database.kysely, requestId)
          if (entry === undefined) return undefined
          return { costPicoUsd: entry.cost_pico_usd, isPresumed: entry.presumed === 1 }
        },
        owner,
        leaseMs: LEASE_MS,
        nowMs: () => nowMs,
        log: silent,
      })
      holds.stop()
      return { owner, folder, ledger, takeOver: holds.run }
    }

    async function begin(): Promise<void> {
      const record = opening('r1', { owner: 'starved', holdPicoUsd: HELD })
      const { holdPicoUsd, ...beside } = record
      await counters.admit(
        ask({
          requestId: 'r1',
          owner: 'starved',
          nowMs: NOON_MS,
          hold: exactHold(holdPicoUsd),
          budgets: [
            budget(undefined, { kind: 'global', id: '' }, 'all'),
            budget(undefined, { kind: 'key', id: 'key-1' }, 'all'),
            budget(undefined, { kind: 'team', id: 'team-1' }, '1mo/2026-11-01'),
          ],
          opening: () => JSON.stringify(beside),
        }),
      )
      starved.ledger.open(record)
    }

    async function end(truth: ClosingRecord): Promise<void> {
      await counters.settle({ requestId: 'r1', nowMs, costPicoUsd: truth.costPicoUsd })
      starved.ledger.close(truth)
    }

    /** The journal of an instance as it is now, read by somebody as if that instance had died. */
    async function replay({ folder }: Instance): Promise<void> {
      const copy = join(root, `copy-${replays++}`)
      await cp(folder, copy, { recursive: true })
      const ledger = createLedger({
        database,
        folder: copy,
        owner: `replay-${replays++}`,
        log: silent,
        nowMs: () => nowMs,
      })
      await ledger.start()
      await ledger.stop()
    }

    const expectTruth = async ({ state, costPicoUsd, log }: ClosingRecord): Promise<void> => {
      const { kysely } = database
      expect(await kysely.selectFrom('ledger_entries').selectAll().execute()).toMatchObject([
        { request_id: 'r1', state, cost_pico_usd: costPicoUsd, provider: 'openai', owner: 'starved' },
      ])
      expect(await kysely.selectFrom('request_logs').selectAll().execute()).toMatchObject([
        {
          response_id: 'chatcmpl-r1',
          status: log.status,
          cost_pico_usd: costPicoUsd,
          usage_source: 'provider',
        },
      ])
      const days = await kysely
        .selectFrom('daily_spend')
        .selectAll()
        .where('scope_kind', '=', 'key')
        .execute()
      expect(days.filter(({ requests }) => requests !== 0)).toMatchObject([
        { model: 'gpt-5', requests: 1, cost_pico_usd: costPicoUsd },
      ])
      expect(await verify(database, counters)).toEqual({ entries: 1, totalPicoUsd: costPicoUsd, drifts: [] })
    }

    describe.each(truths)('%s', (_, truth) => {
      it('replaces the estimate, and nothing that comes again changes it', async () => {
        await other.takeOver()
        await other.ledger.flush()
        expect(await verify(database, counters)).toEqual({ entries: 1, totalPicoUsd: HELD, drifts: [] })
        await end(truth)
        await replay(other)
        await starved.ledger.flush()
        await expectTruth(truth)
        for (const again of [starved, other, starved]) await replay(again)
        await expectTruth(truth)
      })

      it('stays when the estimate reaches the database after it', async () => {
        await other.takeOver()
        await end(truth)
        await starved.ledger.flush()
        await other.ledger.flush()
        await expectTruth(truth)
      })

      it('wins when both reach the database at once', async () => {
        await other.takeOver()
        await end(truth)
        await Promise.all([other.ledger.flush(), starved.ledger.flush(), replay(starved), replay(other)])
        await expectTruth(truth)
      })

      it('wins when it is told before the other has made its estimate', async () => {
        await end(truth)
        await other.takeOver()
        await other.ledger.flush()
        await starved.ledger.flush()
        await expectTruth(truth)
      })

      it('wins although its own process finds that its lease has ended', async () => {
        await starved.takeOver()
        await starved.ledger.flush()
        await end(truth)
        await starved.ledger.flush()
        await expectTruth(truth)
      })

      it('wins although its own process is given it back by one that took it over and died', async () => {
        const taken = await counters.takeOrphans('gone', nowMs, 9)
        expect(taken).toMatchObject([{ requestId: 'r1', owner: 'starved' }])
        nowMs += LEASE_MS
        await starved.takeOver()
        await end(truth)
        await starved.ledger.flush()
        await expectTruth(truth)
      })
    })
  },
)
