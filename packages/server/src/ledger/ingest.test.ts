import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../store/database.ts'
import { storeError } from '../store/store-error.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { createIngest } from './ingest.ts'
import type { Ingest } from './ingest.ts'
import { estimate } from './pairing.ts'
import { dayOf } from './rows.ts'
import { NOON_MS, opening, pair } from './testing/records.ts'
import { verify } from './verify.ts'

describe.each(testDatabases)('ingesting into $dialect', ({ open }) => {
  let database: Database
  let ingest: Ingest
  beforeEach(async () => {
    database = await open()
    ingest = createIngest(database, () => NOON_MS)
  })

  const balances = async (): Promise<Record<string, [bigint, number, number]>> => {
    const rows = await database.kysely.selectFrom('balances').selectAll().execute()
    return Object.fromEntries(
      rows.map((row) => [
        `${row.scope_kind}:${row.scope_id} ${row.window_id}`,
        [row.settled_pico_usd, row.requests, row.tokens],
      ]),
    )
  }

  const daily = async (kind: string) =>
    await database.kysely
      .selectFrom('daily_spend')
      .selectAll()
      .where('scope_kind', '=', kind)
      .orderBy('model')
      .execute()

  const entries = async () =>
    await database.kysely.selectFrom('ledger_entries').selectAll().orderBy('request_id').execute()

  it('writes entry, tags, log, sums and balances', async () => {
    await ingest([pair('r1', { opening: { parties: { userId: 'ada', tags: ['a', 'b', 'a'] } } })])
    expect(await entries()).toMatchObject([
      {
        request_id: 'r1',
        state: 'settled',
        cost_pico_usd: 250_000n,
        held_pico_usd: 1_000_000n,
        user_id: 'ada',
      },
    ])
    const tags = await database.kysely.selectFrom('ledger_tags').select('tag').orderBy('tag').execute()
    expect(tags).toEqual([{ tag: 'a' }, { tag: 'b' }])
    expect(await database.kysely.selectFrom('request_logs').selectAll().execute()).toMatchObject([
      {
        request_id: 'r1',
        response_id: 'chatcmpl-r1',
        day: dayOf(NOON_MS),
        cost_pico_usd: 250_000n,
        input_tokens: 10,
        tags: '["a","b","a"]',
        attempts: '[{"deploymentId":"deployment-1","ms":850,"costPicoUsd":"250000"}]',
      },
    ])
    expect(await balances()).toEqual({
      'global: all': [250_000n, 1, 15],
      'key:key-1 all': [250_000n, 1, 15],
      'team:team-1 1mo/2026-11-01': [250_000n, 1, 15],
    })
    for (const kind of ['global', 'key', 'user', 'team', 'deployment'])
      expect(await daily(kind), kind).toMatchObject([
        {
          cost_pico_usd: 250_000n,
          requests: 1,
          successful_requests: 1,
          failed_requests: 0,
          output_tokens: 5,
        },
      ])
    expect(await daily('tag')).toHaveLength(2)
  })

  it('changes nothing when a pair comes again, in one batch or in two', async () => {
    await ingest([pair('r1'), pair('r1')])
    await ingest([pair('r1'), pair('r2')])
    expect(await entries()).toHaveLength(2)
    expect(await balances()).toMatchObject({ 'key:key-1 all': [500_000n, 2, 30] })
    expect(await daily('global')).toMatchObject([{ cost_pico_usd: 500_000n, requests: 2 }])
  })

  it('corrects an estimate by what it came to, everywhere', async () => {
    await ingest([estimate(opening('r1'), NOON_MS)])
    expect(await balances()).toMatchObject({ 'key:key-1 all': [1_000_000n, 1, 0] })
    await ingest([pair('r1')])
    await ingest([pair('r1'), estimate(opening('r1'), NOON_MS)])
    expect(await entries()).toMatchObject([{ state: 'settled', cost_pico_usd: 250_000n, provider: 'openai' }])
    expect(await balances()).toMatchObject({ 'key:key-1 all': [250_000n, 1, 15] })
    expect(await daily('global')).toMatchObject([
      { model: 'gpt', cost_pico_usd: 0n, requests: 0, failed_requests: 0 },
      { model: 'gpt-5', cost_pico_usd: 250_000n, requests: 1, successful_requests: 1 },
    ])
    const logs = await database.kysely.selectFrom('request_logs').selectAll().execute()
    expect(logs).toMatchObject([{ status: 'success', response_id: 'chatcmpl-r1' }])
  })

  it('keeps every request although answers repeat their ids', async () => {
    const answers = ['r1', 'r2', 'r3'].map((id) => pair(id, { closing: { log: { responseId: 'same' } } }))
    await ingest(answers)
    const logs = await database.kysely.selectFrom('request_logs').select('response_id').execute()
    expect(logs).toEqual([{ response_id: 'same' }, { response_id: 'same' }, { response_id: 'same' }])
  })

  it('writes a batch once when nobody can tell whether it was committed', async () => {
    let lost = 2
    const transaction: Database['transaction'] = async (work, options) => {
      const result = await database.transaction(work, options)
      if (lost-- > 0) throw storeError('db_unavailable', 'The connection was reset.')
      return result
    }
    const unsure = createIngest({ ...database, transaction }, () => NOON_MS)
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(unsure([pair('r1'), pair('r2')])).rejects.toThrow('reset')
    await unsure([pair('r1'), pair('r2')])
    expect(await balances()).toMatchObject({ 'key:key-1 all': [500_000n, 2, 30] })
  })

  it('writes what no database can hold as something that it can', async () => {
    await ingest([pair('r1', { closing: { log: { model: 'a\0b\uD800c' } } })])
    expect(await entries()).toMatchObject([{ model: 'a\uFFFDb\uFFFDc' }])
  })

  it('adds up when many write at once', async () => {
    const requests = Array.from({ length: 200 }, (_, index) =>
      pair(`r${index}`, {
        opening: { parties: { keyHash: `key-${index % 7}`, tags: [`t${index % 3}`] }, lines: lines(index) },
      }),
    )
    const writers = Array.from({ length: 8 }, () => createIngest(database, () => NOON_MS))
    await Promise.all(
      writers.map(async (write, writer) => {
        // Every pair is written by two writers, in batches that overlap.
        for (let start = 0; start < 200; start += 50)
          await write(
            requests.filter((_, index) => index >= start && index < start + 50 && index % 4 === writer % 4),
          )
      }),
    )
    expect(await entries()).toHaveLength(200)
    expect(await balances()).toMatchObject({ 'global: all': [50_000_000n, 200, 3_000] })
  })

  function lines(index: number): [string, string][] {
    const scopes: [string, string][] = [
      ['global:', 'all'],
      [`key:key-${index % 7}`, 'all'],
      [`tag:t${index % 3}`, 'all'],
    ]
    return index % 2 === 0 ? scopes : scopes.reverse()
  }
})

describe('ingesting into postgres', () => {
  it('goes on when the server breaks the connection within a transaction', async () => {
    const [, postgres] = testDatabases
    if (postgres === undefined) throw new Error('there is no PostgreSQL to test with')
    const database = await postgres.open()
    let breaks = 1
    const transaction: Database['transaction'] = async (work, options) =>
      await database.transaction(async (trx) => {
        const result = await work(trx)
        if (options?.idempotent === true && breaks-- > 0)
          await sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx)
        return result
      }, options)
    await createIngest({ ...database, transaction }, () => NOON_MS)([pair('r1'), pair('r2')])
    expect(await verify(database)).toMatchObject({ entries: 2, drifts: [] })
  })
})
