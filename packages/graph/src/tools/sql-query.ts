import { constants, DatabaseSync } from 'node:sqlite'
import { tool } from './tool.ts'
import type { Tool } from './tool.ts'

/** The part of a `pg` pool that is used. */
export interface QueryPool {
  connect(): Promise<{
    query(query: string | { text: string; queryMode?: string }): Promise<{ rows: Record<string, unknown>[] }>
    release(error?: Error | boolean): void
  }>
}

export interface SqlQueryOptions {
  /** A SQLite file, or a `pg` pool. Give the pool a role that may read no more than the model may know. */
  readonly database: string | QueryPool
  /** Most rows of an answer. Default: 100. */
  readonly maxRows?: number | undefined
  /** Longest time of a query; PostgreSQL only. Default: 10,000. */
  readonly timeoutMs?: number | undefined
  /** What the model is told of the tables. */
  readonly description?: string | undefined
}

type Rows = readonly Record<string, unknown>[]
type RunQuery = (sql: string, maxRows: number) => Promise<Rows>

/** What reading needs; everything else is refused when the statement is compiled. */
const READING: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_RECURSIVE,
  constants.SQLITE_FUNCTION,
])

interface Authorizing {
  setAuthorizer?: (authorize: (action: number, first: string | null, second: string | null) => number) => void
}

function sqliteReader(file: string): RunQuery {
  const database = new DatabaseSync(file, { readOnly: true })
  const { setAuthorizer } = database as Authorizing
  if (setAuthorizer === undefined) throw new Error('sqlQuery on SQLite needs Node 24.10 or newer.')
  setAuthorizer.call(database, (action, _first, second) => {
    const loads = action === constants.SQLITE_FUNCTION && second === 'load_extension'
    return READING.has(action) && !loads ? constants.SQLITE_OK : constants.SQLITE_DENY
  })
  return async (sql, maxRows) => {
    const rows: Record<string, unknown>[] = []
    for (const row of database.prepare(sql).iterate()) {
      rows.push(row)
      if (rows.length >= maxRows) break
    }
    return rows
  }
}

function postgresReader(pool: QueryPool, timeoutMs: number): RunQuery {
  return async (sql, maxRows) => {
    const client = await pool.connect()
    let failure: unknown
    try {
      await client.query('BEGIN TRANSACTION READ ONLY')
      await client.query(`SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}`)
      // A cursor takes nothing but a query, and the extended protocol nothing but one statement.
      await client.query({ text: `DECLARE tool_rows NO SCROLL CURSOR FOR ${sql}`, queryMode: 'extended' })
      const { rows } = await client.query(`FETCH ${Math.ceil(maxRows)} FROM tool_rows`)
      return rows
    } catch (error) {
      failure = error
      throw error
    } finally {
      const settled = await client.query('ROLLBACK').then(
        () => client.query('DISCARD ALL'),
        (error: unknown) => error,
      )
      client.release(failure !== undefined && settled instanceof Error)
    }
  }
}

/** A row as JSON: bytes as their length, large integers as text. */
function readable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  return value
}

/**
 * A tool that asks a database and cannot change it: SQLite opens the file read-only and refuses every statement that
 * does more than read; PostgreSQL runs one query in a read-only transaction that is rolled back.
 *
 * @example sqlQuery({ database: 'shop.db', description: 'orders(id, customer, total_cents, at)' })
 */
export function sqlQuery(options: SqlQueryOptions): Tool<{ sql: string }> {
  const { database, maxRows = 100, timeoutMs = 10_000, description } = options
  const run = typeof database === 'string' ? sqliteReader(database) : postgresReader(database, timeoutMs)
  return tool(
    async ({ sql }: { sql: string }) => {
      const rows = await run(sql, maxRows + 1)
      const shown = JSON.stringify(rows.slice(0, maxRows), readable)
      return rows.length > maxRows ? `${shown}\n[Cut: there are more than ${maxRows} rows.]` : shown
    },
    {
      name: 'sql_query',
      description: `Runs one SQL query that reads, and gives its rows as JSON.${description === undefined ? '' : ` ${description}`}`,
      schema: {
        type: 'object',
        properties: { sql: { type: 'string', description: 'One SELECT statement.' } },
        required: ['sql'],
        additionalProperties: false,
      },
      trust: 'untrusted',
    },
  )
}
