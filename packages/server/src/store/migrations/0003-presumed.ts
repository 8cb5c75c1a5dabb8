import { sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Tells what was presumed of a process that was not heard of from what a process itself had to estimate. */
export const presumed: Migration = {
  version: 3,
  name: 'presumed',
  up: async (trx, { integer }) => {
    const column = `alter table ledger_entries add column presumed ${integer} not null default 0`
    await sql.raw(column).execute(trx)
    // Until now, either gave way.
    await sql`update ledger_entries set presumed = 1 where state = 'estimated'`.execute(trx)
  },
}
