import { sql } from 'kysely'
import type { Database } from './database.ts'

/**
 * Makes room in `request_logs` for these days (UTC days since 1970). PostgreSQL needs it before the first row of a day;
 * SQLite has one table. Asking again is cheap but not free: remember the days.
 */
export async function ensureLogPartitions(database: Database, days: Iterable<number>): Promise<void> {
  if (database.dialect === 'sqlite') return
  const wanted = [...new Set(days)].sort((one, other) => one - other)
  if (wanted.length === 0) return
  await database.transaction(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('switchyard logs'), hashtext(current_schema()))`.execute(
      trx,
    )
    const there = new Set(await partitions(trx))
    for (const day of wanted.filter((day) => !there.has(day))) {
      const name = sql.id(partitionName(day))
      // Attaching lets reads and writes of the other days go on; creating it in place would not.
      await sql`create table ${name} (like request_logs including defaults including constraints)`.execute(
        trx,
      )
      await sql`alter table request_logs attach partition ${name}
        for values from (${sql.lit(day)}) to (${sql.lit(day + 1)})`.execute(trx)
    }
  })
}

/** Forgets the logs of all days before this one. Gives how many rows (SQLite) or days (PostgreSQL) that were. */
export async function dropLogsBefore(database: Database, day: number): Promise<number> {
  if (database.dialect === 'sqlite') {
    const { numDeletedRows } = await database.kysely
      .deleteFrom('request_logs')
      .where('day', '<', day)
      .executeTakeFirst()
    return Number(numDeletedRows)
  }
  const old = (await partitions(database.kysely)).filter((there) => there < day)
  for (const there of old)
    await sql`drop table if exists ${sql.id(partitionName(there))}`.execute(database.kysely)
  return old.length
}

async function partitions(queries: Database['kysely']): Promise<number[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'request_logs'::regclass`.execute(queries)
  return rows.map(({ name }) => Number(name.slice(partitionName('').length)))
}

function partitionName(day: number | ''): string {
  return `request_logs_${day}`
}
