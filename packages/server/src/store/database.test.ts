import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database, Queries } from './database.ts'
import { dropLogsBefore, ensureLogPartitions } from './log-partitions.ts'
import { openAt, sqlitePlace, testDatabases } from './testing/databases.ts'

describe.each(testDatabases)('$dialect', ({ open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })

  const balance = {
    scope_kind: 'key',
    scope_id: 'a',
    window_id: '',
    settled_pico_usd: 9_007_199_254_740_993n,
    started_pico_usd: 0n,
    requests: 2,
    tokens: 3,
    updated_ms: 1_790_000_000_000,
  }

  it('gives money exactly and everything else as numbers', async () => {
    await database.kysely.insertInto('balances').values(balance).execute()
    expect(await database.kysely.selectFrom('balances').selectAll().execute()).toEqual([balance])
  })

  it('sums as it stores', async () => {
    const sums = await database.kysely
      .selectFrom('balances')
      .select(({ fn }) => [
        fn.sum('settled_pico_usd').as('total_pico_usd'),
        fn.sum('tokens').as('tokens'),
        fn.countAll().as('rows'),
        sql`0`.as('none_pico_usd'),
      ])
      .executeTakeFirstOrThrow()
    expect(sums).toEqual({ total_pico_usd: balance.settled_pico_usd, tokens: 3, rows: 1, none_pico_usd: 0n })
  })

  it('divides integers as integers', async () => {
    const { rows } = await sql`select 7 / ${2} as quotient`.execute(database.kysely)
    expect(rows).toEqual([{ quotient: 3 }])
  })

  it('stores texts that only one of the databases could', async () => {
    const [name, stored] = ['a\0b', 'a\uFFFDb']
    await database.kysely.insertInto('settings').values({ name, value: name }).execute()
    const rows = await database.kysely.selectFrom('settings').selectAll().where('name', '=', name).execute()
    expect(rows).toEqual([{ name: stored, value: stored }])
    await database.kysely.deleteFrom('settings').where('name', 'in', [name]).execute()
  })

  it('orders texts by their bytes and tells upper from lower case', async () => {
    const names = ['b', 'B', 'ä', 'a', '_']
    for (const name of names)
      await database.kysely.insertInto('settings').values({ name, value: '' }).execute()
    const rows = await database.kysely.selectFrom('settings').select('name').orderBy('name').execute()
    expect(rows.map(({ name }) => name)).toEqual(['B', '_', 'a', 'b', 'ä'])
    const like = await database.kysely
      .selectFrom('settings')
      .select('name')
      .where('name', 'like', 'b%')
      .execute()
    expect(like).toEqual([{ name: 'b' }])
  })

  it('says that a row is there already', async () => {
    const setting = { name: 'twice', value: '' }
    await database.kysely.insertInto('settings').values(setting).execute()
    await expect(database.kysely.insertInto('settings').values(setting).execute()).rejects.toMatchObject({
      reason: 'already_exists',
      status: 409,
    })
  })

  it('does all of a transaction or nothing', async () => {
    const failing = database.transaction(async (trx) => {
      await trx.insertInto('settings').values({ name: 'half', value: '' }).execute()
      throw new Error('no more')
    })
    await expect(failing).rejects.toThrow('no more')
    const rows = await database.kysely.selectFrom('settings').selectAll().where('name', '=', 'half').execute()
    expect(rows).toEqual([])
  })

  it('does not wait for the disk where it need not, and catches up when it is asked to', async () => {
    const setting = { name: 'not durable', value: '' }
    await database.transaction(async (trx) => await trx.insertInto('settings').values(setting).execute(), {
      durable: false,
    })
    await expect(
      database.transaction(async () => await Promise.reject(new Error('no more')), { durable: false }),
    ).rejects.toThrow('no more')
    await database.sync()
    const rows = await database.kysely
      .selectFrom('settings')
      .select('name')
      .where('name', '=', setting.name)
      .execute()
    expect(rows).toHaveLength(1)
  })

  it('runs transactions beside each other', async () => {
    await database.kysely.insertInto('settings').values({ name: 'count', value: '0' }).execute()
    const add = async (): Promise<void> =>
      await database.transaction(async (trx) => {
        await trx
          .updateTable('settings')
          .set({ value: sql`cast(cast(value as integer) + 1 as text)` })
          .where('name', '=', 'count')
          .execute()
      })
    await Promise.all(Array.from({ length: 30 }, add))
    const { value } = await database.kysely
      .selectFrom('settings')
      .select('value')
      .where('name', '=', 'count')
      .executeTakeFirstOrThrow()
    expect(value).toBe('30')
  })

  it('keeps logs by day', async () => {
    await Promise.all(
      [1, 2, 3].map(async () => await ensureLogPartitions(database, [20_000, 20_001, 20_000])),
    )
    for (const day of [20_000, 20_001])
      await database.kysely.insertInto('request_logs').values(log(day)).execute()
    expect(await dropLogsBefore(database, 20_001)).toEqual([20_000])
    const rows = await database.kysely.selectFrom('request_logs').select(['day', 'cost_pico_usd']).execute()
    expect(rows).toEqual([{ day: 20_001, cost_pico_usd: 5n }])
  })
})

describe('sqlite', () => {
  it('waits for the disk again after a transaction that did not', async () => {
    const database = await openAt(await sqlitePlace())
    const synchronous = async (queries: Queries): Promise<number | undefined> =>
      (await sql<{ synchronous: number }>`pragma synchronous`.execute(queries)).rows[0]?.synchronous
    expect(await database.transaction(synchronous, { durable: false })).toBe(1)
    expect(await database.transaction(synchronous)).toBe(2)
    const failing = database.transaction(async () => await Promise.reject(new Error('no more')), {
      durable: false,
    })
    await expect(failing).rejects.toThrow('no more')
    expect(await synchronous(database.kysely)).toBe(2)
  })

  it('has nothing to bring to the disk where all of it is in memory', async () => {
    const database = await openAt({ file: ':memory:' })
    await expect(database.sync()).resolves.toBeUndefined()
  })
})

function log(day: number) {
  return {
    day,
    request_id: `r${day}`,
    call_type: 'acompletion',
    status: 'success',
    status_code: 200,
    started_ms: day * 86_400_000,
    ended_ms: day * 86_400_000 + 5,
    key_hash: 'k',
    input_tokens: 1,
    output_tokens: 1,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    cost_pico_usd: 5n,
    cache_hit: 0,
    tags: '[]',
    attempts: '[]',
    metadata: '{}',
  }
}
