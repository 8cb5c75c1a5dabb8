import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../store/migrate.ts'
import { migrations } from '../../store/migrations/index.ts'
import { openAt, sqlitePlace, testDatabases } from '../../store/testing/databases.ts'
import { checkDatabase } from './database.ts'

const latest = migrations.length

describe.each(testDatabases)('checkDatabase in $dialect', ({ place }) => {
  it('says what the next start does, and that a newer release was there', async () => {
    const where = await place()
    const database = await openAt(where)
    await database.ping()
    const at = database.place
    const check = async (): Promise<unknown> => await checkDatabase(where)
    expect(await check()).toMatchObject({
      verdict: 'ok',
      message: `${at}: version 0 of ${latest}, the next start does the rest`,
    })
    await migrate(database)
    expect(await check()).toEqual({ verdict: 'ok', subject: 'database', message: `${at}: version ${latest}` })
    await sql`insert into schema_migrations values (99, 'later', 0)`.execute(database.kysely)
    expect(await check()).toMatchObject({
      verdict: 'failure',
      message: expect.stringContaining('version 99'),
    })
  })
})

describe('checkDatabase', () => {
  it('does not make a file', async () => {
    const { file } = await sqlitePlace()
    for (const _ of [1, 2])
      expect(await checkDatabase({ file })).toMatchObject({
        verdict: 'ok',
        message: `${file} is made by the first start`,
      })
  })

  it('says what to do when it cannot be reached', async () => {
    const url = 'postgresql://nobody:pass-1234@127.0.0.1:1/none'
    const found = await checkDatabase({ url })
    expect(found).toMatchObject({ verdict: 'failure', fix: expect.stringContaining('DATABASE_URL') })
    expect(JSON.stringify(found)).not.toContain('pass-1234')
  })
})
