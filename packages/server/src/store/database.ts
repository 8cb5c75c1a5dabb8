import type { Kysely, Transaction } from 'kysely'
import type { Logger } from 'pino'
import { isPostgresUrl, schemaOf } from './dialects/postgres-url.ts'
import type { Schema } from './schema.ts'
import { retried } from './retry.ts'
import { storeError } from './store-error.ts'

/**
 * Tables in SQLite or PostgreSQL. The same queries give the same values on both: integers are numbers, money and what
 * counters hold is `bigint` (columns `…_pico_usd`, `settled`, `reserved`).
 */
export interface Database {
  readonly dialect: 'sqlite' | 'postgres'
  /** Where it is, without secrets: for messages. */
  readonly place: string
  /** The schema to make when it is not there yet: PostgreSQL with `?schema=`. */
  readonly schema: string | undefined
  readonly kysely: Kysely<Schema>
  /**
   * All of `work` or none of it. It may run several times, when other transactions were in its way, so it must do
   * nothing but queries of its own `trx`. Never use `kysely` within: SQLite has one connection.
   */
  transaction: <T>(work: (trx: Transaction<Schema>) => Promise<T>, options?: TransactionOptions) => Promise<T>
  /** When it is done, what was committed with `durable: false` is on the disk, too. */
  sync: () => Promise<void>
  /** @throws what keeps it from being used, when something does. */
  ping: () => Promise<void>
  close: () => Promise<void>
}

/** For queries that run alone or within somebody's transaction. */
export type Queries = Kysely<Schema>

export interface TransactionOptions {
  /** Doing it twice changes nothing more: it may be repeated also when nobody knows whether it was committed. */
  readonly idempotent?: boolean
  /**
   * `false`: SQLite does not wait for the disk, and nobody for SQLite. A killed process loses nothing; a power cut
   * loses the last of such transactions, up to `sync`. PostgreSQL decides by itself.
   */
  readonly durable?: boolean
}

/** Times and counts that keep a slow database from stopping everything. */
export interface DatabaseLimits {
  /** Connections to PostgreSQL at most. */
  readonly connections: number
  /** How long connecting, or waiting for a free connection, may take. */
  readonly connectTimeoutMs: number
  /** How long a statement may run in PostgreSQL; 0 for as long as it likes. */
  readonly statementTimeoutMs: number
  /** How many queries may wait for a connection. */
  readonly maxWaiting: number
}

const defaultLimits: DatabaseLimits = {
  connections: 10,
  connectTimeoutMs: 5000,
  statementTimeoutMs: 10_000,
  maxWaiting: 1000,
}

export interface DatabaseInput {
  /** Of PostgreSQL. A secret, as it holds a password. */
  readonly url?: string | { reveal: () => string } | undefined
  /** Of SQLite, where there is no `url`: a path, or `:memory:`. */
  readonly file?: string | undefined
  readonly limits?:
    | { readonly [Limit in keyof DatabaseLimits]?: DatabaseLimits[Limit] | undefined }
    | undefined
  readonly log: Pick<Logger, 'warn'>
  readonly random?: (() => number) | undefined
}

/**
 * Opens tables that `migrate()` has made. PostgreSQL is connected to by the first query, and again whenever it was
 * away; every query answers within the limits, or fails as a `StoreReason` says.
 *
 * @throws `db_unavailable` when the URL is none or the file cannot be opened.
 */
export async function openDatabase(input: DatabaseInput): Promise<Database> {
  const limits = limitsOf(input.limits)
  const url = typeof input.url === 'object' ? input.url.reveal() : input.url
  const random = input.random ?? Math.random
  if (url !== undefined) return await openPostgres(url, limits, input.log, random)
  if (input.file !== undefined) return await openSqlite(input.file, limits, random)
  throw storeError('db_unavailable', 'No database is named: neither a URL nor a file.')
}

function limitsOf(given: DatabaseInput['limits'] = {}): DatabaseLimits {
  const { connections, connectTimeoutMs, statementTimeoutMs, maxWaiting } = defaultLimits
  return {
    connections: given.connections ?? connections,
    connectTimeoutMs: given.connectTimeoutMs ?? connectTimeoutMs,
    statementTimeoutMs: given.statementTimeoutMs ?? statementTimeoutMs,
    maxWaiting: given.maxWaiting ?? maxWaiting,
  }
}

async function openPostgres(
  url: string,
  limits: DatabaseLimits,
  log: Pick<Logger, 'warn'>,
  random: () => number,
): Promise<Database> {
  if (!isPostgresUrl(url))
    throw storeError('db_unavailable', 'The database URL has to begin with postgresql:// (or be left out).')
  const schema = schemaOf(url)
  const [{ Kysely }, { postgresDialect }, { integersByName }] = await Promise.all([
    import('kysely'),
    import('./dialects/postgres.ts'),
    import('./dialects/integers.ts'),
  ])
  const onLost = (error: Error): void => log.warn({ err: error }, 'a connection to the database was lost')
  const kysely = new Kysely<Schema>({
    dialect: postgresDialect({ ...limits, url, onLost }),
    plugins: [integersByName],
  })
  const { hostname, port, pathname } = new URL(url)
  const place = `${hostname}${port === '' ? '' : `:${port}`}${pathname}${schema === undefined ? '' : ` (${schema})`}`
  const run: RunTransaction = async (work) => await kysely.transaction().execute(work)
  return await assemble({ dialect: 'postgres', place, schema, kysely, run, sync: async () => {}, random })
}

async function openSqlite(file: string, limits: DatabaseLimits, random: () => number): Promise<Database> {
  const [{ Kysely }, { sqliteDialect, sqliteTransaction }, { syncWal }, { integersByName }] =
    await Promise.all([
      import('kysely'),
      import('./dialects/sqlite.ts'),
      import('./dialects/sync-wal.ts'),
      import('./dialects/integers.ts'),
    ])
  const kysely = new Kysely<Schema>({
    dialect: sqliteDialect({ file, waitMs: limits.connectTimeoutMs, maxWaiting: limits.maxWaiting }),
    plugins: [integersByName],
  })
  return await assemble({
    dialect: 'sqlite',
    place: file,
    schema: undefined,
    kysely,
    run: async (work, durable) => await sqliteTransaction(kysely, work, durable),
    sync: async () => await syncWal(file),
    random,
  })
}

type RunTransaction = <T>(work: (trx: Transaction<Schema>) => Promise<T>, durable: boolean) => Promise<T>

interface Parts extends Pick<Database, 'dialect' | 'place' | 'schema' | 'kysely' | 'sync'> {
  readonly run: RunTransaction
  readonly random: () => number
}

async function assemble({ run, random, ...parts }: Parts): Promise<Database> {
  const { CompiledQuery } = await import('kysely')
  const { kysely } = parts
  return {
    ...parts,
    transaction: async (work, { idempotent = false, durable = true } = {}) =>
      await retried(async () => await run(work, durable), { idempotent, random }),
    ping: async () => {
      await kysely.executeQuery(CompiledQuery.raw('select 1'))
    },
    close: async () => await kysely.destroy(),
  }
}
