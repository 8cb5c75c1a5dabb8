import { outliveConnections } from '../lost-connections.ts'
import { createBatch } from './batch.ts'
import type { PreparedPut, PreparedSearch, Shelf } from './batch.ts'
import { bestLikeness, byLikeness } from './embedding.ts'
import { equalities, meetsFilter } from './filter.ts'
import { afterPrefix, decodeNamespace, encodeNamespace, selectNamespaces } from './namespace.ts'
import { BaseStore } from './store.ts'
import type { Item, Operation, OperationResults, SearchItem, StoreOptions, StoreValue } from './store.ts'

/** The part of `pg`'s client and pool that is used. */
export interface SqlClient {
  query(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Record<string, unknown>[]; rowCount?: number | null }>
}
export interface SqlPool extends SqlClient {
  connect(): Promise<SqlClient & { release: (error?: Error | boolean) => void }>
  end(): Promise<void>
}

export interface PostgresStoreOptions extends StoreOptions {
  /** Schema of the tables. Made when it is not there. Default: `public`. */
  readonly schema?: string | undefined
  /** Whether likeness is found by the extension pgvector: `auto` (the default) when the server has it. */
  readonly pgvector?: 'auto' | false | undefined
  /** Without pgvector, how many vectors one search compares with, the newest first. Default: 10,000. */
  readonly scanLimit?: number | undefined
}

/** Two processes that set up the same schema at once take turns. */
const SETUP_LOCK = 0x5359_5354
/** Rows of one look into the table, while a filter is checked that the database cannot check. */
const PAGE = 500
const DEFAULT_SCAN_LIMIT = 10_000
/** pgvector's HNSW takes no longer vectors, and came with its version 0.5. */
const LONGEST_INDEXED = 2_000

const ALIVE = '(i.expires_at_ms IS NULL OR i.expires_at_ms > $1)'
const COLUMNS = 'i.id, i.namespace, i.key, i.value, i.created_at_ms, i.updated_at_ms, i.ttl_ms'

type Row = Record<string, unknown>

function itemOf(row: Row): Item {
  return {
    value: row['value'] as StoreValue,
    key: String(row['key']),
    namespace: decodeNamespace(String(row['namespace'])),
    createdAt: new Date(Number(row['created_at_ms'])),
    updatedAt: new Date(Number(row['updated_at_ms'])),
  }
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** @throws {TypeError} when the text has a NUL, which PostgreSQL cannot keep. */
function storable({ key, value }: PreparedPut): string {
  const text = JSON.stringify(value)
  if (!text.includes('\\u0000')) return text
  throw new TypeError(
    `store.put: the value of "${key}" has a NUL character in it, which PostgreSQL does not keep. Take it out.`,
  )
}

interface Tables {
  readonly items: string
  readonly vectors: string
}

async function hasPgvector(client: SqlClient): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT installed_version FROM pg_available_extensions WHERE name = 'vector'",
  )
  if (rows[0] === undefined) return false
  if (rows[0]['installed_version'] !== null) return true
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS vector')
    return true
  } catch {
    // The user may not create extensions: the store works without.
    return false
  }
}

