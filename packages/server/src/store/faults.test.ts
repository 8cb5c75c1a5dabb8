import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { createChanges } from './changes.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { prepareDatabase } from './prepare.ts'
import { openAt, postgresPlace, sqlitePlace } from './testing/databases.ts'
import { startProxy } from './testing/proxy.ts'
import type { Proxy } from './testing/proxy.ts'

const log = { warn: () => undefined, info: () => undefined, debug: () => undefined }
const quick = { connections: 2, connectTimeoutMs: 200, statementTimeoutMs: 150, maxWaiting: 2 }
const cleaners: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleaners.splice(0).reverse()) await clean()
})

describe('PostgreSQL', () => {
  it('may be away when the server starts', async () => {
    const proxy = await proxied()
    proxy.cut()
    const store = await prepareDatabase({
      url: proxy.url,
      instance: 'i',
      limits: quick,
      log,
      random: () => 0,
    })
    cleaners.push(store.close)
    await expect(store.database.ping()).rejects.toMatchObject({ reason: 'db_unavailable', status: 503 })
    proxy.restore()
    await store.ready
    await store.database.ping()
    expect(await store.database.kysely.selectFrom('keys').selectAll().execute()).toEqual([])
  })

  it('may be closed while it is waited for', async () => {
    const proxy = await proxied()
    proxy.cut()
    const store = await prepareDatabase({ url: proxy.url, instance: 'i', limits: quick, log })
    await store.close()
    await expect(store.ready).rejects.toThrow('aborted')
  })

  it('is used again after its connections were cut', async () => {
    const proxy = await proxied()
    const database = await openAt({ url: proxy.url, limits: quick })
    await database.ping()
    const asked = sql`select pg_sleep(0.1)`.execute(database.kysely)
    proxy.cut()
    await expect(asked).rejects.toMatchObject({ reason: 'db_unavailable' })
    await expect(database.ping()).rejects.toMatchObject({ reason: 'db_unavailable' })
    proxy.restore()
    await untilAnswered(database)
  })

  it('is not waited for when it is silent', async () => {
    const proxy = await proxied()
    const database = await openAt({ url: proxy.url, limits: quick })
    await database.ping()
    proxy.freeze()
    await expect(database.ping()).rejects.toMatchObject({ reason: 'db_unavailable' })
    const begin = performance.now()
    await expect(database.ping()).rejects.toMatchObject({ reason: 'db_unavailable' })
    expect(performance.now() - begin).toBeLessThan(100)
    proxy.restore()
    await untilAnswered(database)
  })

  it('stops a statement that takes too long, and goes on with the connection', async () => {
    const database = await openAt({ ...(await postgresPlace()), limits: { ...quick, connections: 1 } })
    const before = await backend(database)
    await expect(sql`select pg_sleep(5)`.execute(database.kysely)).rejects.toMatchObject({
      reason: 'db_overloaded',
      status: 503,
    })
    expect(await backend(database)).toBe(before)
  })

  it('has a queue with an end', async () => {
    const database = await openAt({ ...(await postgresPlace()), limits: { ...quick, connections: 1 } })
    await database.transaction(async (trx) => {
      await sql`select 1`.execute(trx)
      const outcomes = await Promise.allSettled([1, 2, 3].map(async () => await database.ping()))
      const reasons = outcomes.map(
        (outcome) => outcome.status === 'rejected' && String(outcome.reason.message),
      )
      expect(reasons[0]).toContain('no connection became free within 200 ms')
      expect(reasons[2]).toContain('2 queries wait for a connection already')
    })
    await database.ping()
  })

  it.each([
    ['a serialization failure', '40001'],
    ['a deadlock', '40P01'],
  ])('repeats a transaction after %s', async (_, state) => {
    const database = await openAt(await postgresPlace())
    let attempts = 0
    const work = async (failures: number): Promise<void> =>
      await database.transaction(async (trx) => {
        attempts += 1
        if (attempts <= failures) await fail(trx, state)
      })
    await work(4)
    expect(attempts).toBe(5)
    attempts = 0
    await expect(work(5)).rejects.toMatchObject({ reason: 'transaction_conflict', status: 503 })
  })

  it('repeats what was cut off only when that does no harm', async () => {
    const database = await openAt(await postgresPlace())
    let attempts = 0
    const work = async (idempotent: boolean): Promise<void> =>
      await database.transaction(
        async (trx) => {
          attempts += 1
          if (attempts === 1) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx)
        },
        { idempotent },
      )
    await expect(work(false)).rejects.toMatchObject({ reason: 'db_unavailable' })
    expect(attempts).toBe(1)
    attempts = 0
    await work(true)
    expect(attempts).toBe(2)
  })

  it('says that its disk is full', async () => {
    const database = await openAt(await postgresPlace())
    await expect(fail(database.kysely, '53100')).rejects.toMatchObject({
      reason: 'storage_full',
      status: 507,
    })
  })

  it('tells of a gap when changes may have been missed', async () => {
    const proxy = await proxied()
    const database = await openAt({ url: proxy.url })
    const changes = await createChanges({ database, url: proxy.url, instance: 'i', log, random: () => 0 })
    cleaners.push(changes.close)
    const heard = async (): Promise<unknown> =>
      await new Promise((resolve) => {
        const stop = changes.subscribe((one) => {
          stop()
          resolve(one)
        })
      })
    expect(await heard()).toBe('gap')
    proxy.cut()
    proxy.restore()
    expect(await heard()).toBe('gap')
  })
})

