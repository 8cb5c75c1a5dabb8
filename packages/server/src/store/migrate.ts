import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Database } from './database.ts'
import { migrations as allMigrations } from './migrations/index.ts'
import { postgresWords, sqliteWords } from './migrations/migration.ts'
import type { Migration } from './migrations/migration.ts'
import type { Schema } from './schema.ts'
import { isStoreError, storeError } from './store-error.ts'

export interface SchemaStatus {
  /** Of the tables; 0 where there are none. */
  readonly version: number
  /** What this release knows. */
  readonly latest: number
  readonly pending: readonly { readonly version: number; readonly name: string }[]
}

/**
 * Brings the tables to this release: all pending steps in one transaction, under a lock, so that several instances may
 * begin at once. Gives the steps that it took.
 *
 * @throws `schema_version_mismatch` when the tables are of a newer release.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[] = allMigrations,
): Promise<SchemaStatus['pending']> {
  await makeSchema(database)
  return await database.transaction(async (trx) => {
    if (database.dialect === 'postgres') await lock(trx)
    await sql`create table if not exists schema_migrations (
      version integer primary key, name text not null, applied_ms bigint not null
    )`.execute(trx)
    const steps = stepsAfter(await versionOf(trx), migrations, database.place)
    for (const { version, name, up } of steps) {
      await up(trx, database.dialect === 'postgres' ? postgresWords : sqliteWords)
      await sql`insert into schema_migrations values (${version}, ${name}, ${Date.now()})`.execute(trx)
    }
    return steps.map(({ version, name }) => ({ version, name }))
  })
}

/** @throws `schema_version_mismatch` when the tables are of a newer release. */
export async function schemaStatus(
  database: Database,
  migrations: readonly Migration[] = allMigrations,
): Promise<SchemaStatus> {
  const tables =
    database.dialect === 'postgres'
      ? sql`select 1 where to_regclass('schema_migrations') is not null`
      : sql`select 1 from sqlite_schema where name = 'schema_migrations'`
  const { rows } = await tables.execute(database.kysely)
  const version = rows.length === 0 ? 0 : await versionOf(database.kysely)
  return statusOf(version, migrations, database.place)
}

/** Of a database that is not there yet. */
export function noTables(): SchemaStatus {
  return statusOf(0, allMigrations, '')
}

function statusOf(version: number, migrations: readonly Migration[], place: string): SchemaStatus {
  const pending = stepsAfter(version, migrations, place).map(({ version, name }) => ({ version, name }))
  return { version, latest: latestOf(migrations), pending }
}

function stepsAfter(version: number, migrations: readonly Migration[], place: string): readonly Migration[] {
  const latest = latestOf(migrations)
  if (version > latest)
    throw storeError(
      'schema_version_mismatch',
      `The tables in ${place} are of version ${version}; this release knows ${latest}. ` +
        'Start the newer release, or restore a backup from before it.',
    )
  return migrations.filter((migration) => migration.version > version)
}

function latestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0
}

async function versionOf(queries: Database['kysely']): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    select coalesce(max(version), 0) as version from schema_migrations`.execute(queries)
  return rows[0]?.version ?? 0
}

/** One lock for each schema, so that schemas beside each other do not wait. */
async function lock(trx: Transaction<Schema>): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(trx)
  await sql`select pg_advisory_xact_lock(hashtext('switchyard migrations'), hashtext(current_schema()))`.execute(
    trx,
  )
}

async function makeSchema({ schema, kysely }: Database): Promise<void> {
  if (schema === undefined) return
  try {
    await sql`create schema if not exists ${sql.id(schema)}`.execute(kysely)
  } catch (error) {
    // Another instance made it at the same moment.
    if (!isStoreError(error, 'already_exists')) throw error
  }
}
