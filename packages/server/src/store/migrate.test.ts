import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
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
    await sql`insert into schema_migrations values (7, 'later', 0)`.execute(database.kysely)
    const refusal = { reason: 'schema_version_mismatch', message: expect.stringContaining('version 7') }
    await expect(migrate(database)).rejects.toMatchObject(refusal)
    await expect(schemaStatus(database)).rejects.toMatchObject(refusal)
  })
})
