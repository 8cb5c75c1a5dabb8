import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Database } from './database.ts'
import { migrate, schemaStatus } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { openAt, testDatabases } from './testing/databases.ts'

const steps = migrations.map(({ version, name }) => ({ version, name }))

describe.each(testDatabases)('migrate in $dialect', ({ place }) => {
  it('makes the tables once, however many begin at the same moment', async () => {
    const where = await place()
    const databases = await Promise.all([1, 2, 3].map(async () => await openAt(where)))
    const taken = await Promise.all(databases.map(async (database) => await migrate(database)))
    expect(taken.flat()).toEqual(steps)
  })

  it('says what is pending', async () => {
    const database = await openAt(await place())
    expect(await schemaStatus(database)).toMatchObject({
      version: 0,
      latest: steps.length,
      pending: steps,
    })
    await migrate(database)
    expect(await schemaStatus(database)).toMatchObject({ version: steps.length, pending: [] })
  })

  it.each(steps)('comes from version $version to the same tables', async ({ version }) => {
    const [fresh, old] = [await openAt(await place()), await openAt(await place())]
    await migrate(fresh)
    await migrate(old, migrations.slice(0, version))
    expect((await schemaStatus(old)).version).toBe(version)
    await migrate(old)
    expect(await shapeOf(old)).toEqual(await shapeOf(fresh))
  })

  it('what was estimated before anybody told by whom still gives way', async () => {
    const database = await openAt(await place())
    await migrate(database, migrations.slice(0, 2))
    for (const state of ['settled', 'estimated'])
      await sql`insert into ledger_entries
        (request_id, at_ms, settled_ms, state, cost_pico_usd, held_pico_usd, owner, key_hash, lines)
        values (${state}, 0, 0, ${state}, 1, 1, 'o', 'k', '[]')`.execute(database.kysely)
    await migrate(database)
    const entries = database.kysely.selectFrom('ledger_entries').select(['state', 'presumed'])
    expect(await entries.orderBy('state').execute()).toEqual([
      { state: 'estimated', presumed: 1 },
      { state: 'settled', presumed: 0 },
    ])
  })

  it('leaves nothing of a step that fails', async () => {
    const database = await openAt(await place())
    const broken = {
      version: 1,
      name: 'broken',
      up: async (trx: typeof database.kysely) => {
        await sql`create table half (id integer)`.execute(trx)
        await sql`create table half (id integer)`.execute(trx)
      },
    }
    await expect(migrate(database, [broken])).rejects.toThrow(/half/)
    await expect(sql`select * from half`.execute(database.kysely)).rejects.toThrow(/half/)
    expect(await schemaStatus(database)).toMatchObject({ version: 0 })
  })

  it('refuses the tables of a newer release', async () => {
    const database = await openAt(await place())
    await migrate(database)
    await sql`insert into schema_migrations values (99, 'later', 0)`.execute(database.kysely)
    const refusal = { reason: 'schema_version_mismatch', message: expect.stringContaining('version 99') }
    await expect(migrate(database)).rejects.toMatchObject(refusal)
    await expect(schemaStatus(database)).rejects.toMatchObject(refusal)
  })
})

/** Everything that the steps make, as the database describes it. */
async function shapeOf({ dialect, schema, kysely }: Database): Promise<unknown> {
  if (dialect === 'sqlite')
    return (await sql`select name, sql from sqlite_schema order by name`.execute(kysely)).rows
  const described = await sql<{ shape: string }>`
    select concat(table_name, '.', column_name, ' ', data_type, ' ', is_nullable, ' ', column_default) as shape
      from information_schema.columns where table_schema = current_schema()
    union all select indexdef from pg_indexes where schemaname = current_schema()
    union all select pg_get_functiondef(oid) from pg_proc where pronamespace = current_schema()::regnamespace
    order by 1`.execute(kysely)
  return described.rows.map(({ shape }) => shape.replaceAll(String(schema), ''))
}
