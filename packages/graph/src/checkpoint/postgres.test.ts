import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { checkpointerSuite } from '../testing/checkpointer-suite.ts'
import { readsChainsWhole } from './delta-chain.contract.ts'
import { PostgresSaver } from './postgres.ts'

const url = process.env['SWITCHYARD_TEST_POSTGRES_URL'] ?? ''

const schemas = new WeakMap<object, string>()

function open(schema: string): PostgresSaver {
  const saver = PostgresSaver.fromConnString(url, { schema })
  schemas.set(saver, schema)
  return saver
}

async function create(): Promise<PostgresSaver> {
  const saver = open(`saver "${randomUUID()}`)
  await saver.setup()
  return saver
}

if (url === '') console.warn('not run: PostgresSaver (SWITCHYARD_TEST_POSTGRES_URL is not set)')

describe.skipIf(url === '')('with a server', () => {
  checkpointerSuite({ describe, it }, 'PostgresSaver', {
    create,
    reopen: (saver) => open(schemas.get(saver) ?? ''),
    destroy: (saver) => (saver as PostgresSaver).end(),
  })

  readsChainsWhole('PostgresSaver', create, 20)

  it('is set up by many processes at once', async () => {
    const schema = randomUUID()
    const savers = Array.from({ length: 6 }, () => open(schema))
    await Promise.all(savers.map((saver) => saver.setup()))
    expect(await savers[0]?.listThreads()).toEqual([])
    await Promise.all(savers.map((saver) => saver.end()))
  })

  it('says what to do when it was not set up', async () => {
    const saver = open(randomUUID())
    await expect(saver.load({ thread: 't', namespace: '' })).rejects.toThrow('await saver.setup()')
    await saver.end()
  })

  it('takes one round trip for a superstep, and two at most to continue a thread elsewhere', async () => {
    const schema = randomUUID()
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    let queries = 0
    const query = pool.query.bind(pool)
    pool.query = ((...parameters: Parameters<typeof query>) => {
      queries += 1
      return query(...parameters)
    }) as typeof pool.query
    const saver = new PostgresSaver(pool, { schema })
    await saver.setup()
    const commit = (id: string, parentId: string | undefined, items: string[]): Promise<void> =>
      saver.commit({
        thread: 't',
        namespace: '',
        checkpoint: { id, ts: '', channelVersions: {}, versionsSeen: {} },
        metadata: {},
        parentId,
        expectedHead: parentId ?? null,
        changes: [{ type: 'list', channel: 'items', value: items, keep: items.length - 1 }],
        writes: [{ taskId: 'x', writes: [['items', items.slice(-1)]] }],
      })
    const long = 'x'.repeat(200)
    await commit('1', undefined, [long])
    await commit('2', '1', [long, 'b'])
    expect(queries).toBe(2)
    await saver.load({ thread: 't', namespace: '' })
    expect(queries).toBe(3)
    await saver.end()
    const other = open(schema)
    expect((await other.load({ thread: 't', namespace: '' }))?.values).toEqual({ items: [long, 'b'] })
    await other.end()
  })
})
