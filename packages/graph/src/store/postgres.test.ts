import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { PostgresStore } from './postgres.ts'
import type { PostgresStoreOptions } from './postgres.ts'
import type { BaseStore } from './store.ts'
import { embedWords, storeContract } from './store.contract.ts'
import { startPgvector } from './testing/pgvector.ts'

const url = process.env['SWITCHYARD_TEST_POSTGRES_URL']

/** Makes stores on a server, each in a schema of its own, and takes them away. */
function onServer(connectionString: string | undefined): {
  create: (options: PostgresStoreOptions) => PostgresStore
  beside: (store: BaseStore, options?: PostgresStoreOptions) => PostgresStore
  destroy: (store: BaseStore) => Promise<void>
} {
  const schemas = new Map<BaseStore, string>()
  const open = (schema: string, options: PostgresStoreOptions): PostgresStore => {
    const store = new PostgresStore(new pg.Pool({ connectionString }), { ...options, schema })
    schemas.set(store, schema)
    return store
  }
  return {
    create: (options) => open(`store "${randomUUID()}`, options),
    beside: (store, options = {}) => open(schemas.get(store) ?? '', options),
    destroy: async (store) => {
      const client = new pg.Client({ connectionString })
      await client.connect()
      await client.query(`DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(schemas.get(store) ?? '')} CASCADE`)
      await client.end()
    },
  }
}

async function hasPgvector(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
  await client.end()
  return rows.length > 0
}

describe('with pgvector', async () => {
  let vectorUrl = url
  if (vectorUrl === undefined || !(await hasPgvector(vectorUrl))) {
    const server = await startPgvector()
    afterAll(server.close)
    vectorUrl = server.url
  }
  const { create, beside, destroy } = onServer(vectorUrl)
  storeContract('PostgresStore, vectors compared by pgvector', { create, destroy })

  it('refuses vectors of another length than the table has', async () => {
    const first = create({ index: { dims: 3, embed: embedWords } })
    await first.setup()
    const second = beside(first, { index: { dims: 2, embed: embedWords } })
    await expect(second.setup()).rejects.toThrow('the index has 2 dims')
    await destroy(first)
    await Promise.all([first.stop(), second.stop()])
  })
})

if (url === undefined)
  console.warn('not run: 1 suite, PostgresStore (SWITCHYARD_TEST_POSTGRES_URL is not set)')

describe.skipIf(url === undefined)('with a server', () => {
  const { create, beside, destroy } = onServer(url)
  storeContract('PostgresStore, vectors compared here', {
    create: (options) => create({ ...options, pgvector: false }),
    destroy,
  })

  it('two that set up the same tables at once do not disturb each other', async () => {
    const first = create({})
    const second = beside(first)
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
