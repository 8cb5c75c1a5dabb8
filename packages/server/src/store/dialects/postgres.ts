import { PostgresDialect } from 'kysely'
import type { Dialect, PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { Pool, PoolClient, PoolConfig, QueryResult } from 'pg'
import { isStoreError, storeError } from '../store-error.ts'
import { createBreaker } from './breaker.ts'
import type { Breaker } from './breaker.ts'
import { postgresError, READ_TIMEOUT } from './postgres-error.ts'
import { connectionStringOf, schemaOf } from './postgres-url.ts'
import { storable } from './storable.ts'

/** How much longer than the server's own limit a query may take before the connection is given up as dead. */
const DEAD_AFTER_MS = 1000
const IDLE_MS = 30_000
/** How long nobody is made to wait after the database did not answer. */
const BREAK_MS = 1000
/** After this the server lets go of a transaction that its instance has forgotten. */
const IDLE_IN_TRANSACTION_MS = 30_000

export interface PostgresOptions {
  readonly url: string
  /** Connections at most. */
  readonly connections: number
  /** How long connecting, or waiting for a free connection, may take. */
  readonly connectTimeoutMs: number
  /** How long a statement may run; 0 for as long as it likes. */
  readonly statementTimeoutMs: number
  /** How many may wait for a free connection. */
  readonly maxWaiting: number
  /** Told of connections that broke while nobody used them. */
  readonly onLost: (error: Error) => void
}

/** Kysely over a pool of `pg`. */
export function postgresDialect(options: PostgresOptions): Dialect {
  return new PostgresDialect({ pool: async () => boundedPool(createPool(options), options) })
}

/** The types as they come: integers of every width as `bigint`, see integers.ts. */
const integerTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC) return readInteger
    return pg.types.getTypeParser(oid, format) as (text: string) => unknown
  },
}

function createPool(options: PostgresOptions): Pool {
  const { statementTimeoutMs } = options
  const settings = settingsOf(options)
  const config: PoolConfig = {
    connectionString: connectionStringOf(options.url),
    application_name: 'switchyard',
    types: integerTypes,
    max: options.connections,
    connectionTimeoutMillis: options.connectTimeoutMs,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    onConnect: async (client) => {
      await client.query(settings)
    },
  }
  if (statementTimeoutMs > 0) config.query_timeout = statementTimeoutMs + DEAD_AFTER_MS
  const pool = new pg.Pool(config)
  pool.on('error', options.onLost)
  // One that breaks between two queries of a transaction tells only its own listeners.
  pool.on('connect', (client) => client.on('error', ignoreSinceTheNextQueryFails))
  return pool
}

/** What each connection is told first. Poolers refuse to take it with the connection. */
function settingsOf({ url, statementTimeoutMs }: PostgresOptions): string {
  const schema = schemaOf(url)
  return [
    `set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
    `set statement_timeout = ${statementTimeoutMs}`,
    ...(schema === undefined ? [] : [`set search_path = ${pg.escapeIdentifier(schema)}`]),
  ].join('; ')
}

function boundedPool(pool: Pool, { maxWaiting, connectTimeoutMs }: PostgresOptions): PostgresPool {
  const clients = new WeakMap<PoolClient, PostgresPoolClient>()
  const breaker = createBreaker({ pauseMs: BREAK_MS, nowMs: () => performance.now() })
  return {
    options: pool.options,
    connect: async () => {
      const refusal = breaker.refusal()
      if (refusal !== undefined) throw refusal
      if (pool.waitingCount >= maxWaiting)
        throw overloaded(`${maxWaiting} queries wait for a connection already`)
      try {
        const client = await pool.connect()
        const known = clients.get(client) ?? translated(client, breaker)
        clients.set(client, known)
        return known
      } catch (error) {
        if (error instanceof Error && error.message === 'timeout exceeded when trying to connect')
          throw overloaded(`no connection became free within ${connectTimeoutMs} ms`)
        const failure = postgresError(error)
        if (isStoreError(failure, 'db_unavailable')) breaker.failed(failure)
        throw failure
      }
    },
    end: async () => await pool.end(),
  }
}

/** A client that fails in our words, and that does not go back into the pool once its connection is in doubt. */
function translated(client: PoolClient, breaker: Breaker): PostgresPoolClient {
  let broken = false
  const query = async (sql: string, parameters: readonly unknown[]): Promise<QueryResult> => {
    try {
      const result = await client.query(sql, parameters.map(storable))
      breaker.worked()
      return result
    } catch (error) {
      const failure = postgresError(error)
      if (isStoreError(failure, 'db_unavailable')) broken = true
      // One that was cut off may come back at once; one that is silent will not.
      if (error instanceof Error && error.message === READ_TIMEOUT) breaker.failed(failure)
      throw failure
    }
  }
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || broken),
  }
}

function readInteger(text: string): bigint | number {
  return text.includes('.') || text === 'NaN' ? Number(text) : BigInt(text)
}

function ignoreSinceTheNextQueryFails(): void {}

function overloaded(why: string): Error {
  return storeError('db_overloaded', `The database is overloaded: ${why}. Try again later.`)
}
