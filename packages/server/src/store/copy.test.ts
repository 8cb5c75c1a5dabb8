import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { copyDatabase } from './copy.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { openAt, sqlitePlace, testDatabases } from './testing/databases.ts'

describe.each(testDatabases)('copyDatabase into $dialect', ({ open }) => {
  it('copies every row as it is', async () => {
    const [source, target] = [await filled(), await open()]
    const copied = await copyDatabase(source, target)
    expect(copied.filter(({ rows }) => rows > 0)).toEqual([
      { table: 'audit_log', rows: 1201 },
      { table: 'balances', rows: 1 },
      { table: 'request_logs', rows: 2 },
    ])
    for (const { table } of copied) expect(await rowsOf(target, table)).toEqual(await rowsOf(source, table))
  })

  it('copies into nothing that was used', async () => {
    const [source, target] = [await filled(), await open()]
    await target.kysely.insertInto('settings').values({ name: 'a', value: 'b' }).execute()
    await expect(copyDatabase(source, target)).rejects.toThrow('holds rows in settings already')
    expect(await rowsOf(target, 'audit_log')).toEqual([])
  })
})

async function filled(): Promise<Database> {
  const database = await openAt(await sqlitePlace())
  await migrate(database)
  const change = {
    at_ms: 1,
    actor_key: 'master',
    action: 'updated',
    object_kind: 'key',
    object_id: 'k',
    request_id: 'r',
  }
  await database.transaction(async (trx) => {
    for (let id = 0; id <= 1200; id++)
      await trx
        .insertInto('audit_log')
        .values({ ...change, id: `${id}`.padStart(4, '0'), after: '{"a":"ü"}' })
        .execute()
  })
  await sql`insert into balances (scope_kind, scope_id, window_id, settled_pico_usd, requests, tokens, updated_ms)
    values ('key', 'k', '', 9007199254740993, 1, 2, 3)`.execute(database.kysely)
  for (const day of [20_000, 20_001])
    await sql`insert into request_logs (day, request_id, call_type, status, status_code, started_ms, ended_ms,
      key_hash, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_pico_usd, cache_hit, tags,
      attempts, metadata) values (${day}, 'r', 'acompletion', 'success', 200, 1, 2, 'k', 1, 2, 0, 0, 5, 0, '[]', '[]',
      '{}')`.execute(database.kysely)
  return database
}

async function rowsOf({ kysely }: Database, table: string): Promise<unknown[]> {
  return (await sql`select * from ${sql.table(table)} order by 1, 2`.execute(kysely)).rows
}
