import { sql } from 'kysely'
import { setImmediate } from 'node:timers/promises'
import type { Database } from './database.ts'

const ROWS_AT_ONCE = 1000
const LOCK_WAIT_MS = 1000

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

/**
 * Forgets the logs of all days before this one, a day at a time. Gives the days that are gone.
 *
 * @throws `db_overloaded` when somebody reads the logs of such a day for long; what is left goes the next time.
 */
export async function dropLogsBefore(database: Database, day: number): Promise<number[]> {
  const { drop, days } =
    database.dialect === 'sqlite'
      ? { drop: deleteDay, days: await daysOf(database.kysely) }
      : { drop: dropPartition, days: await partitions(database.kysely) }
  const old = days.filter((there) => there < day).sort((one, other) => one - other)
  for (const there of old) await drop(database, there)
  return old
}

/** Everything in this process waits for a statement of SQLite, so each is short. */
async function deleteDay({ kysely }: Database, day: number): Promise<void> {
  const some = kysely
    .selectFrom('request_logs')
    .select(sql`rowid`.as('rowid'))
    .where('day', '=', day)
  for (let deleted = 1; deleted > 0; await setImmediate()) {
    const { numDeletedRows } = await kysely
      .deleteFrom('request_logs')
      .where(sql`rowid`, 'in', some.limit(ROWS_AT_ONCE))
      .executeTakeFirst()
    deleted = Number(numDeletedRows)
  }
}

/** While it waits for those who read, everybody after it waits too; so it does not wait for long. */
async function dropPartition(database: Database, day: number): Promise<void> {
  await database.transaction(async (trx) => {
    await sql`set local lock_timeout = ${sql.lit(LOCK_WAIT_MS)}`.execute(trx)
    await sql`drop table if exists ${sql.id(partitionName(day))}`.execute(trx)
  })
}

async function daysOf(queries: Database['kysely']): Promise<number[]> {
  const rows = await queries.selectFrom('request_logs').select('day').distinct().execute()
  return rows.map(({ day }) => day)
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