/** Makes the tables where they are not, and says whether vectors are pgvector's. */
async function prepareTables(
  client: SqlClient,
  schema: string,
  { items, vectors }: Tables,
  options: PostgresStoreOptions,
): Promise<boolean> {
  const pgvector = options.index !== undefined && options.pgvector !== false && (await hasPgvector(client))
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`)
  await client.query(`
    CREATE TABLE IF NOT EXISTS ${items} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      namespace text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      value jsonb NOT NULL,
      created_at_ms bigint NOT NULL,
      updated_at_ms bigint NOT NULL,
      ttl_ms double precision,
      expires_at_ms double precision,
      UNIQUE (namespace, key)
    )`)
  await client.query(
    `CREATE INDEX IF NOT EXISTS store_items_expiry ON ${items} (expires_at_ms) WHERE expires_at_ms IS NOT NULL`,
  )
  const type = pgvector ? `vector(${Number(options.index?.dims)})` : 'real[]'
  await client.query(`
    CREATE TABLE IF NOT EXISTS ${vectors} (
      item_id bigint NOT NULL REFERENCES ${items} (id) ON DELETE CASCADE,
      path text NOT NULL,
      vector ${type} NOT NULL,
      PRIMARY KEY (item_id, path)
    )`)
  return vectorsArePgvectors(client, vectors, options)
}

/**
 * Whether the vectors of the table are pgvector's, with an index for them where the server can make one. The table
 * itself is asked, since an earlier start may have made it: without the extension, or for vectors of another length.
 *
 * @throws {TypeError} when it keeps vectors of another length than `index` has
 */
async function vectorsArePgvectors(
  client: SqlClient,
  vectors: string,
  { index }: PostgresStoreOptions,
): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attname = 'vector'`,
    [vectors],
  )
  const type = String(rows[0]?.['type'])
  if (!type.startsWith('vector')) return false
  if (index === undefined) return true
  if (type !== `vector(${index.dims})`) {
    throw new TypeError(
      `PostgresStore: the table ${vectors} keeps ${type}, the index has ${index.dims} dims. ` +
        'Use another `schema` for vectors of another model, or delete the table.',
    )
  }
  const indexes = await client.query("SELECT 1 FROM pg_am WHERE amname = 'hnsw'")
  if (index.dims <= LONGEST_INDEXED && indexes.rows.length > 0) {
    await client.query(
      `CREATE INDEX IF NOT EXISTS store_vectors_likeness ON ${vectors} USING hnsw (vector vector_cosine_ops)`,
    )
  }
  return true
}

/** A condition on namespaces below a prefix, whose values stand at `$n` and `$n+1`. */
function below(prefix: string, values: unknown[]): string {
  if (prefix === '') return 'true'
  values.push(prefix, afterPrefix(prefix))
  return `i.namespace >= $${values.length - 1} AND i.namespace < $${values.length}`
}

