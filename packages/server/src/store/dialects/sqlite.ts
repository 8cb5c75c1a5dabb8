import { CompiledQuery, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type {
  DatabaseConnection,
  Dialect,
  Driver,
  Kysely,
  QueryResult,
  Transaction,
  TransactionSettings,
} from 'kysely'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { storeError } from '../store-error.ts'
import { isManyRows } from './many-rows.ts'
import { storable } from './storable.ts'
import { isBusy, sqliteError } from './sqlite-error.ts'
import { createTurns } from './turns.ts'
import type { Turns } from './turns.ts'

/** SQLite waits with the thread; after this the driver waits without it. */
const BLOCKING_WAIT_MS = 20
const BUSY_PAUSE_MS = 25
const KEPT_STATEMENTS = 256
const CACHE_KIBIBYTES = 32_768
/** 16 MB of SQLite's log. */
const CHECKPOINT_PAGES = 4_000

export interface SqliteOptions {
  /** `:memory:` for one that ends with the process. */
  readonly file: string
  /** How long a query waits for another process or for a transaction of this one. */
  readonly waitMs: number
  /** How many may wait for their turn. */
  readonly maxWaiting: number
}

/** Kysely over `node:sqlite`: one connection, taken in turns. */
export function sqliteDialect(options: SqliteOptions): Dialect {
  return {
    createDriver: () => new SqliteDriver(options),
    createAdapter: () => new TurnTakingAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
  }
}

/** @param durable Left to the kernel when `false`: committing does not wait for the disk. */
export async function sqliteTransaction<Tables, T>(
  kysely: Kysely<Tables>,
  work: (trx: Transaction<Tables>) => Promise<T>,
  durable: boolean,
): Promise<T> {
  if (durable) return await kysely.transaction().execute(work)
  return await kysely.connection().execute(async (own) => {
    await own.executeQuery(raw('pragma synchronous = normal'))
    try {
      return await own.transaction().execute(work)
    } finally {
      await own.executeQuery(raw('pragma synchronous = full'))
    }
  })
}

/** Kysely's own queue for the one connection has no end; the driver's has. */
class TurnTakingAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class SqliteDriver implements Driver {
  readonly #options: SqliteOptions
  readonly #turns: Turns
  #connection: SqliteConnection | undefined

  constructor(options: SqliteOptions) {
    this.#options = options
    this.#turns = createTurns(options)
  }

  async init(): Promise<void> {
    this.#connection = new SqliteConnection(open(this.#options.file), this.#options)
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turns.take()
    if (this.#connection === undefined) throw storeError('db_unavailable', 'The database is closed.')
    return this.#connection
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    // A transaction that begins by reading and then writes would fail at once if another process wrote meanwhile.
    await connection.executeQuery(raw(settings.accessMode === 'read only' ? 'begin' : 'begin immediate'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(raw('commit'))
  }

  async rollbackTransaction(): Promise<void> {
    // A full disk ends the transaction by itself.
    if (this.#connection?.inTransaction === true) await this.#connection.executeQuery(raw('rollback'))
  }

  async releaseConnection(): Promise<void> {
    this.#turns.pass()
  }

  async destroy(): Promise<void> {
    this.#connection?.close()
    this.#connection = undefined
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #options: SqliteOptions
  readonly #statements = new Map<string, Prepared>()

  constructor(database: DatabaseSync, options: SqliteOptions) {
    this.#database = database
    this.#options = options
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    for (let waitedMs = 0; ; waitedMs += BUSY_PAUSE_MS + BLOCKING_WAIT_MS) {
      try {
        if (isManyRows(query)) return { rows: this.#runEach(query.sql, query.manyRows) as Row[] }
        return this.#run<Row>(query.sql, query.parameters)
      } catch (error) {
        if (!isBusy(error) || waitedMs >= this.#options.waitMs) throw sqliteError(error, this.#options.file)
        await sleep(BUSY_PAUSE_MS)
      }
    }
  }

  async *streamQuery<Row>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    const { statement } = this.#prepare(sql)
    for (const row of statement.iterate(...bound(parameters))) yield { rows: [row as Row] }
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #run<Row>(sql: string, parameters: readonly unknown[]): QueryResult<Row> {
    const { statement, gives } = this.#prepare(sql)
    if (gives) return { rows: statement.all(...bound(parameters)) as Row[] }
    const { changes } = statement.run(...bound(parameters))
    return { rows: [], numAffectedRows: BigInt(changes) }
  }

  /**
   * The places of the rows that changed something. Values are bound as they are: a column of a strict table makes an
   * integer of a number again. Only within a transaction: it holds the lock, so that no run is repeated halfway.
   */
  #runEach(sql: string, rows: readonly (readonly unknown[])[]): number[] {
    const { statement } = this.#prepare(sql)
    const changed: number[] = []
    for (let place = 0; place < rows.length; place++) {
      const { changes } = statement.run(...((rows[place] ?? []) as SQLInputValue[]))
      if (changes > 0) changed.push(place)
    }
    return changed
  }

  /** The statements that were used last stay prepared. */
  #prepare(sql: string): Prepared {
    const prepared = this.#statements.get(sql) ?? this.#newlyPrepared(sql)
    this.#statements.delete(sql)
    this.#statements.set(sql, prepared)
    if (this.#statements.size > KEPT_STATEMENTS) {
      const [oldest] = this.#statements.keys()
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    return prepared
  }

  #newlyPrepared(sql: string): Prepared {
    const statement = this.#database.prepare(sql)
    statement.setReadBigInts(true)
    return { statement, gives: statement.columns().length > 0 }
  }
}

interface Prepared {
  readonly statement: StatementSync
  /** Whether it gives rows. */
  readonly gives: boolean
}

function open(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { timeout: BLOCKING_WAIT_MS, enableForeignKeyConstraints: true })
    // FULL: what is committed survives a power cut, so that the journal may let go of it.
    database.exec('pragma journal_mode = wal; pragma synchronous = full')
    // Pages that change all the time are then written to the file once for many batches of the ledger.
    database.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    database.exec(`pragma cache_size = -${CACHE_KIBIBYTES}`)
    // As in PostgreSQL.
    database.exec('pragma case_sensitive_like = on')
    return database
  } catch (error) {
    throw sqliteError(error, file)
  }
}

/** A number would be bound as a floating-point one, and 7 / 2 would be 3.5. */
function bound(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((parameter) =>
    Number.isSafeInteger(parameter) ? BigInt(parameter as number) : storable(parameter),
  ) as SQLInputValue[]
}

function raw(sql: string): CompiledQuery {
  return CompiledQuery.raw(sql)
}