describe('SQLite', () => {
  it('says that the disk is full, keeps what it has, and goes on when there is room', async () => {
    const database = await sqlite()
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.kysely)
    await sql.raw(`pragma max_page_count = ${(rows[0]?.page_count ?? 0) + 4}`).execute(database.kysely)
    const write = async (name: string): Promise<void> =>
      await database.transaction(async (trx) => {
        await trx
          .insertInto('settings')
          .values({ name, value: 'x'.repeat(200_000) })
          .execute()
      })
    await expect(write('big')).rejects.toMatchObject({ reason: 'storage_full', status: 507 })
    expect(await database.kysely.selectFrom('settings').selectAll().execute()).toEqual([])
    await sql`pragma max_page_count = 100000`.execute(database.kysely)
    await write('big')
    expect((await sql`pragma integrity_check`.execute(database.kysely)).rows).toEqual([
      { integrity_check: 'ok' },
    ])
  })

  it('says that another process keeps it locked', async () => {
    const where = await sqlitePlace()
    const holder = await openAt(where)
    await migrate(holder)
    const other = await openAt({ ...where, limits: quick })
    await holder.transaction(async () => {
      await expect(other.transaction(async () => undefined)).rejects.toMatchObject({
        reason: 'db_overloaded',
      })
      expect(await other.kysely.selectFrom('keys').selectAll().execute()).toEqual([])
    })
    await other.transaction(async () => undefined)
  })

  it('has a queue with an end, also for a query that waits for itself', async () => {
    const database = await sqlite()
    await database.transaction(async () => {
      await expect(database.ping()).rejects.toMatchObject({ reason: 'db_overloaded' })
    })
    await database.ping()
  })

  it('cannot be prepared where no file can be', async () => {
    const unusable = prepareDatabase({ file: '/dev/null/switchyard.db', instance: 'i', log })
    await expect(unusable).rejects.toThrow()
  })

  async function sqlite(): Promise<Database> {
    const database = await openAt({ ...(await sqlitePlace()), limits: quick })
    await migrate(database)
    return database
  }
})

async function proxied(): Promise<Proxy> {
  const proxy = await startProxy((await postgresPlace()).url)
  cleaners.push(proxy.close)
  return proxy
}

async function untilAnswered(database: Database): Promise<void> {
  await expect
    .poll(async () => await database.ping().then(() => 'answered', String), { timeout: 5000 })
    .toBe('answered')
}

async function backend({ kysely }: Database): Promise<number | undefined> {
  return (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(kysely)).rows[0]?.pid
}

async function fail(kysely: Database['kysely'], state: string): Promise<void> {
  await sql.raw(`do $$ begin raise exception 'as told' using errcode = '${state}'; end $$`).execute(kysely)
}