function createShelf(
  pool: SqlPool,
  { items, vectors }: Tables,
  pgvector: boolean,
  options: PostgresStoreOptions,
): Shelf {
  const refresh = options.ttl?.refreshOnRead ?? true
  const scanLimit = options.scanLimit ?? DEFAULT_SCAN_LIMIT

  async function refreshed(rows: readonly Row[], nowMs: number): Promise<void> {
    const ids = rows.filter(({ ttl_ms: ttl }) => ttl !== null).map(({ id }) => id)
    if (!refresh || ids.length === 0) return
    await pool.query(`UPDATE ${items} SET expires_at_ms = $1::float8 + ttl_ms WHERE id = ANY($2::bigint[])`, [
      nowMs,
      ids,
    ])
  }

  /** Where a search looks: what is alive, below its prefix and equal in what its filter says to be equal. */
  function place(search: PreparedSearch, nowMs: number): { where: string; values: unknown[] } {
    const values: unknown[] = [nowMs]
    const conditions = [ALIVE, below(encodeNamespace(search.namespacePrefix), values)]
    const equal = equalities(search.filter)
    if (Object.keys(equal).length > 0) {
      values.push(JSON.stringify(equal))
      conditions.push(`i.value @> $${values.length}::jsonb`)
    }
    return { where: conditions.join(' AND '), values }
  }

  async function page(search: PreparedSearch, nowMs: number): Promise<Row[]> {
    const { where, values } = place(search, nowMs)
    const found: Row[] = []
    const wanted = search.offset + search.limit
    let last: unknown = '0'
    while (found.length < wanted) {
      const { rows } = await pool.query(
        `SELECT ${COLUMNS} FROM ${items} i WHERE ${where} AND i.id > $${values.length + 1}
         ORDER BY i.id LIMIT ${PAGE}`,
        [...values, last],
      )
      found.push(...rows.filter(({ value }) => meetsFilter(value as StoreValue, search.filter)))
      if (rows.length < PAGE) break
      last = rows.at(-1)?.['id']
    }
    return found.slice(search.offset, wanted)
  }

  /** Items with their likeness, by pgvector: the nearest first, as many as could be needed. */
  async function nearest(search: PreparedSearch, vector: Float32Array, nowMs: number): Promise<Row[]> {
    const { where, values } = place(search, nowMs)
    const needed = Object.keys(search.filter).length === 0 ? search.offset + search.limit : scanLimit
    const { rows } = await pool.query(
      `SELECT ${COLUMNS}, 1 - min(v.vector <=> $${values.length + 1}::vector) AS score
       FROM ${items} i JOIN ${vectors} v ON v.item_id = i.id WHERE ${where}
       GROUP BY i.id ORDER BY score DESC, i.id LIMIT ${Number(needed)}`,
      [...values, JSON.stringify([...vector])],
    )
    return rows.map((row) => ({ ...row, score: Number(row['score']) }))
  }

  /** The same without pgvector: the newest vectors come here and are compared here. */
  async function scanned(search: PreparedSearch, vector: Float32Array, nowMs: number): Promise<Row[]> {
    const { where, values } = place(search, nowMs)
    const { rows } = await pool.query(
      `SELECT ${COLUMNS}, v.vector FROM ${items} i JOIN ${vectors} v ON v.item_id = i.id WHERE ${where}
       ORDER BY i.id DESC LIMIT ${Number(scanLimit)}`,
      values,
    )
    const byId = Map.groupBy(rows, ({ id }) => id)
    return [...byId.values()].toReversed().map((group) => {
      const stored = group.map((row) => Float32Array.from(row['vector'] as number[]))
      return { ...group[0], score: bestLikeness(vector, stored) }
    })
  }

  async function alike(search: PreparedSearch, vector: Float32Array, nowMs: number): Promise<Row[]> {
    const compared = pgvector ? await nearest(search, vector, nowMs) : await scanned(search, vector, nowMs)
    const found = compared.filter(({ value }) => meetsFilter(value as StoreValue, search.filter))
    const wanted = search.offset + search.limit
    const ordered = found.toSorted((left, right) =>
      byLikeness({ score: left['score'] as number }, { score: right['score'] as number }),
    )
    if (ordered.length < wanted) {
      const seen = new Set(ordered.map(({ id }) => id))
      const rest = await page({ ...search, offset: 0, limit: wanted + seen.size }, nowMs)
      ordered.push(...rest.filter(({ id }) => !seen.has(id)))
    }
    return ordered.slice(search.offset, wanted)
  }

  async function keep(client: SqlClient, put: PreparedPut, text: string, nowMs: number): Promise<void> {
    const { rows } = await client.query(
      `INSERT INTO ${items} (namespace, key, value, created_at_ms, updated_at_ms, ttl_ms, expires_at_ms)
       VALUES ($1, $2, $3::jsonb, $4::bigint, $4::bigint, $5, $6)
       ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value, updated_at_ms = excluded.updated_at_ms,
         ttl_ms = excluded.ttl_ms, expires_at_ms = excluded.expires_at_ms
       RETURNING id`,
      [encodeNamespace(put.namespace), put.key, text, nowMs, put.ttlMs ?? null, put.expiresAtMs ?? null],
    )
    const id = rows[0]?.['id']
    await client.query(`DELETE FROM ${vectors} WHERE item_id = $1`, [id])
    for (const [path, vector] of put.vectors) {
      await client.query(`INSERT INTO ${vectors} (item_id, path, vector) VALUES ($1, $2, $3)`, [
        id,
        path,
        pgvector ? JSON.stringify([...vector]) : [...vector],
      ])
    }
  }

  return {
    async get({ namespace, key }, nowMs) {
      const { rows } = await pool.query(
        `SELECT ${COLUMNS} FROM ${items} i WHERE ${ALIVE} AND i.namespace = $2 AND i.key = $3`,
        [nowMs, encodeNamespace(namespace), key],
      )
      if (rows[0] === undefined) return null
      await refreshed(rows, nowMs)
      return itemOf(rows[0])
    },
    async search(search, nowMs) {
      const rows =
        search.vector === undefined ? await page(search, nowMs) : await alike(search, search.vector, nowMs)
      await refreshed(rows, nowMs)
      return rows.map((row): SearchItem => {
        const score = row['score'] as number | undefined
        return { ...itemOf(row), ...(score === undefined ? {} : { score }) }
      })
    },
    async listNamespaces(operation, nowMs) {
      const { rows } = await pool.query(`SELECT DISTINCT i.namespace FROM ${items} i WHERE ${ALIVE}`, [nowMs])
      return selectNamespaces(
        rows.map(({ namespace }) => String(namespace)),
        operation,
      )
    },
    async write(puts, nowMs) {
      const ready = puts
        .map((put) => ({
          put,
          place: encodeNamespace(put.namespace),
          text: put.value === null ? null : storable(put),
        }))
        // The same order everywhere, so that two batches wait for each other instead of blocking each other.
        .sort((left, right) => (left.place + left.put.key < right.place + right.put.key ? -1 : 1))
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        for (const { put, place, text } of ready) {
          await client.query(
            `DELETE FROM ${items} WHERE namespace = $1 AND key = $2 AND ($3 OR expires_at_ms <= $4)`,
            [place, put.key, text === null, nowMs],
          )
          if (text !== null) await keep(client, put, text, nowMs)
        }
        await client.query('COMMIT')
        client.release()
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined)
        client.release(true)
        throw error
      }
    },
  }
}

