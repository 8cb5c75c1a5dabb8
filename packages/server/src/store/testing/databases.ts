import { sql } from 'kysely'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../database.ts'
import type { Database, DatabaseInput } from '../database.ts'
import { migrate } from '../migrate.ts'
import { afterFile } from './after-file.ts'

/**
 * Both kinds of database, for `describe.each(testDatabases)('keys in $dialect', ({ open }) => …)`. Call `open` in a
 * test or a hook: each call gives a database of its own with fresh tables, gone after the file.
 */
export const testDatabases: readonly TestDatabase[] = [
  { dialect: 'sqlite', open: async () => await migrated(await sqlitePlace()), place: sqlitePlace },
  { dialect: 'postgres', open: async () => await migrated(await postgresPlace()), place: postgresPlace },
]

export interface TestDatabase {
  readonly dialect: Database['dialect']
  readonly open: () => Promise<Database>
  /** A place without tables, to open as often as a test likes. */
  readonly place: () => Promise<Place>
}

export interface Place {
  readonly url?: string
  readonly file?: string
}

const silent = { warn: () => undefined }

/** Opens a place; closed after the file. */
export async function openAt(place: Place & Pick<DatabaseInput, 'limits'>): Promise<Database> {
  const database = await openDatabase({ ...place, log: silent })
  afterFile(database.close)
  return database
}

/** Where PostgreSQL is, as `scripts/services.sh` says. */
function postgresUrl(): string {
  const url = process.env['SWITCHYARD_TEST_POSTGRES_URL']
  if (url === undefined || url === '')
    throw new Error(
      'SWITCHYARD_TEST_POSTGRES_URL is not set. Run `npm test`, or `eval "$(scripts/services.sh start <folder>)"`.',
    )
  return url
}

async function migrated(place: Place): Promise<Database> {
  const database = await openAt(place)
  await migrate(database)
  return database
}

/** A file of its own, without tables. */
export async function sqlitePlace(): Promise<{ file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-db-'))
  afterFile(async () => await rm(folder, { recursive: true, force: true }))
  return { file: join(folder, 'switchyard.db') }
}

/** A schema of its own in PostgreSQL, without tables. */
export async function postgresPlace(): Promise<{ url: string }> {
  const url = new URL(postgresUrl())
  const schema = `test_${randomBytes(8).toString('hex')}`
  url.searchParams.set('schema', schema)
  const database = await openDatabase({ url: postgresUrl(), log: silent })
  await sql`create schema ${sql.id(schema)}`.execute(database.kysely)
  afterFile(async () => {
    await sql`drop schema ${sql.id(schema)} cascade`.execute(database.kysely)
    await database.close()
  })
  return { url: url.href }
}
