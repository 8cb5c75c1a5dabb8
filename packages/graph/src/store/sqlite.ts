import { DatabaseSync } from 'node:sqlite'
import type { SQLOutputValue } from 'node:sqlite'
import { createBatch } from './batch.ts'
import type { PreparedPut, PreparedSearch, Shelf } from './batch.ts'
import { bestLikeness, byLikeness } from './embedding.ts'
import { meetsFilter } from './filter.ts'
import { afterPrefix, decodeNamespace, encodeNamespace, selectNamespaces } from './namespace.ts'
import { BaseStore } from './store.ts'
import type { Item, Operation, OperationResults, SearchItem, StoreOptions, StoreValue } from './store.ts'

/** How long a statement waits for another process that writes. */
const BUSY_WAIT_MS = 5_000

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS store_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    ttl_ms REAL,
    expires_at_ms REAL,
    UNIQUE (namespace, key)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS store_items_expiry ON store_items (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
  CREATE TABLE IF NOT EXISTS store_vectors (
    item_id INTEGER NOT NULL REFERENCES store_items (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (item_id, path)
  ) STRICT, WITHOUT ROWID;
`

const ALIVE = '(expires_at_ms IS NULL OR expires_at_ms > :now)'
const BELOW = "(:prefix = '' OR (namespace >= :prefix AND namespace < :after))"

type Row = Record<string, SQLOutputValue>

function itemOf(row: Row): Item {
  return {
    value: JSON.parse(String(row['value'])) as StoreValue,
    key: String(row['key']),
    namespace: decodeNamespace(String(row['namespace'])),
    createdAt: new Date(Number(row['created_at_ms'])),
    updatedAt: new Date(Number(row['updated_at_ms'])),
  }
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
}

function vectorOf(bytes: Uint8Array): Float32Array {
  // A copy, since the bytes may begin at an address that floats cannot.
  return new Float32Array(bytes.slice().buffer)
}

function createShelf(database: DatabaseSync, refresh: boolean): Shelf {
  const one = database.prepare(
    `SELECT * FROM store_items WHERE namespace = :namespace AND key = :key AND ${ALIVE}`,
  )
  const below = database.prepare(`SELECT * FROM store_items WHERE ${BELOW} AND ${ALIVE} ORDER BY id`)
  const vectors = database.prepare('SELECT vector FROM store_vectors WHERE item_id = ?')
  const touch = database.prepare(
    'UPDATE store_items SET expires_at_ms = :now + ttl_ms WHERE id = :id AND ttl_ms IS NOT NULL',
  )
  const namespaces = database.prepare(`SELECT DISTINCT namespace FROM store_items WHERE ${ALIVE}`)
  const remove = database.prepare('DELETE FROM store_items WHERE namespace = ? AND key = ?')
  const expire = database.prepare('DELETE FROM store_items WHERE expires_at_ms <= ?')
  const forget = database.prepare('DELETE FROM store_vectors WHERE item_id = ?')
  const remember = database.prepare('INSERT INTO store_vectors (item_id, path, vector) VALUES (?, ?, ?)')
  const keep = database.prepare(`
    INSERT INTO store_items (namespace, key, value, created_at_ms, updated_at_ms, ttl_ms, expires_at_ms)
    VALUES (:namespace, :key, :value, :now, :now, :ttl, :expires)
    ON CONFLICT (namespace, key) DO UPDATE SET
      value = :value, updated_at_ms = :now, ttl_ms = :ttl, expires_at_ms = :expires
    RETURNING id`)

  function refreshed(rows: readonly Row[], nowMs: number): void {
    if (!refresh) return
    for (const row of rows) if (row['ttl_ms'] !== null) touch.run({ now: nowMs, id: row['id'] ?? null })
  }

  function write(
    { namespace, key, value, ...put }: PreparedPut,
    text: string | undefined,
    nowMs: number,
  ): void {
    const place = encodeNamespace(namespace)
    if (value === null || text === undefined) {
      remove.run(place, key)
      return
    }
    const row = keep.get({
      namespace: place,
      key,
      value: text,
      now: nowMs,
      ttl: put.ttlMs ?? null,
      expires: put.expiresAtMs ?? null,
    })
    const id = row?.['id'] ?? null
    forget.run(id)
    for (const [path, vector] of put.vectors) remember.run(id, path, bytesOf(vector))
  }

  /** The rows that a search asks for, read no further than to the end of its page. */
  function page({ namespacePrefix, filter, limit, offset }: PreparedSearch, nowMs: number): Row[] {
    const rows: Row[] = []
    for (const row of matching(namespacePrefix, filter, nowMs)) {
      if (rows.length >= offset + limit) break
      rows.push(row)
    }
    return rows.slice(offset)
  }

  function* matching(
    prefix: readonly string[],
    filter: PreparedSearch['filter'],
    nowMs: number,
  ): Generator<Row> {
    const text = encodeNamespace(prefix)
    const everything = Object.keys(filter).length === 0
    for (const row of below.iterate({ prefix: text, after: afterPrefix(text), now: nowMs })) {
      if (everything || meetsFilter(JSON.parse(String(row['value'])) as StoreValue, filter)) yield row
    }
  }

  function alike(search: PreparedSearch, query: Float32Array, nowMs: number): { row: Row; score?: number }[] {
    const scored = [...matching(search.namespacePrefix, search.filter, nowMs)].map((row) => {
      const stored = vectors.all(row['id'] ?? null).map(({ vector }) => vectorOf(vector as Uint8Array))
      const score = bestLikeness(query, stored)
      return { row, ...(score === undefined ? {} : { score }) }
    })
    return scored.sort(byLikeness).slice(search.offset, search.offset + search.limit)
  }

  return {
    get({ namespace, key }, nowMs) {
      const row = one.get({ namespace: encodeNamespace(namespace), key, now: nowMs })
      if (row === undefined) return null
      refreshed([row], nowMs)
      return itemOf(row)
    },
    search(search, nowMs) {
      const found: { row: Row; score?: number }[] =
        search.vector === undefined
          ? page(search, nowMs).map((row) => ({ row }))
          : alike(search, search.vector, nowMs)
      refreshed(
        found.map(({ row }) => row),
        nowMs,
      )
      return found.map(({ row, score }): SearchItem => ({
        ...itemOf(row),
        ...(score === undefined ? {} : { score }),
      }))
    },
    listNamespaces(operation, nowMs) {
      const texts = namespaces.all({ now: nowMs }).map(({ namespace }) => String(namespace))
      return selectNamespaces(texts, operation)
    },
    write(puts, nowMs) {
      const texts = puts.map(({ value }) => (value === null ? undefined : JSON.stringify(value)))
      database.exec('BEGIN IMMEDIATE')
      try {
        expire.run(nowMs)
        for (const [index, put] of puts.entries()) write(put, texts[index], nowMs)
        database.exec('COMMIT')
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
  }
}

/**
 * A store in a SQLite file, through Node's own `node:sqlite`. Values are kept as JSON. Likeness is found by comparing
 * with every vector below the prefix, which is fast up to some ten thousand items.
 *
 * @example const store = SqliteStore.fromConnString('memory.db', { index: { dims: 1536, embed } })
 */
export class SqliteStore extends BaseStore {
  readonly #database: DatabaseSync
  readonly #batch: ReturnType<typeof createBatch>

  /** @param database a connection of one's own; `stop()` closes it. */
  constructor(database: DatabaseSync, options: StoreOptions = {}) {
    super()
    database.exec('PRAGMA foreign_keys = ON')
    database.exec(SCHEMA)
    this.#database = database
    this.#batch = createBatch(createShelf(database, options.ttl?.refreshOnRead ?? true), options)
  }

  /** @param file a path, or `:memory:` */
  static fromConnString(file: string, options: StoreOptions = {}): SqliteStore {
    const database = new DatabaseSync(file, { timeout: BUSY_WAIT_MS })
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    return new SqliteStore(database, options)
  }

  batch<const Operations extends readonly Operation[]>(
    operations: Operations,
  ): Promise<OperationResults<Operations>> {
    return this.#batch(operations)
  }

  override stop(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}
