import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { PostgresStore } from './postgres.ts'
import type { PostgresStoreOptions } from './postgres.ts'
import type { BaseStore } from './store.ts'
import { embedWords, storeContract } from './store.contract.ts'

const url = process.env['SWITCHYARD_TEST_POSTGRES_URL']

const schemas = new Map<BaseStore, string>()

function create(options: PostgresStoreOptions): PostgresStore {
  const schema = `store "${randomUUID()}`
  const store = new PostgresStore(new pg.Pool({ connectionString: url }), { ...options, schema })
  schemas.set(store, schema)
  return store
}

async function destroy(store: BaseStore): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(schemas.get(store) ?? '')} CASCADE`)
  await client.end()
}

async function pgvectorIsThere(): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
  await client.end()
  return rows.length > 0
}

if (url === undefined)
  console.warn('not run: 1 suite, PostgresStore (SWITCHYARD_TEST_POSTGRES_URL is not set)')

describe.skipIf(url === undefined)('with a server', async () => {
  storeContract('PostgresStore, vectors compared here', {
    create: (options) => create({ ...options, pgvector: false }),
    destroy,
  })
  const there = url !== undefined && (await pgvectorIsThere())
  if (!there)
    console.warn('not run: 1 suite, PostgresStore with pgvector (the server does not have the extension)')
  describe.skipIf(!there)('and pgvector', () => {
    storeContract('PostgresStore, vectors compared by pgvector', { create, destroy })

    it('refuses vectors of another length than the table has', async () => {
      const first = create({ index: { dims: 3, embed: embedWords } })
      await first.setup()
      const second = new PostgresStore(new pg.Pool({ connectionString: url }), {
        index: { dims: 2, embed: embedWords },
        schema: schemas.get(first),
      })
      await expect(second.setup()).rejects.toThrow('the index has 2 dims')
      await destroy(first)
      await Promise.all([first.stop(), second.stop()])
    })
  })

  it('two that set up the same tables at once do not disturb each other', async () => {
    const first = create({})
    const second = new PostgresStore(new pg.Pool({ connectionString: url }), { schema: schemas.get(first) })
    await Promise.all([first.setup(), second.setup()])
    await first.put(['a'], 'k', { by: 'first' })
    expect((await second.get(['a'], 'k'))?.value).toEqual({ by: 'first' })
    await destroy(first)
    await Promise.all([first.stop(), second.stop()])
  })

  it('says which value has a character that PostgreSQL does not keep', async () => {
    const store = create({})
    await expect(store.put(['a'], 'k', { text: 'a\0b' })).rejects.toThrow('the value of "k" has a NUL')
    await destroy(store)
    await store.stop()
  })

  it('pages through more rows than it reads at once, and sweeps', async () => {
    let now = 0
    const store = create({ nowMs: () => now })
    const puts = Array.from({ length: 1_200 }, (_, index) => ({
      namespace: ['a'],
      key: `k${index}`,
      value: { index },
      ttlMs: 10,
    }))
    await store.batch(puts)
    const found = await store.search(['a'], { filter: { index: { $gte: 1_199 } } })
    expect(found.map(({ value }) => value['index'])).toEqual([1_199])
    now = 100
    expect(await store.sweepExpired()).toBe(1_200)
    await destroy(store)
    await store.stop()
  })
})