/**
 * A store in PostgreSQL. Values are `jsonb`; likeness is found by pgvector where the server has it, else by comparing
 * with the newest `scanLimit` vectors below the prefix.
 *
 * @example
 * const store = await PostgresStore.fromConnString(process.env.DATABASE_URL, { index: { dims: 1536, embed } })
 */
export class PostgresStore extends BaseStore {
  readonly #pool: SqlPool
  readonly #options: PostgresStoreOptions
  readonly #tables: Tables
  #ready: Promise<ReturnType<typeof createBatch>> | undefined

  /** @param pool a `pg` pool of one's own; `stop()` ends it. */
  constructor(pool: SqlPool, options: PostgresStoreOptions = {}) {
    super()
    const schema = quoted(options.schema ?? 'public')
    this.#pool = pool
    this.#options = options
    this.#tables = { items: `${schema}.store_items`, vectors: `${schema}.store_vectors` }
  }

  /** Loads `pg`, which must be installed. */
  static async fromConnString(url: string, options: PostgresStoreOptions = {}): Promise<PostgresStore> {
    const { default: pg } = await import('pg').catch((cause: unknown) => {
      throw new Error('PostgresStore needs the package `pg`: npm install pg', { cause })
    })
    return new PostgresStore(outliveConnections(new pg.Pool({ connectionString: url })), options)
  }

  /** Makes the tables. Done by itself at the first use; call it to learn early that it cannot be done. */
  async setup(): Promise<void> {
    await this.#prepared()
  }

  #prepared(): Promise<ReturnType<typeof createBatch>> {
    this.#ready ??= this.#prepare().catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }

  async #prepare(): Promise<ReturnType<typeof createBatch>> {
    const client = await this.#pool.connect()
    try {
      await client.query('SELECT pg_advisory_lock($1)', [SETUP_LOCK])
      try {
        const schema = this.#options.schema ?? 'public'
        const pgvector = await prepareTables(client, schema, this.#tables, this.#options)
        return createBatch(createShelf(this.#pool, this.#tables, pgvector, this.#options), this.#options)
      } finally {
        await client.query('SELECT pg_advisory_unlock($1)', [SETUP_LOCK])
      }
    } finally {
      client.release()
    }
  }

  async batch<const Operations extends readonly Operation[]>(
    operations: Operations,
  ): Promise<OperationResults<Operations>> {
    const batch = await this.#prepared()
    return batch(operations)
  }

  /** Deletes items whose time is over, and says how many there were. They are never answered anyway. */
  async sweepExpired(): Promise<number> {
    await this.#prepared()
    const nowMs = (this.#options.nowMs ?? Date.now)()
    const { rowCount } = await this.#pool.query(
      `DELETE FROM ${this.#tables.items} WHERE expires_at_ms <= $1`,
      [nowMs],
    )
    return rowCount ?? 0
  }

  override async stop(): Promise<void> {
    await this.#pool.end()
  }
}
